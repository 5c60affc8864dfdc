"""How many texts a server may have in hand, learnt from how long they took."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import ceil, inf
from typing import Final

_KEPT: Final = 4
"""One part in so many of what may be under way is kept from each owner, for the others."""

_LESS: Final = 0.75
"""What is left of the limit at least after a text that took too long: more where that was little."""

_QUICK: Final = 0.5
"""Part of the time that a text should take: where texts are so quick, what lowered the limit is over."""

_BY_ITSELF: Final = 1.5
"""Times the quickest: what takes no longer does not wait for other texts but for the server."""

_FORGETTING: Final = 1.01
"""By how much the quickest grows with each text that began alone: a server that has become slower is
seen as such after some hundred."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A text that is under way.

    Attributes:
        began: monotonic seconds.
        under_way: texts, this one included, when it began.
        last: none of its owner may begin beside it.
    """

    owner: str
    began: float
    under_way: int
    last: bool


class InFlight:
    """Keeps a server's queue short, so that what it is sent is done in time: a text that would wait
    for too many others is not sent, which costs no vectors, since the server is busy all the same.

    Texts that took too long while others were under way lower the limit, in-time ones beside which no
    other could begin raise it again: by one each while they are quick, else by one for about as many as
    may be under way. A server that is slow by itself, or works on many at once, is not held back.

    Args:
        most: texts under way at any time; three quarters of them, and of the present limit, for one
            owner.
        in_time_s: seconds that a text should take at most.

    Attributes:
        under_way: texts now.
    """

    def __init__(self, most: int, in_time_s: float) -> None:
        self._most = most
        self._in_time = in_time_s
        self._limit = float(most)
        self._lowered = -inf  # when; of what began before nothing more is learnt
        self._quickest = inf
        self._of: Counter[str] = Counter()
        self.under_way = 0

    @property
    def limit(self) -> int:
        """Texts that may be under way now; at least 1."""
        return max(1, int(self._limit))

    def enter(self, owner: str, now: float) -> Slot | None:
        """Begin one; None where too many are under way."""
        share = max(1, ceil(self.limit * (_KEPT - 1) / _KEPT))
        own = self._of[owner]
        if self.under_way >= self.limit or own >= share:
            return None
        self._of[owner] += 1
        self.under_way += 1
        last = self.under_way >= self.limit or own + 1 >= share
        return Slot(owner, now, self.under_way, last)

    def leave(self, slot: Slot) -> None:
        """It is not under way any more. Once for each slot."""
        self.under_way -= 1
        self._of[slot.owner] -= 1
        if not self._of[slot.owner]:
            del self._of[slot.owner]

    def took(self, slot: Slot, now: float) -> None:
        """Learn from one that ended now, by an answer or by its deadline."""
        seconds = now - slot.began
        waited = seconds > _BY_ITSELF * self._quickest
        growth = _FORGETTING if slot.under_way == 1 else 1.0
        self._quickest = min(seconds, self._quickest * growth)
        if seconds <= self._in_time or not waited:
            if slot.last and self._limit < self._most:
                more = 1.0 if seconds <= _QUICK * self._in_time else 1 / self.limit
                self._limit = min(float(self._most), self._limit + more)
        elif slot.began >= self._lowered:
            less = max(_LESS, self._in_time / seconds)
            self._limit = max(1.0, min(self._limit, slot.under_way) * less)
            self._lowered = now
