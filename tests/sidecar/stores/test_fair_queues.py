"""One tenant's flood costs the others nothing."""

from __future__ import annotations

import asyncio
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from llmcache_sidecar.adapters.fair_lanes import FairLanes
from llmcache_sidecar.adapters.observing import Operation, Reason, Tally
from llmcache_sidecar.adapters.write_queue import WriteQueue
from llmcache_sidecar.domain.entry import Entry
from llmcache_sidecar.domain.ids import TenantId
from tests.sidecar.stores.faulty import FaultyStore
from tests.sidecar.stores.making import an_entry


def of(tenant: str, size: int = 1_000) -> Entry:
    return an_entry(b"x" * size, tenant=TenantId(tenant))


async def test_a_flood_does_not_keep_another_tenants_answer_out() -> None:
    """Without turns and lanes all of `quiet`'s answers were dropped: the queue was full of the
    other's."""
    store, tally = FaultyStore(), Tally()
    store.hanging = True
    queue = WriteQueue(store, max_entries=100, batch_entries=1, deadline_s=0.005, observer=tally)
    kept = []
    for number in range(1_000):
        queue.offer(of("loud"))
        if number % 50 == 0:
            kept.append(queue.offer(of("quiet")))
        if number % 100 == 0:
            await asyncio.sleep(0)
    assert all(kept)
    assert queue.entries == 100
    lost = tally.counts[Operation.PUT, Reason.QUEUE_FULL]
    assert lost >= 900, "what made room is counted too"
    await queue.aclose(0.0)


async def test_who_waits_is_written_in_turns() -> None:
    store = FaultyStore()
    queue = WriteQueue(store, batch_entries=4)
    entries = [of("loud") for _ in range(20)] + [of("quiet") for _ in range(3)]
    for entry in entries:
        assert queue.offer(entry)
    assert await queue.flush(5.0) == 0
    assert store.batches == [4, 4, 4, 4, 4, 3]
    await queue.aclose()


async def test_a_tenant_alone_has_the_whole_queue() -> None:
    store = FaultyStore()
    store.hanging = True
    queue = WriteQueue(store, max_entries=10)
    assert [queue.offer(of("loud")) for _ in range(12)] == [True] * 10 + [False] * 2
    await queue.aclose(0.0)


def test_lanes_take_turns_and_the_longest_gives_way() -> None:
    lanes: FairLanes[str] = FairLanes()
    for item in ("a1", "a2", "a3", "b1", "c1"):
        lanes.put(item[0], item, 10)
    assert lanes.make_room("b", 10) == 10, "the newest of a"
    assert lanes.make_room("b", 10) == 0, "now nobody has more"
    assert [lanes.take()[0] for _ in range(len(lanes))] == ["a1", "b1", "c1", "a2"]
    assert (len(lanes), lanes.bytes) == (0, 0)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 50)) | st.none(), max_size=60))
def test_nothing_is_lost_or_counted_twice(steps: list[tuple[str, int] | None]) -> None:
    lanes: FairLanes[tuple[str, int, int]] = FairLanes()
    waiting: Counter[tuple[str, int, int]] = Counter()
    for number, step in enumerate(steps):
        if step is not None:
            lanes.put(step[0], (*step, number), step[1])
            waiting[(*step, number)] += 1
        elif lanes:
            size = lanes.peek()
            item, nbytes = lanes.take()
            assert nbytes == size == item[1]
            waiting[item] -= 1
            older = [each for each in +waiting if each[0] == item[0] and each[2] < item[2]]
            assert not older, "an owner's own order is kept"
        assert len(lanes) == waiting.total()
        assert lanes.bytes == sum(item[1] for item in (+waiting).elements())
