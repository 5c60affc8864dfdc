"""A model that changed while the log could not be written is purged at last."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from llmcache_sidecar.adapters.first_level import FirstLevel
from llmcache_sidecar.adapters.memory_purge_log import MemoryPurgeLog
from llmcache_sidecar.adapters.memory_store import MemoryStore
from llmcache_sidecar.domain.entry import Entry, EntryMeta
from llmcache_sidecar.domain.purge import LogPosition, Purge, PurgeRecord, PurgeScope
from llmcache_sidecar.pipeline.stored import purges as module
from llmcache_sidecar.pipeline.stored.purges import Purges
from llmcache_sidecar.ports.clock import SystemClock
from tests.sidecar.stores.making import an_entry

MODEL = "an/adapter"


class Store(MemoryStore):
    """A sweep of it waits for a sign, and others store in it meanwhile."""

    def __init__(self) -> None:
        super().__init__(1 << 20)
        self.sweeps = 0
        self.go = asyncio.Event()

    async def scan(self) -> AsyncIterator[EntryMeta]:
        self.sweeps += 1
        await self.go.wait()
        async for meta in super().scan():
            yield meta


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for a purge to be tried again."""
    monkeypatch.setattr(module, "_REPEAT_S", (0.01, 0.05))


def purges_of(log: MemoryPurgeLog, store: Store) -> Purges:
    return Purges(
        log,
        store,
        FirstLevel(1 << 20),
        SystemClock(),
        shared=True,
        longest_life=lambda: 3600.0,
        patience=lambda: 0.05,
    )


async def records(log: MemoryPurgeLog) -> list[PurgeRecord]:
    return list((await log.read(LogPosition())).records)


async def swept(store: Store, times: int) -> None:
    async with asyncio.timeout(5):
        while store.sweeps < times:
            await asyncio.sleep(0.005)


async def test_its_sweep_keeps_what_others_stored_after_it() -> None:
    log, store = MemoryPurgeLog(), Store()
    purges = purges_of(log, store)
    await purges.read_once()
    before = an_entry(model=MODEL, position=purges.position)
    await store.put(before)
    owed = asyncio.create_task(purges.purge_model_at_last(MODEL))
    await swept(store, 1)
    (record,) = await records(log)
    after: Entry = an_entry(model=MODEL, position=record.position)
    await store.put(after)
    assert purges.is_dead(after.meta), "not served here until it is over"
    store.go.set()
    async with asyncio.timeout(5):
        await owed

    assert await store.get(before.meta.key) is None
    assert await store.get(after.meta.key) == after
    assert not purges.is_dead(after.meta)


async def test_a_change_during_the_sweep_is_owed_again() -> None:
    """What was answered between the two purges is void as well."""
    log, store = MemoryPurgeLog(), Store()
    purges = purges_of(log, store)
    await purges.read_once()
    owed = asyncio.create_task(purges.purge_model_at_last(MODEL))
    await swept(store, 1)
    (record,) = await records(log)
    between = an_entry(model=MODEL, position=record.position)
    await store.put(between)
    async with asyncio.timeout(5):
        await purges.purge_model_at_last(MODEL)
        store.go.set()
        await owed

    assert [one.purge for one in await records(log)] == [Purge(PurgeScope.MODEL, MODEL)] * 2
    assert purges.is_dead(between.meta)
    assert await store.get(between.meta.key) is None
