"""A memory store that can be made to misbehave in every way that the port forbids or allows."""

from __future__ import annotations

import asyncio

from llmcache_sidecar.adapters.memory_store import MemoryStore
from llmcache_sidecar.domain.entry import Entry
from llmcache_sidecar.domain.ids import ExactKey
from llmcache_sidecar.ports.clock import Clock
from llmcache_sidecar.ports.exact_store import StoreError


class FaultyStore(MemoryStore):
    """Raises `trouble`, hangs or takes `delay_s` until told otherwise."""

    def __init__(self, max_bytes: int = 1 << 30, clock: Clock | None = None) -> None:
        super().__init__(max_bytes, clock)
        self.trouble: BaseException | None = None
        self.hanging = False
        self.delay_s = 0.0
        self.calls = 0
        self.batches: list[int] = []
        self.closed = False

    async def get(self, key: ExactKey) -> Entry | None:
        await self._misbehave()
        return self.get_now(key)

    async def put(self, entry: Entry) -> bool:
        await self._misbehave()
        return self.put_now(entry)

    async def put_many(self, entries: list[Entry]) -> int:
        self.batches.append(len(entries))
        await self._misbehave()
        return sum(map(self.put_now, entries))

    async def check(self) -> None:
        await self._misbehave()

    async def aclose(self) -> None:
        self.closed = True

    async def _misbehave(self) -> None:
        self.calls += 1
        if self.hanging:
            await asyncio.sleep(3600)
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        if self.trouble is not None:
            raise self.trouble


def refused() -> StoreError:
    return StoreError("connection refused")
