"""From what a pass saw, and what the sidecars said, to the status."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from ..domain import LLMCache, Observed, SidecarReport
from ..rendering import Rendering
from ..status import Ledger, previous_of, summarize
from .caches import Seen
from .reconciling import Told


class SummingUp:
    """Calls `summarize`, and keeps each resource's ledger between passes: a status that only brings
    figures is written now and then, and the ledger in it is older than what was read.

    Args:
        heard: the last reports of a resource's sidecars, by its uid.
    """

    def __init__(self, heard: Callable[[str], Sequence[SidecarReport]] = lambda uid: ()) -> None:
        self._heard = heard
        self._ledgers: dict[str, Ledger] = {}

    def __call__(
        self, cache: LLMCache, rendering: Rendering, observed: Observed, seen: Seen, now: datetime
    ) -> Told:
        """The whole status, and the Events that tell of changes."""
        summary = summarize(
            cache,
            rendering,
            observed,
            self._heard(cache.uid),
            previous_of(seen.status),
            now,
            self._ledgers.get(cache.uid),
        )
        self._ledgers[cache.uid] = summary.ledger
        status = summary.status.model_dump(mode="json", by_alias=True, exclude_none=True)
        return Told(status, summary.events)

    def keep(self, living: frozenset[str]) -> None:
        """Forget resources that are gone."""
        self._ledgers = {uid: one for uid, one in self._ledgers.items() if uid in living}
