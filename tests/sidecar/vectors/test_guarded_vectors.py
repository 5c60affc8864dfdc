"""A search never raises and never waits; writes tell."""

from __future__ import annotations

import asyncio
import math
import time
from typing import Any

import pytest

from llmcache_sidecar.adapters.breaker import Breaker, BreakerSettings, BreakerState
from llmcache_sidecar.adapters.observing import Reason
from llmcache_sidecar.adapters.vectors.guarded import GuardedVectorStore
from llmcache_sidecar.adapters.vectors.observing import VectorOperation
from llmcache_sidecar.domain.ids import EntryId
from llmcache_sidecar.domain.purge import LogPosition, PurgeScope
from llmcache_sidecar.ports.vector_store import VectorStoreError
from tests.sidecar.stores.making import HandClock
from tests.sidecar.vectors.faulty import Faulty, VectorTally
from tests.sidecar.vectors.making import NOW, a_model, a_point, a_purge, unit

P = a_point().partition
SEARCH = VectorOperation.SEARCH


async def guarded(**options: Any) -> tuple[Faulty, GuardedVectorStore, VectorTally]:
    inner, tally = Faulty(), VectorTally()
    store = GuardedVectorStore(inner, observer=tally, **options)
    await store.open(a_model())
    return inner, store, tally


async def test_what_is_well_passes_through() -> None:
    _, store, tally = await guarded()
    point = a_point()
    assert await store.put_many([point]) == 1
    assert [found.id for found in await store.search(P, unit(1.0), 3, NOW)] == [point.id]
    assert await store.count() == 1
    await store.check()
    await store.delete([EntryId("nobody")])
    await store.forget(a_purge(PurgeScope.ALL, "", LogPosition(1)))
    assert await store.sweep(NOW) == 0
    assert not tally.counts


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (VectorStoreError("down"), Reason.STORE_ERROR),
        (RuntimeError("a bug"), Reason.DEFECT),
        (TimeoutError(), Reason.DEADLINE),
    ],
)
async def test_a_search_in_trouble_finds_nothing(trouble: Exception, reason: Reason) -> None:
    inner, store, tally = await guarded()
    inner.trouble = trouble
    assert await store.search(P, unit(1.0), 3, NOW) == []
    assert tally.counts == {(SEARCH, reason): 1}


async def test_a_search_ends_at_its_deadline() -> None:
    inner, store, tally = await guarded(deadline_s=0.03)
    inner.hanging = True
    began = time.monotonic()
    assert await store.search(P, unit(1.0), 3, NOW) == []
    assert time.monotonic() - began < 1.0
    assert tally.counts == {(SEARCH, Reason.DEADLINE): 1}


async def test_a_search_ends_with_the_time_that_its_request_has_left() -> None:
    """The embedding has used up the rest."""
    inner, store, tally = await guarded(deadline_s=60.0)
    inner.hanging = True
    for left in (0.03, 0.0, -1.0):
        async with asyncio.timeout(30):
            assert await store.search(P, unit(1.0), 3, NOW, within=left) == []
    assert tally.counts == {(SEARCH, Reason.DEADLINE): 3}


@pytest.mark.parametrize(
    ("left", "state"),
    [(0.01, BreakerState.CLOSED), (0.06, BreakerState.OPEN), (math.inf, BreakerState.OPEN)],
)
async def test_a_store_that_had_no_time_is_not_in_trouble(left: float, state: BreakerState) -> None:
    """With half of the deadline or more it had."""
    inner, store, tally = await guarded(deadline_s=0.1)
    inner.hanging = True
    for _ in range(5):
        await store.search(P, unit(1.0), 3, NOW, within=left)
    assert store.state is state
    assert tally.counts == {(SEARCH, Reason.DEADLINE): 5}
    await store.aclose()


async def test_after_failures_in_a_row_the_store_is_left_alone_and_tried_again() -> None:
    clock = HandClock()
    inner, store, tally = await guarded(clock=clock)
    point = a_point()
    await store.put_many([point])
    inner.trouble = VectorStoreError("down")
    for _ in range(7):
        assert await store.search(P, unit(1.0), 3, NOW) == []
    assert (store.state.value, store.write_state.value) == ("open", "closed")
    assert tally.counts == {(SEARCH, Reason.STORE_ERROR): 5, (SEARCH, Reason.CIRCUIT_OPEN): 2}
    inner.trouble = None
    clock.pass_by(1.0)
    assert len(await store.search(P, unit(1.0), 3, NOW)) == 1
    assert store.state is BreakerState.CLOSED


async def test_a_store_that_is_well_again_is_found_so_though_nobody_asks() -> None:
    inner, store, _ = await guarded(
        breaker=Breaker(BreakerSettings(first_pause_s=0.02, longest_pause_s=0.1))
    )
    inner.trouble = VectorStoreError("down")
    for _ in range(5):
        await store.search(P, unit(1.0), 3, NOW)
    await asyncio.sleep(0.3)
    assert store.state.value != "closed"
    inner.trouble = None
    async with asyncio.timeout(30):
        while store.state is not BreakerState.CLOSED:
            await asyncio.sleep(0.02)
    await asyncio.sleep(0.1)
    assert len(asyncio.all_tasks()) == 1, "it is left alone again"


async def test_writes_tell_and_have_a_breaker_of_their_own() -> None:
    inner, store, tally = await guarded(slow_deadline_s=0.03)
    inner.trouble = VectorStoreError("full")
    for _ in range(5):
        with pytest.raises(VectorStoreError, match="full"):
            await store.put_many([a_point()])
    with pytest.raises(VectorStoreError, match="paused"):
        await store.put_many([a_point()])
    assert (store.write_state, store.state) == (BreakerState.OPEN, BreakerState.CLOSED)
    assert tally.counts[VectorOperation.PUT, Reason.CIRCUIT_OPEN] == 1


async def test_a_write_ends_at_its_deadline() -> None:
    inner, store, _ = await guarded(slow_deadline_s=0.03)
    inner.hanging = True
    with pytest.raises(VectorStoreError, match=r"0\.03 s"):
        await store.put_many([a_point()])


async def test_one_who_leaves_is_no_failure_of_the_store() -> None:
    inner, store, tally = await guarded(deadline_s=10.0)
    inner.hanging = True
    for _ in range(8):
        task = asyncio.create_task(store.search(P, unit(1.0), 3, NOW))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert store.state is BreakerState.CLOSED
    assert not tally.counts
