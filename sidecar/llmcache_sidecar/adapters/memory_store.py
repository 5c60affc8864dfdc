"""Entries in this process, for a laptop, a single replica or a test."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from heapq import heapify, heappop, heappush
from typing import Final

from ..domain.entry import Entry, EntryMeta
from ..domain.ids import EntryId, ExactKey
from ..ports.clock import Clock, SystemClock
from .footprint import footprint

# The places in three indexes and the holder itself, as measured (test_memory_accounting.py).
_OVERHEAD: Final = 400
_SWEEP: Final = 4
_SCAN_PAGE: Final = 256


class _Held:
    __slots__ = ("entry", "expires_at", "nbytes")

    def __init__(self, entry: Entry, nbytes: int) -> None:
        self.entry = entry
        self.expires_at = entry.meta.expires_at
        self.nbytes = nbytes


class MemoryStore:
    """An `ExactStore` bounded in bytes: the least recently used entry leaves first.

    The synchronous variants (`get_now`, `put_now`, ...) are the store; the port's coroutines call
    them. Expired entries are removed when asked for and a few with every put, so that a store that
    is written to can't fill up with them. One event loop only: nothing here is locked.

    Attributes:
        max_bytes: the bound, over bodies, metadata and the store's own bookkeeping.
        bytes: the sum now.
    """

    def __init__(self, max_bytes: int, clock: Clock | None = None) -> None:
        self.max_bytes = max_bytes
        self.bytes = 0
        self._time = (clock or SystemClock()).time
        self._held: OrderedDict[ExactKey, _Held] = OrderedDict()
        self._keys: dict[EntryId, ExactKey] = {}
        self._expiries: list[tuple[float, ExactKey]] = []

    def __len__(self) -> int:
        return len(self._held)

    def rebound(self, max_bytes: int) -> None:
        """Another bound from now on; what no longer fits leaves at once."""
        self.max_bytes = max_bytes
        self._make_room()

    def get_now(self, key: ExactKey) -> Entry | None:
        """The entry under `key`, or None when there is none or it has expired."""
        held = self._held.get(key)
        if held is None:
            return None
        if held.expires_at <= self._time():
            self._remove(key, held)
            return None
        self._held.move_to_end(key)
        return held.entry

    def put_now(self, entry: Entry) -> bool:
        """Store, and make room; False when the entry is larger than the bound or has expired."""
        now = self._time()
        self._sweep(now)
        meta = entry.meta
        nbytes = footprint(entry) + _OVERHEAD
        if nbytes > self.max_bytes or meta.expires_at <= now:
            return False
        key = meta.key
        if (old := self._held.get(key)) is not None:
            self._remove(key, old)
        self.bytes += nbytes
        self._make_room()
        self._held[key] = _Held(entry, nbytes)
        self._keys[meta.id] = key
        heappush(self._expiries, (meta.expires_at, key))
        return True

    def delete_now(self, key: ExactKey, only: EntryId | None = None) -> bool:
        """Remove what is under `key`, with `only` if it is that entry; whether it was there."""
        held = self._held.get(key)
        if held is None or (only is not None and held.entry.meta.id != only):
            return False
        self._remove(key, held)
        return held.expires_at > self._time()

    def find_now(self, entry_id: EntryId) -> EntryMeta | None:
        """The metadata of the entry with this id."""
        key = self._keys.get(entry_id)
        if key is None:
            return None
        meta = self._held[key].entry.meta
        return meta if meta.expires_at > self._time() else None

    async def get(self, key: ExactKey) -> Entry | None:
        """See `ExactStore`."""
        return self.get_now(key)

    async def put(self, entry: Entry) -> bool:
        """See `ExactStore`."""
        return self.put_now(entry)

    async def put_many(self, entries: list[Entry]) -> int:
        """See `ExactStore`."""
        return sum(map(self.put_now, entries))

    async def delete(self, key: ExactKey, only: EntryId | None = None) -> bool:
        """See `ExactStore`."""
        return self.delete_now(key, only)

    async def find(self, entry_id: EntryId) -> EntryMeta | None:
        """See `ExactStore`."""
        return self.find_now(entry_id)

    async def scan(self) -> AsyncIterator[EntryMeta]:
        """See `ExactStore`; lets others run between pages."""
        metas = [held.entry.meta for held in self._held.values()]
        for start in range(0, len(metas), _SCAN_PAGE):
            now = self._time()
            for meta in metas[start : start + _SCAN_PAGE]:
                if meta.expires_at > now and self._keys.get(meta.id) == meta.key:
                    yield meta
            await asyncio.sleep(0)

    async def check(self) -> None:
        """Always well."""

    async def aclose(self) -> None:
        """Nothing to release."""

    def _remove(self, key: ExactKey, held: _Held) -> None:
        del self._held[key]
        self._keys.pop(held.entry.meta.id, None)
        self.bytes -= held.nbytes

    def _make_room(self) -> None:
        while self.bytes > self.max_bytes:
            oldest = next(iter(self._held))
            self._remove(oldest, self._held[oldest])

    def _sweep(self, now: float) -> None:
        """Remove a few that have expired, and the heap's dead items once they are the most."""
        expiries = self._expiries
        for _ in range(_SWEEP):
            if not expiries or expiries[0][0] > now:
                break
            _, key = heappop(expiries)
            held = self._held.get(key)
            if held is not None and held.expires_at <= now:
                self._remove(key, held)
        if len(expiries) > 2 * len(self._held) + _SCAN_PAGE:
            expiries[:] = [(held.expires_at, key) for key, held in self._held.items()]
            heapify(expiries)
