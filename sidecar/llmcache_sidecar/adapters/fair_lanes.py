"""Items that wait, a lane for each owner: who brings much waits behind their own."""

from __future__ import annotations

from collections import OrderedDict, deque
from itertools import islice
from typing import Generic, TypeVar

_T = TypeVar("_T")


class FairLanes(Generic[_T]):
    """Taken in turns from every owner's lane; under pressure the longest lane gives way.

    With one owner it is a plain queue. No clock, no waiting: whoever uses it sets the bounds.

    Attributes:
        bytes: of everything that waits, or whatever else sizes are given in.
    """

    def __init__(self) -> None:
        self._lanes: OrderedDict[str, deque[tuple[_T, int]]] = OrderedDict()
        self._sizes: dict[str, int] = {}
        self._count = 0
        self.bytes = 0

    def __len__(self) -> int:
        return self._count

    def put(self, owner: str, item: _T, nbytes: int) -> None:
        """At the end of its owner's lane."""
        self._lanes.setdefault(owner, deque()).append((item, nbytes))
        self._sizes[owner] = self._sizes.get(owner, 0) + nbytes
        self._count += 1
        self.bytes += nbytes

    def peek(self) -> int:
        """The size of what `take` would give; only when something waits."""
        return next(iter(self._lanes.values()))[0][1]

    def take(self) -> tuple[_T, int]:
        """The oldest item of the owner whose turn it is; only when something waits."""
        owner, lane = next(iter(self._lanes.items()))
        item, nbytes = lane.popleft()
        self._taken(owner, nbytes)
        if lane:
            self._lanes.move_to_end(owner)
        return item, nbytes

    def before(self, owner: str) -> int:
        """The sizes of everything that would be taken before one more item of `owner`."""
        turns = len(self._lanes.get(owner, ())) + 1
        return self._sizes.get(owner, 0) + sum(
            nbytes
            for other, lane in self._lanes.items()
            if other != owner
            for _, nbytes in islice(lane, turns)
        )

    def shed(self, owner: str) -> _T | None:
        """Take out the newest item of the owner who has most, where that is more than `owner` would
        have with one more; None where nobody has."""
        if not self._lanes:
            return None
        longest = max(self._lanes, key=lambda each: len(self._lanes[each]))
        if len(self._lanes[longest]) <= len(self._lanes.get(owner, ())) + 1:
            return None
        return self._drop_newest(longest)[0]

    def discard(self, owner: str, item: _T) -> bool:
        """Take `item` out, wherever it waits in its owner's lane; whether it was there."""
        for place, (each, nbytes) in enumerate(self._lanes.get(owner, ())):
            if each is item:
                del self._lanes[owner][place]
                self._taken(owner, nbytes)
                return True
        return False

    def make_room(self, owner: str, nbytes: int) -> int:
        """Drop the newest item of the longest lane, where that is longer than `owner`'s would be with
        `nbytes` more; the bytes that were freed, 0 where nobody has more than their share."""
        if not self._sizes:
            return 0
        longest = max(self._sizes, key=self._sizes.__getitem__)
        if longest == owner or self._sizes[longest] <= self._sizes.get(owner, 0) + nbytes:
            return 0
        return self._drop_newest(longest)[1]

    def clear(self) -> None:
        """Drop everything."""
        self._lanes.clear()
        self._sizes.clear()
        self._count = self.bytes = 0

    def _drop_newest(self, owner: str) -> tuple[_T, int]:
        item, nbytes = self._lanes[owner].pop()
        self._taken(owner, nbytes)
        return item, nbytes

    def _taken(self, owner: str, nbytes: int) -> None:
        self._count -= 1
        self.bytes -= nbytes
        self._sizes[owner] -= nbytes
        if not self._lanes[owner]:
            del self._lanes[owner], self._sizes[owner]
