"""Whatever the store does, a get ends in time and never raises."""

from __future__ import annotations

import asyncio
import time

import pytest

from llmcache_sidecar.adapters.breaker import Breaker, BreakerSettings, BreakerState
from llmcache_sidecar.adapters.guarded import GuardedStore
from llmcache_sidecar.adapters.observing import Operation, Reason, Tally
from llmcache_sidecar.ports.exact_store import StoreError
from tests.sidecar.stores.faulty import FaultyStore, refused
from tests.sidecar.stores.making import HandClock, a_key, an_entry


class Rig:
    """A guarded faulty store, with its clock and counts."""

    def __init__(self, failures: int = 3) -> None:
        self.inner = FaultyStore()
        self.clock = HandClock()
        self.tally = Tally()
        settings = BreakerSettings(failures=failures, first_pause_s=1.0)
        self.store = GuardedStore(
            self.inner,
            0.05,
            Breaker(settings, lambda: 0.0),
            write_breaker=Breaker(settings, lambda: 0.0),
            slow_deadline_s=0.1,
            clock=self.clock,
            observer=self.tally,
        )


def state(rig: Rig) -> BreakerState:
    return rig.store.state


def write_state(rig: Rig) -> BreakerState:
    return rig.store.write_state


@pytest.fixture
def rig() -> Rig:
    return Rig()


async def test_a_healthy_store_answers_through_it(rig: Rig) -> None:
    entry = an_entry()
    assert await rig.store.put(entry)
    assert await rig.store.put_many([an_entry(), an_entry()]) == 2
    assert await rig.store.get(entry.meta.key) is entry
    assert await rig.store.find(entry.meta.id) == entry.meta
    assert len([meta async for meta in rig.store.scan()]) == 3
    assert await rig.store.delete(entry.meta.key, only=entry.meta.id)
    assert await rig.store.get(entry.meta.key) is None
    await rig.store.check()
    await rig.store.aclose()
    assert rig.inner.closed
    assert not rig.tally.counts


async def test_a_hanging_store_is_a_miss_at_the_deadline(rig: Rig) -> None:
    rig.inner.hanging = True
    started = time.monotonic()
    assert await rig.store.get(a_key()) is None
    assert time.monotonic() - started < 2.0
    assert rig.tally.counts == {(Operation.GET, Reason.DEADLINE): 1}
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (refused(), Reason.STORE_ERROR),
        (TimeoutError(), Reason.DEADLINE),
        (ValueError("a bug"), Reason.DEFECT),
    ],
)
async def test_an_error_is_a_miss_and_counted(rig: Rig, trouble: Exception, reason: Reason) -> None:
    rig.inner.trouble = trouble
    assert await rig.store.get(a_key()) is None
    assert rig.tally.counts == {(Operation.GET, reason): 1}


async def test_repeated_trouble_stops_the_asking_until_a_probe_succeeds(rig: Rig) -> None:
    entry = an_entry()
    rig.inner.put_now(entry)
    rig.inner.trouble = refused()
    for _ in range(10):
        assert await rig.store.get(entry.meta.key) is None
    assert rig.inner.calls == 3
    assert state(rig) is BreakerState.OPEN
    assert rig.tally.counts[Operation.GET, Reason.CIRCUIT_OPEN] == 7
    rig.inner.trouble = None
    rig.clock.pass_by(1.0)
    assert await rig.store.get(entry.meta.key) is entry
    assert state(rig) is BreakerState.CLOSED


async def test_many_waiters_on_a_hanging_store_open_it_and_leave_nothing_behind(
    rig: Rig,
) -> None:
    rig.inner.hanging = True
    for _ in range(3):
        assert await asyncio.gather(*(rig.store.get(a_key()) for _ in range(20))) == [None] * 20
    assert state(rig) is BreakerState.OPEN
    await rig.store.aclose()
    assert len(asyncio.all_tasks()) == 1


async def test_a_store_that_is_well_again_is_found_so_though_nobody_asks(rig: Rig) -> None:
    rig.inner.trouble = refused()
    for _ in range(3):
        await rig.store.get(a_key())
    assert state(rig) is BreakerState.OPEN
    rig.inner.trouble = None
    rig.clock.pass_by(1.0)
    async with asyncio.timeout(30):
        while state(rig) is not BreakerState.CLOSED:
            await asyncio.sleep(0.02)
    assert rig.inner.calls == 4


async def test_a_longer_deadline_holds_for_what_is_asked_again_though_nobody_asks(rig: Rig) -> None:
    rig.inner.delay_s = 0.3
    for _ in range(3):
        await rig.store.get(a_key())
    assert state(rig) is BreakerState.OPEN
    rig.store.deadline_s = 30.0
    rig.clock.pass_by(1.0)
    async with asyncio.timeout(30):
        while state(rig) is not BreakerState.CLOSED:
            await asyncio.sleep(0.02)


async def test_a_caller_that_leaves_during_the_probe_does_not_keep_the_circuit_open() -> None:
    rig = Rig(failures=1)
    rig.inner.trouble = refused()
    await rig.store.get(a_key())
    assert state(rig) is BreakerState.OPEN
    await asyncio.sleep(0)  # the probe of the store's own sleeps through the rest
    rig.inner.trouble = None
    rig.inner.hanging = True
    rig.clock.pass_by(1.0)
    probe = asyncio.create_task(rig.store.get(a_key()))
    await asyncio.sleep(0)
    probe.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe
    rig.inner.hanging = False
    await rig.store.get(a_key())
    assert state(rig) is BreakerState.CLOSED


async def test_writes_raise_and_have_a_breaker_of_their_own(rig: Rig) -> None:
    entry = an_entry()
    rig.inner.put_now(entry)
    rig.inner.trouble = refused()
    for _ in range(3):
        with pytest.raises(StoreError, match="refused"):
            await rig.store.put(an_entry())
    with pytest.raises(StoreError, match="paused"):
        await rig.store.put_many([an_entry()])
    assert rig.inner.calls == 3
    assert write_state(rig) is BreakerState.OPEN
    rig.inner.trouble = None
    assert await rig.store.get(entry.meta.key) is entry
    rig.clock.pass_by(1.0)
    assert await rig.store.put(an_entry())
    assert write_state(rig) is BreakerState.CLOSED


async def test_a_write_that_hangs_ends_too_and_says_so(rig: Rig) -> None:
    rig.inner.hanging = True
    with pytest.raises(StoreError, match="did not answer within"):
        await rig.store.put(an_entry())
    with pytest.raises(StoreError, match="did not answer within"):
        await rig.store.check()


async def test_a_cancelled_write_is_cancelled_and_nobody_is_blamed(rig: Rig) -> None:
    rig.inner.hanging = True
    for _ in range(5):
        write = asyncio.create_task(rig.store.put(an_entry()))
        await asyncio.sleep(0)
        write.cancel()
        with pytest.raises(asyncio.CancelledError):
            await write
    assert write_state(rig) is BreakerState.CLOSED
