"""How long a replica waits for what another one computes."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace

from llmcache_sidecar.adapters.memory_leases import MemoryLeases
from llmcache_sidecar.apis.registry import DIALECTS
from llmcache_sidecar.domain.api import Api
from llmcache_sidecar.domain.entry import Entry
from llmcache_sidecar.domain.ids import EntryId, ExactKey
from llmcache_sidecar.pipeline.engine.elsewhere import Elsewhere
from llmcache_sidecar.pipeline.engine.flight import Flight
from llmcache_sidecar.ports.exact_store import StoreError
from llmcache_sidecar.telemetry.account import Account

from .answers import CHAT, stripped
from .engine import ScriptedEngine
from .running import HandClock, Start, eventually

KEY = ExactKey(b"k" * 32)


class Store:
    """Holds the answer, or does not yet."""

    def __init__(self) -> None:
        self.there = False
        self.looks = 0

    async def look(self) -> bool:
        self.looks += 1
        return self.there


def a_replica(leases: MemoryLeases | None, wait_s: float = 30.0) -> tuple[Elsewhere, Account]:
    account = Account()
    tokens = itertools.count()
    return Elsewhere(leases, wait_s, account, lambda: f"{id(account)}-{next(tokens)}"), account


async def test_whoever_comes_first_goes_and_the_other_waits_for_the_entry() -> None:
    leases, store = MemoryLeases(), Store()
    (one, _), (other, account) = a_replica(leases), a_replica(leases)
    assert not await one.came(KEY, store.look)
    waits = [asyncio.create_task(other.came(KEY, store.look)) for _ in range(5)]
    while not store.looks:
        await asyncio.sleep(0.01)
    store.there = True
    assert all(await asyncio.gather(*waits))
    assert account.totals.events == {
        "waited_for_another_replica": 1,
        "answered_by_another_replica": 1,
    }
    await one.aclose()
    await other.aclose()


async def test_a_lease_that_ends_without_an_entry_ends_the_wait() -> None:
    clock, store = HandClock(), Store()
    leases = MemoryLeases(clock)
    assert await leases.take(KEY, "of somebody who is gone", 2.0)
    other, _ = a_replica(leases)
    waits = asyncio.create_task(other.came(KEY, store.look))
    while not store.looks:
        await asyncio.sleep(0.01)
    clock.pass_by(2.0)
    assert not await waits


async def test_a_wait_ends_at_its_deadline() -> None:
    leases, store = MemoryLeases(), Store()
    assert await leases.take(KEY, "of somebody who takes for ever", 3600.0)
    other, _ = a_replica(leases, 0.1)
    assert not await other.came(KEY, store.look)


async def test_a_longest_wait_that_is_changed_holds_from_the_next_request_on() -> None:
    leases, store = MemoryLeases(), Store()
    assert await leases.take(KEY, "of somebody who takes for ever", 3600.0)
    other, _ = a_replica(leases, 0.0)
    assert not await other.came(KEY, store.look)
    other.wait_s = 3600.0
    wait = asyncio.create_task(other.came(KEY, store.look))
    while not store.looks:
        await asyncio.sleep(0.01)
    store.there = True
    assert await wait


async def test_a_stale_answer_ends_no_wait_and_hides_no_fresh_one(
    start: Start, engine: ScriptedEngine, clock: HandClock
) -> None:
    running = await start(
        clock=clock, responseCache={"exact": {"ttl": "60s", "staleIfError": "60s"}}
    )
    sidecar, leases = running.sidecar, MemoryLeases()
    miss = await running.ask(CHAT.request())
    (meta,) = [meta async for meta in sidecar.stores.reader.scan()]
    entry = await sidecar.stores.reader.get(meta.key)
    assert entry is not None
    clock.pass_by(90)
    sidecar._elsewhere._guarded, sidecar._elsewhere.wait_s = leases, 30.0
    assert await leases.take(meta.key, "another's", 3600.0)
    asking = asyncio.create_task(running.ask(CHAT.request()))
    await eventually(lambda: running.totals.events.get("waited_for_another_replica"))
    await asyncio.sleep(0.2)
    assert not asking.done()
    now = clock.time()
    fresh = replace(entry.meta, id=EntryId("f" * 32), created_at=now, expires_at=now + 120)
    await sidecar.stores.reader.put(Entry(fresh, entry.body))
    reply = await asking
    assert (reply.cache, reply.headers["Age"]) == ("llmcache; hit; ttl=60; detail=exact", "0")
    assert stripped(reply.json()) == stripped(miss.json())
    assert engine.times() == 1


async def test_who_leaves_ends_no_one_elses_wait() -> None:
    leases, store = MemoryLeases(), Store()
    assert await leases.take(KEY, "another's", 3600.0)
    other, _ = a_replica(leases)
    leaver, stayer = (asyncio.create_task(other.came(KEY, store.look)) for _ in range(2))
    while not store.looks:
        await asyncio.sleep(0.01)
    leaver.cancel()
    await asyncio.gather(leaver, return_exceptions=True)
    store.there = True
    assert await stayer


async def test_a_replica_that_is_alone_or_told_not_to_waits_for_nobody() -> None:
    leases, store = MemoryLeases(), Store()
    assert await leases.take(KEY, "another's", 3600.0)
    for alone, _ in (a_replica(None), a_replica(leases, 0.0)):
        assert not await alone.came(KEY, store.look)
    assert not store.looks


def a_flight() -> Flight:
    """One that has not landed."""
    return Flight(DIALECTS[Api.CHAT], False, 1, 1_000, None, HandClock().monotonic, lambda _: None)


class LateOnce(MemoryLeases):
    """The first renewal comes too late to be known of."""

    def __init__(self) -> None:
        super().__init__()
        self.renewals = 0

    async def renew(self, key: ExactKey, token: str, seconds: float) -> bool:
        self.renewals += 1
        if self.renewals == 1:
            raise StoreError("late")
        return await super().renew(key, token, seconds)


async def test_one_late_renewal_does_not_end_the_lease() -> None:
    leases, store = LateOnce(), Store()
    one, _ = a_replica(leases)
    assert not await one.came(KEY, store.look)
    one.lead(KEY, a_flight())
    async with asyncio.timeout(5.0):
        while leases.renewals < 3:
            assert await leases.held(KEY)
            await asyncio.sleep(0.01)
    assert await leases.held(KEY)
    await one.aclose()
    assert not await leases.held(KEY)


async def test_a_second_flight_on_a_key_leaves_the_lease_of_the_first_known() -> None:
    leases, store = MemoryLeases(), Store()
    one, account = a_replica(leases, 0.2)
    assert not await one.came(KEY, store.look)
    one.lead(KEY, a_flight())
    await asyncio.sleep(0)
    one.lead(KEY, a_flight())
    await asyncio.sleep(0.05)
    assert not await one.came(KEY, store.look), "it is ours: nothing is to be waited for"
    assert not account.totals.events
    await one.aclose()
