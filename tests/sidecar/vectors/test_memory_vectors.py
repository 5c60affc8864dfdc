"""The store in the process: bounded, exact, and quick beside everything else."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc

import numpy as np
import pytest

from llmcache_sidecar.adapters.vectors.memory import MemoryVectorStore
from llmcache_sidecar.adapters.vectors.sign_bits import BITS, SignBits, distances, most_apart
from llmcache_sidecar.domain.purge import LogPosition, PurgeScope
from llmcache_sidecar.domain.vectors import PartitionId, VectorPoint
from tests.bench.vectors_made import Shape, vectors
from tests.sidecar.vectors.making import NOW, a_model, a_partition, a_point, a_purge, unit
from tests.turns import turns

P = PartitionId(b"p" * 32)


async def filled(
    rows: int, dimensions: int, shape: Shape, max_bytes: int = 1 << 30
) -> tuple[MemoryVectorStore, np.ndarray, list[VectorPoint]]:
    store = MemoryVectorStore(max_bytes, rng=np.random.default_rng(7))
    await store.open(a_model(dimensions))
    made = vectors(rows, dimensions, shape, seed=3)
    points = [a_point(vector, payload=b"") for vector in made]
    assert await store.put_many(points) == rows
    return store, made, points


@pytest.mark.parametrize("shape", list(Shape))
@pytest.mark.parametrize(("rows", "dimensions"), [(600, 384), (6000, 64)])
async def test_the_nearest_are_those_of_an_exhaustive_search(
    rows: int, dimensions: int, shape: Shape
) -> None:
    store, made, points = await filled(rows, dimensions, shape)
    rng = np.random.default_rng(11)
    for _ in range(20):
        query = made[rng.integers(rows)] + rng.standard_normal(dimensions, dtype=np.float32) * (
            0.4 / np.sqrt(dimensions)
        ).astype(np.float32)
        query /= np.linalg.norm(query)
        wanted = made @ query
        found = await store.search(P, query, 3, NOW)
        for place, at in enumerate(np.argsort(-wanted)[:3].tolist()):
            if wanted[at] > 0.5:
                assert found[place].similarity == pytest.approx(wanted[at], abs=2e-5)
        best = int(np.argmax(wanted))
        assert found[0].id == points[best].id
    await store.aclose()


async def test_rows_come_and_go_while_others_search() -> None:
    """The search runs in another thread, and still finds what is there when it ends."""
    store, made, points = await filled(6000, 64, Shape.CLUSTERED)
    living = {point.id: at for at, point in enumerate(points)}
    rng = np.random.default_rng(5)

    async def change() -> None:
        for _ in range(150):
            gone = points[rng.integers(len(points))]
            await store.delete([gone.id])
            living.pop(gone.id, None)
            await asyncio.sleep(0)

    async def look() -> None:
        for _ in range(60):
            at = int(rng.integers(len(points)))
            found = await store.search(P, made[at], 3, NOW)
            for each in found:
                true = float(made[at] @ points[ids[each.id]].vector)
                assert each.similarity == pytest.approx(true, abs=1e-4)
            if points[at].id in living:
                assert found[0].similarity == pytest.approx(1.0, abs=1e-4)

    ids = dict(living)
    await asyncio.gather(change(), *(look() for _ in range(4)))
    for at in list(living.values())[:50]:
        assert (await store.search(P, made[at], 1, NOW))[0].id == points[at].id
    await store.aclose()


async def test_every_row_is_found_after_many_have_moved() -> None:
    store, _, points = await filled(6000, 32, Shape.UNIFORM)
    order = np.random.default_rng(9).permutation(len(points))
    await store.delete([points[at].id for at in order[:5900].tolist()])
    assert await store.count() == 100
    for at in order[5900:].tolist():
        assert (await store.search(P, points[at].vector, 1, NOW))[0].id == points[at].id
    await store.delete([point.id for point in points])
    assert (len(store), store.partitions, store.bytes) == (0, 0, 0)


async def test_the_first_rows_are_found_however_often_a_partition_grows_and_shrinks() -> None:
    """They get their sketches while it grows from 1,024 to 2,048 points, and lose them below."""
    store, _, points = await filled(2200, 64, Shape.CLUSTERED)
    rng = np.random.default_rng(2)
    for size in (1500, 1030, 1020, 1400, 2100, 900, 2200):
        there = {held.id for held in points[:size]}
        await store.delete([point.id for point in points if point.id not in there])
        await store.put_many([points[at] for at in rng.permutation(size).tolist()])
        for at in rng.choice(size, 60, replace=False).tolist():
            found = await store.search(P, points[at].vector, 3, NOW)
            others = np.array([point.vector for point in points[:size]]) @ points[at].vector
            wanted = np.sort(others)[:-4:-1]
            assert [each.similarity for each in found] == pytest.approx(wanted.tolist(), abs=1e-4)
    await store.delete([point.id for point in points])
    assert store.bytes == 0


async def test_the_bound_holds_and_the_least_recently_used_leave_first() -> None:
    store = MemoryVectorStore(40_000)
    await store.open(a_model())
    first = a_point(partition=a_partition())
    await store.put_many([first])
    kept = len(store)
    points = [a_point(partition=a_partition()) for _ in range(100)]
    for point in points:
        await store.put_many([point])
        assert store.bytes <= store.max_bytes
        assert await store.search(first.partition, unit(1.0), 1, NOW)
    assert kept < len(store) < 60
    assert await store.search(points[-1].partition, unit(1.0), 1, NOW)
    assert not await store.search(points[0].partition, unit(1.0), 1, NOW)


async def test_a_point_larger_than_the_bound_does_not_fit() -> None:
    store = MemoryVectorStore(10_000)
    await store.open(a_model())
    assert await store.put_many([a_point(payload=b"x" * 20_000)]) == 0
    assert (len(store), store.bytes) == (0, 0)


async def test_points_of_a_model_out_of_use_leave_first() -> None:
    store = MemoryVectorStore(40_000)
    await store.open(old := a_model())
    await store.put_many([a_point() for _ in range(20)])
    await store.open(a_model())
    await store.put_many([a_point() for _ in range(50)])
    in_use = await store.count()
    await store.open(old)
    assert in_use == 50
    assert await store.count() < 20


async def test_what_is_counted_is_what_memory_holds() -> None:
    """Within a fifth: of tiny partitions, and of a large one."""
    for rows, each in ((1000, True), (2000, False)):
        made = vectors(rows, 384, Shape.UNIFORM, seed=1)
        gc.collect()
        tracemalloc.start()
        store = MemoryVectorStore(1 << 30)
        await store.open(a_model(384))
        before = tracemalloc.get_traced_memory()[0]
        for vector in made:
            partition = a_partition() if each else P
            await store.put_many([a_point(vector, partition=partition, payload=bytes(120))])
        gc.collect()
        held = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        if each:
            assert store.bytes == pytest.approx(held, rel=0.2)
            assert held / rows < 3000
        else:  # the last block is reserved whole, and resident as far as it is used
            assert store.bytes <= held


async def test_others_get_their_turns_beside_large_searches_purges_and_sweeps() -> None:
    """How long they wait is for the benchmark (docs/vectors.md)."""
    store, made, _ = await filled(20_000, 384, Shape.CLUSTERED)
    async with turns() as taken:
        await asyncio.gather(*(store.search(P, vector, 3, NOW) for vector in made[:50]))
        searching = taken()
        await store.forget(a_purge(PurgeScope.TAG, "nothing", LogPosition(1 << 50)))
        purging = taken() - searching
        await store.sweep(NOW)
        sweeping = taken() - searching - purging
    assert searching >= 50
    assert purging >= 10
    assert sweeping >= 10
    await store.aclose()


async def test_a_search_on_the_event_loop_lets_others_run_between_its_pieces() -> None:
    store, made, _ = await filled(9_000, 64, Shape.CLUSTERED)
    async with turns() as taken:
        await store.search(P, made[7], 3, NOW)
        assert taken() >= 1
    await store.aclose()


def test_sketches_keep_their_promise() -> None:
    """Of pairs at a known cosine, next to none differ in more bits than the limit says."""
    rng = np.random.default_rng(2)
    sketch = SignBits(48, rng)
    for cosine in (0.2, 0.5, 0.8, 0.95):
        one = vectors(4000, 48, Shape.UNIFORM, seed=4)
        other = vectors(4000, 48, Shape.UNIFORM, seed=5)
        other -= (one * other).sum(1, keepdims=True) * one
        other /= np.linalg.norm(other, axis=1, keepdims=True)
        pair = np.float32(cosine) * one + np.float32(np.sqrt(1 - cosine**2)) * other
        differ = distances(sketch.of(one), sketch.of(pair))
        assert differ.max() <= most_apart(cosine - 0.005)
        assert differ.mean() == pytest.approx(np.arccos(cosine) / np.pi * BITS, rel=0.02)


def test_limits_grow_with_the_angle() -> None:
    limits = [most_apart(cosine) for cosine in np.linspace(-1, 1, 401)]
    assert limits == sorted(limits, reverse=True)
    assert most_apart(-1.0) == BITS
    assert most_apart(1.0) <= 1
    assert most_apart(0.0) < BITS * 0.62
