"""The first level: what this process has just served, ready to be served again."""

from __future__ import annotations

from collections import OrderedDict
from math import inf
from typing import Any, Final

from ..domain.entry import Entry, EntryMeta
from ..domain.ids import EntryId, ExactKey
from .footprint import footprint

# A slot, its renditions' dict and its place in the index, as measured (test_memory_accounting.py).
_OVERHEAD: Final = 400
_RENDITION: Final = 240


class Slot:
    """One entry and what was prepared from it.

    Attributes:
        admitted: the caller's: the version of the policy that let it in.
        longest: the caller's: for how many seconds that policy lets it be served; None where nothing
            shortens its life.
        judged: the caller's: the `PurgeIndex.version` at which the entry was last found alive.
        held: False once the slot left the first level (or never fitted in). It may still be served.
        nbytes: what it is accounted for.
        put_at: monotonic seconds.
    """

    __slots__ = (
        "_renditions", "admitted", "entry", "held", "judged", "longest", "meta", "nbytes", "put_at",
    )  # fmt: skip

    def __init__(self, entry: Entry, nbytes: int, put_at: float) -> None:
        self.meta: EntryMeta = entry.meta
        self.entry = entry
        self.judged = -1
        self.admitted = ""
        self.longest: float | None = None
        self.held = False
        self.nbytes = nbytes
        self.put_at = put_at
        self._renditions: dict[object, Any] = {}

    def rendition(self, name: object) -> Any | None:
        """What was added under `name`, or None."""
        return self._renditions.get(name)


class FirstLevel:
    """A least-recently-used cache bounded in bytes, in front of the store.

    It judges age only by how long a slot has been here; lifetimes and purges are the caller's to
    check on every get (`EntryMeta.created_at`, `PurgeIndex`).

    Attributes:
        max_bytes: the bound, over bodies, metadata, renditions and bookkeeping.
        bytes: the sum now.
    """

    __slots__ = ("_max_age", "_slots", "bytes", "max_bytes")

    def __init__(self, max_bytes: int, max_age_s: float | None = None) -> None:
        """Start empty.

        Args:
            max_age_s: seconds that a slot may serve without being read again from the store. None
                (default) is for a first level that has no shared store behind it; 10 is right with
                one, so that what another replica replaced or removed is noticed. At 0 every answer
                is read from the store, and only its renditions come from here.
        """
        self.max_bytes = max_bytes
        self.bytes = 0
        self._max_age = inf if max_age_s is None else max_age_s
        self._slots: OrderedDict[ExactKey, Slot] = OrderedDict()

    def __len__(self) -> int:
        return len(self._slots)

    @property
    def serves(self) -> bool:
        """Whether any slot may serve without being read again."""
        return len(self._slots) > 0 and self._max_age > 0

    def rebound(self, max_bytes: int, max_age_s: float | None) -> None:
        """Other bounds from now on; what no longer fits leaves at once."""
        self.max_bytes = max_bytes
        self._max_age = inf if max_age_s is None else max_age_s
        self._make_room()

    def get(self, key: ExactKey, now: float) -> Slot | None:
        """The slot under `key`, unless it has been here too long by `now` (monotonic seconds)."""
        slot = self._slots.get(key)
        if slot is None or now - slot.put_at >= self._max_age:
            return None
        self._slots.move_to_end(key)
        return slot

    def under(self, key: ExactKey) -> EntryId | None:
        """The entry under `key`, even where it has been here too long to serve."""
        slot = self._slots.get(key)
        return None if slot is None else slot.meta.id

    def put(self, entry: Entry, now: float) -> Slot:
        """Hold `entry` in place of what is under its key. Renditions stay where it is the same one,
        read again.

        One that is larger than the bound comes back in a slot that is not held.
        """
        key = entry.meta.key
        slot = Slot(entry, footprint(entry) + _OVERHEAD, now)
        if (old := self._slots.get(key)) is not None:
            self._remove(key, old)
            if old.entry == entry:
                slot.nbytes = old.nbytes
                slot._renditions = old._renditions
        if slot.nbytes <= self.max_bytes:
            slot.held = True
            self._slots[key] = slot
            self.bytes += slot.nbytes
            self._make_room()
        return slot

    def add_rendition(self, slot: Slot, name: object, value: object, nbytes: int) -> bool:
        """Keep `value`, of `nbytes` bytes, with the slot; the first value under a name stays.

        Returns:
            False when it was not kept: the slot has left, or the two together exceed the bound.
        """
        if name in slot._renditions:
            return True
        cost = nbytes + _RENDITION
        if not slot.held or slot.nbytes + cost > self.max_bytes:
            return False
        slot._renditions[name] = value
        self._slots.move_to_end(slot.meta.key)
        slot.nbytes += cost
        self.bytes += cost
        self._make_room()
        return True

    def drop(self, key: ExactKey, only: EntryId | None = None) -> bool:
        """Remove what is under `key`, with `only` if it is that entry; whether it was there."""
        slot = self._slots.get(key)
        if slot is None or (only is not None and slot.meta.id != only):
            return False
        self._remove(key, slot)
        return True

    def clear(self) -> None:
        """Forget everything."""
        for slot in self._slots.values():
            slot.held = False
        self._slots.clear()
        self.bytes = 0

    def _remove(self, key: ExactKey, slot: Slot) -> None:
        del self._slots[key]
        slot.held = False
        self.bytes -= slot.nbytes

    def _make_room(self) -> None:
        while self.bytes > self.max_bytes:
            key = next(iter(self._slots))
            self._remove(key, self._slots[key])
