"""Writes wait in a bounded queue; what can't be written is counted and forgotten."""

from __future__ import annotations

import asyncio
import time

import pytest

from llmcache_sidecar.adapters.footprint import footprint
from llmcache_sidecar.adapters.observing import Operation, Reason, Tally
from llmcache_sidecar.adapters.write_queue import WriteQueue
from tests.sidecar.stores.faulty import FaultyStore, refused
from tests.sidecar.stores.making import an_entry


async def test_what_is_offered_is_written_in_batches() -> None:
    store = FaultyStore()
    queue = WriteQueue(store, batch_entries=4)
    entries = [an_entry() for _ in range(10)]
    assert all(queue.offer(entry) for entry in entries)
    assert queue.entries == 10
    assert queue.bytes == sum(map(footprint, entries))
    assert await queue.flush(5.0) == 0
    assert store.batches == [4, 4, 2]
    assert all(store.get_now(entry.meta.key) is entry for entry in entries)
    assert (queue.entries, queue.bytes) == (0, 0)
    await queue.aclose()


async def test_a_batch_is_bounded_in_bytes_but_takes_at_least_one() -> None:
    store = FaultyStore()
    queue = WriteQueue(store, batch_bytes=10_000)
    for size in (4_000, 1_000, 50_000, 1_000):
        queue.offer(an_entry(b"x" * size))
    await queue.flush(5.0)
    assert store.batches == [2, 1, 1]
    await queue.aclose()


@pytest.mark.parametrize("bounds", [{"max_entries": 3}, {"max_bytes": 10_500}])
async def test_under_pressure_it_drops_and_counts(bounds: dict[str, int]) -> None:
    store, tally = FaultyStore(), Tally()
    store.hanging = True
    queue = WriteQueue(store, observer=tally, **bounds)
    taken = [queue.offer(an_entry(b"x" * 1_500)) for _ in range(3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert store.batches == [3]
    assert taken == [True] * 3
    assert not queue.offer(an_entry(b"x" * 1_500)), "what is on its way counts too"
    assert tally.counts == {(Operation.PUT, Reason.QUEUE_FULL): 1}
    await queue.aclose(0.01)


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [(refused(), Reason.STORE_ERROR), (ValueError("a bug"), Reason.DEFECT)],
)
async def test_a_failed_batch_is_lost_counted_and_not_tried_again(
    trouble: Exception, reason: Reason
) -> None:
    store, tally = FaultyStore(), Tally()
    queue = WriteQueue(store, observer=tally)
    store.trouble = trouble
    queue.offer(an_entry())
    queue.offer(an_entry())
    assert await queue.flush(5.0) == 0
    assert tally.counts == {(Operation.PUT, reason): 2}
    assert store.calls == 1
    store.trouble = None
    entry = an_entry()
    assert queue.offer(entry)
    await queue.flush(5.0)
    assert store.get_now(entry.meta.key) is entry
    await queue.aclose()


async def test_a_store_that_hangs_loses_the_batch_at_the_deadline() -> None:
    store, tally = FaultyStore(), Tally()
    queue = WriteQueue(store, deadline_s=0.05, observer=tally)
    store.hanging = True
    queue.offer(an_entry())
    assert await queue.flush(5.0) == 0
    assert tally.counts == {(Operation.PUT, Reason.DEADLINE): 1}
    await queue.aclose()


async def test_what_the_store_left_out_is_counted() -> None:
    tally = Tally()
    queue = WriteQueue(FaultyStore(max_bytes=5_000), observer=tally)
    queue.offer(an_entry())
    queue.offer(an_entry(b"x" * 6_000))
    await queue.flush(5.0)
    assert tally.counts == {(Operation.PUT, Reason.TOO_LARGE): 1}
    await queue.aclose()


async def test_flush_ends_at_its_deadline_and_says_what_is_left() -> None:
    store = FaultyStore()
    store.hanging = True
    queue = WriteQueue(store)
    queue.offer(an_entry())
    started = time.monotonic()
    assert await queue.flush(0.05) == 1
    assert time.monotonic() - started < 2.0
    await queue.aclose(0.0)


async def test_closing_writes_what_waits_and_takes_nothing_more() -> None:
    store, tally = FaultyStore(), Tally()
    queue = WriteQueue(store, observer=tally)
    entry = an_entry()
    queue.offer(entry)
    await queue.aclose()
    await queue.aclose()
    assert store.get_now(entry.meta.key) is entry
    assert not queue.offer(an_entry())
    assert tally.counts == {(Operation.PUT, Reason.QUEUE_CLOSED): 1}
    assert not store.closed, "the store belongs to whoever made it"
    assert len(asyncio.all_tasks()) == 1


async def test_closing_before_a_dead_store_ends_and_counts_what_was_not_written() -> None:
    store, tally = FaultyStore(), Tally()
    store.hanging = True
    queue = WriteQueue(store, batch_entries=2, observer=tally)
    for _ in range(5):
        queue.offer(an_entry())
    await queue.aclose(0.05)
    assert (queue.entries, queue.bytes) == (0, 0)
    assert tally.counts[Operation.PUT, Reason.QUEUE_CLOSED] == 5
    assert len(asyncio.all_tasks()) == 1


async def test_a_worker_that_was_ended_from_outside_is_started_again() -> None:
    store, tally = FaultyStore(), Tally()
    queue = WriteQueue(store, observer=tally)
    queue.offer(an_entry())
    await queue.flush(5.0)
    (worker,) = asyncio.all_tasks() - {asyncio.current_task()}
    worker.cancel()
    await asyncio.wait([worker])
    entry = an_entry()
    assert queue.offer(entry)
    assert await queue.flush(5.0) == 0
    assert store.get_now(entry.meta.key) is entry
    assert tally.counts == {(Operation.PUT, Reason.WORKER_RESTARTED): 1}
    await queue.aclose()
