"""How long a replica may trust what it knows of the purge log."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Freshness:
    """The contact rule: a purge is seen everywhere within `limit_s` or not served around.

    A replica that has not read the log for longer than that may miss a purge, so entries that it
    holds itself are out of service. They return with the next good reading: that one covers all
    that was missed, or raises the index's floor or generation where it can't.

    Attributes:
        limit_s: seconds without a good reading that are tolerated. Default 1.
        read_at: monotonic seconds at which the newest good reading was asked for (not answered: a
            purge written while the answer travelled is not in it). None before the first.
    """

    limit_s: float = 1.0
    read_at: float | None = None

    def succeeded(self, asked_at: float) -> Freshness:
        """After a good reading that was asked for at `asked_at`, in monotonic seconds."""
        if self.read_at is not None and asked_at <= self.read_at:
            return self
        return replace(self, read_at=asked_at)

    def holds(self, now: float) -> bool:
        """Whether entries of the first level may be served at `now`, in monotonic seconds."""
        return self.read_at is not None and now - self.read_at <= self.limit_s
