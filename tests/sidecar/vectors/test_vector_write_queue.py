"""Points are written off the client's path, and a store that is not there is waited for."""

from __future__ import annotations

import asyncio
import time

from llmcache_sidecar.adapters.observing import Reason
from llmcache_sidecar.adapters.vectors.observing import VectorOperation
from llmcache_sidecar.adapters.vectors.write_queue import VectorWriteQueue
from llmcache_sidecar.ports.vector_store import VectorStoreError
from tests.sidecar.vectors.faulty import Faulty, VectorTally
from tests.sidecar.vectors.making import a_model, a_point

PUT = VectorOperation.PUT


async def test_points_are_written_in_batches() -> None:
    store = Faulty()
    queue = VectorWriteQueue(store, batch_points=4)
    queue.start(a_model())
    assert all(queue.offer(a_point()) for _ in range(10))
    assert await queue.flush(5.0) == 0
    assert len(store) == 10
    assert store.batches == [4, 4, 2]
    await queue.aclose()


async def test_a_store_that_is_dead_at_first_is_opened_when_it_comes() -> None:
    store = Faulty()
    store.trouble = VectorStoreError("connection refused")
    queue = VectorWriteQueue(store, jitter=lambda: 1.0)
    began = time.monotonic()
    queue.start(a_model())
    assert time.monotonic() - began < 0.1
    await asyncio.sleep(0.2)
    assert (queue.is_open, queue.trouble) == (False, "connection refused")
    assert queue.offer(a_point())
    store.trouble = None
    assert await queue.flush(10.0) == 0
    assert (queue.is_open, queue.trouble) == (True, None)
    assert len(store) == 1
    assert store.opened > 1
    await queue.aclose()


async def test_points_for_a_store_that_stays_away_are_given_up() -> None:
    store, tally = Faulty(), VectorTally()
    store.hanging = True
    queue = VectorWriteQueue(store, deadline_s=0.05, observer=tally)
    queue.start(a_model())
    for _ in range(3):
        queue.offer(a_point())
    assert await queue.flush(5.0) == 0
    assert tally.counts[PUT, Reason.DEADLINE] == 3
    await queue.aclose()
    assert not store.batches


async def test_under_pressure_it_drops_and_counts() -> None:
    store, tally = Faulty(), VectorTally()
    queue = VectorWriteQueue(store, max_points=5, observer=tally)
    taken = [queue.offer(a_point()) for _ in range(8)]
    assert taken == [True] * 5 + [False] * 3
    assert tally.counts[PUT, Reason.QUEUE_FULL] == 3
    await queue.aclose()
    assert tally.counts[PUT, Reason.QUEUE_CLOSED] == 5
    assert queue.bytes == 0


async def test_what_the_store_refuses_is_counted_and_not_tried_again() -> None:
    store, tally = Faulty(), VectorTally()
    queue = VectorWriteQueue(store, observer=tally)
    queue.start(a_model())
    await asyncio.sleep(0.01)
    for trouble in (VectorStoreError("full"), RuntimeError("a bug")):
        store.trouble = trouble
        queue.offer(a_point())
        assert await queue.flush(5.0) == 0
    store.trouble = None
    assert tally.counts == {(PUT, Reason.STORE_ERROR): 1, (PUT, Reason.DEFECT): 1}
    queue.offer(a_point())
    await queue.aclose()
    assert len(store) == 1
    assert not queue.offer(a_point())


async def test_closing_before_anything_is_quick() -> None:
    queue = VectorWriteQueue(Faulty())
    await queue.aclose()
    await queue.aclose()
    queue.start(a_model())
    assert not queue.is_open
