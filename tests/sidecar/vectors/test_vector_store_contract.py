"""What every vector store promises, whatever it is made of."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmcache_sidecar.domain.ids import EntryId, ExactKey, TenantId
from llmcache_sidecar.domain.purge import LogPosition, PurgeScope
from llmcache_sidecar.domain.vectors import PartitionId, VectorPoint
from llmcache_sidecar.ports.vector_store import VectorStore, VectorStoreError, WrongDimensions
from tests.bench.vectors_made import Shape, vectors
from tests.sidecar.vectors.conftest import GRAPH, IN_PROCESS, Grounds, MakeStore, in_loop
from tests.sidecar.vectors.making import (
    DIMENSIONS,
    NOW,
    a_model,
    a_partition,
    a_point,
    a_purge,
    at_cosine,
    unit,
)

P = PartitionId(b"p" * 32)
AT = LogPosition(1_700_000_000_000, 3)
AFTER = LogPosition(1_700_000_000_000, 4)


async def ids(store: VectorStore, partition: PartitionId = P, now: float = NOW) -> list[EntryId]:
    return [found.id for found in await store.search(partition, unit(1.0), 100, now)]


async def test_what_is_found_is_what_was_put(store: VectorStore) -> None:
    point = a_point(at_cosine(0.9), payload=secrets.token_bytes(400), created_at=NOW + 0.125)
    assert await store.search(P, unit(1.0), 3, NOW) == []
    assert await store.put_many([point]) == 1
    (found,) = await store.search(P, unit(1.0), 3, NOW)
    assert (found.id, found.key, found.payload) == (point.id, point.key, point.payload)
    assert (found.created_at, found.expires_at) == (point.created_at, point.expires_at)
    assert found.similarity == pytest.approx(0.9, abs=1e-3)


async def test_the_nearest_come_first_and_no_more_than_asked_for(store: VectorStore) -> None:
    cosines = [0.2, 0.95, -0.5, 0.9, 0.6]
    points = {cosine: a_point(at_cosine(cosine)) for cosine in cosines}
    await store.put_many(list(points.values()))
    for limit in (1, 3, 5, 50):
        found = await store.search(P, unit(1.0), limit, NOW)
        wanted = sorted(cosines, reverse=True)[:limit]
        assert [each.id for each in found] == [points[cosine].id for cosine in wanted]
        assert [each.similarity for each in found] == pytest.approx(wanted, abs=1e-3)


async def test_the_same_vector_has_a_similarity_of_one(store: VectorStore) -> None:
    rng = np.random.default_rng(1)
    vector = rng.standard_normal(DIMENSIONS).astype(np.float32)
    vector /= np.linalg.norm(vector)
    await store.put_many([a_point(vector)])
    (found,) = await store.search(P, vector, 1, NOW)
    assert found.similarity == pytest.approx(1.0, abs=1e-3)
    assert -1.0 <= found.similarity <= 1.0


def test_another_partition_is_never_searched(grounds: Grounds, kind: str) -> None:
    """However near its points are."""
    partitions = [a_partition() for _ in range(3)]
    placed = st.lists(st.tuples(st.integers(0, 2), st.floats(-1, 1, width=32)), max_size=30)

    @settings(max_examples=25 if kind in IN_PROCESS else 8, deadline=None)
    @given(placed, st.integers(0, 2), st.integers(1, 10))
    def holds(places: list[tuple[int, float]], asked: int, limit: int) -> None:
        async def run() -> None:
            store = grounds.make(kind)
            await store.open(a_model())
            points = [
                a_point(at_cosine(cosine), partition=partitions[place]) for place, cosine in places
            ]
            await store.put_many(points)
            found = await store.search(partitions[asked], unit(1.0), limit, NOW)
            own = [point for point in points if point.partition == partitions[asked]]
            assert {each.id for each in found} <= {point.id for point in own}
            assert len(found) == min(limit, len(own))
            await store.aclose()

        in_loop(run())

    holds()


async def test_an_expired_point_is_not_found(store: VectorStore) -> None:
    soon, later = a_point(at_cosine(0.99), expires_at=NOW + 10), a_point(at_cosine(0.5))
    await store.put_many([soon, later])
    assert await ids(store) == [soon.id, later.id]
    assert await ids(store, now=NOW + 9.99) == [soon.id, later.id]
    assert await ids(store, now=NOW + 10) == [later.id]
    assert await ids(store, now=NOW + 4000) == []


async def test_expired_points_do_not_hide_the_living(store: VectorStore) -> None:
    dead = [a_point(at_cosine(0.99), expires_at=NOW + 1) for _ in range(40)]
    living = a_point(at_cosine(0.8))
    await store.put_many([*dead, living])
    (found,) = await store.search(P, unit(1.0), 3, NOW + 2)
    assert found.id == living.id


async def test_a_sweep_removes_what_has_expired(store: VectorStore) -> None:
    dead = [a_point(expires_at=NOW + n) for n in range(1, 6)]
    living = a_point()
    await store.put_many([*dead, living])
    assert await store.sweep(NOW) == 0
    assert await store.sweep(NOW + 3) in (0, 3)
    assert await store.count() == 3
    await store.sweep(NOW + 5)
    assert await ids(store) == [living.id]
    assert await store.count() == 1


async def test_the_newer_point_of_an_entry_replaces_the_older(store: VectorStore) -> None:
    old = a_point(at_cosine(0.9), tags=("old",))
    new = a_point(at_cosine(0.3), id=old.id, tags=("new",), partition=a_partition(), payload=b"new")
    await store.put_many([old])
    await store.put_many([new])
    assert await ids(store) == []
    (found,) = await store.search(new.partition, unit(1.0), 3, NOW)
    assert (found.key, found.payload) == (new.key, b"new")
    assert found.similarity == pytest.approx(0.3, abs=1e-3)
    assert await store.count() == 1
    await store.forget(a_purge(PurgeScope.TAG, "old", AFTER))
    assert await store.count() == 1


async def test_of_two_points_of_one_entry_in_a_batch_the_last_stays(store: VectorStore) -> None:
    first = a_point(at_cosine(0.9), payload=b"first")
    last = a_point(at_cosine(0.8), id=first.id, payload=b"last")
    await store.put_many([first, a_point(at_cosine(0.1)), last])
    best = (await store.search(P, unit(1.0), 1, NOW))[0]
    assert (best.id, best.payload) == (first.id, b"last")
    assert await store.count() == 2


async def test_many_are_stored_at_once_and_none_is_no_error(store: VectorStore) -> None:
    assert await store.put_many([]) == 0
    assert await store.put_many([a_point() for _ in range(300)]) == 300
    assert await store.count() == 300


async def test_deleted_points_are_gone(store: VectorStore) -> None:
    points = [a_point() for _ in range(5)]
    await store.put_many(points)
    await store.delete([])
    await store.delete([points[0].id, points[3].id, EntryId(secrets.token_hex(16))])
    await store.delete([points[0].id])
    assert set(await ids(store)) == {points[at].id for at in (1, 2, 4)}


@pytest.mark.parametrize(
    "strange", ["", "not-hex", "ü" * 20, "x" * 300, "a'b\"c;--", "0" * 31, "\x00", "\ud800"]
)
async def test_strange_names_are_nothing(store: VectorStore, strange: str) -> None:
    point = a_point()
    await store.put_many([point])
    await store.delete([EntryId(strange)])
    for scope in (PurgeScope.ENTRY, PurgeScope.TAG, PurgeScope.TENANT, PurgeScope.MODEL):
        await store.forget(a_purge(scope, strange, AFTER))
    assert await ids(store) == [point.id]


@pytest.mark.parametrize("scope", list(PurgeScope))
async def test_a_purge_forgets_what_it_names_and_what_came_before_it(
    store: VectorStore, scope: PurgeScope
) -> None:
    tag, tenant, model = "team-ä 🐈, 'x' \"y\" {z}", TenantId("mine"), "org/mödel"
    entry = EntryId(secrets.token_hex(16))
    value = {
        PurgeScope.ENTRY: entry,
        PurgeScope.TAG: tag,
        PurgeScope.TENANT: tenant,
        PurgeScope.MODEL: model,
        PurgeScope.ALL: "",
    }[scope]
    named: dict[str, Any] = {"tenant": tenant, "model": model, "tags": ("first", tag)}
    older = a_point(id=entry, position=LogPosition(AT.milliseconds - 1, 999), **named)
    other = a_point(
        tenant=TenantId("other"), model="other", tags=("other", "t"), position=LogPosition(0, 0)
    )
    await store.put_many([older, other])
    await store.forget(a_purge(scope, value, AT))
    assert await ids(store) == ([] if scope is PurgeScope.ALL else [other.id])


@pytest.mark.parametrize("scope", list(PurgeScope))
@pytest.mark.parametrize(
    "position", [AT, AFTER, LogPosition(AT.milliseconds + 1, 0)], ids=["same", "next", "later"]
)
async def test_a_purge_spares_what_began_after_it(
    store: VectorStore, scope: PurgeScope, position: LogPosition
) -> None:
    point = a_point(tags=("a", "b"), position=position)
    value = {
        PurgeScope.ENTRY: point.id,
        PurgeScope.TAG: "b",
        PurgeScope.TENANT: point.tenant,
        PurgeScope.MODEL: point.model,
        PurgeScope.ALL: "",
    }[scope]
    await store.put_many([point])
    await store.forget(a_purge(scope, value, AT))
    assert await ids(store) == [point.id]
    await store.forget(a_purge(scope, value, LogPosition(position.milliseconds, 1 << 40)))
    assert await ids(store) == []


async def test_positions_within_a_millisecond_are_told_apart(store: VectorStore) -> None:
    points = [a_point(position=LogPosition(AT.milliseconds, n)) for n in range(5)]
    await store.put_many(points)
    await store.forget(a_purge(PurgeScope.ALL, "", LogPosition(AT.milliseconds, 3)))
    assert set(await ids(store)) == {point.id for point in points[3:]}


async def test_points_without_tags_are_found_and_not_purged_by_tag(store: VectorStore) -> None:
    point = a_point(tags=(), payload=b"")
    await store.put_many([point])
    await store.forget(a_purge(PurgeScope.TAG, "", AFTER))
    (found,) = await store.search(P, unit(1.0), 1, NOW)
    assert (found.id, found.payload) == (point.id, b"")


async def test_vectors_of_another_length_are_refused(make: MakeStore, kind: str) -> None:
    store = await make(kind)
    model = a_model(8)
    await store.open(model)
    for call in (
        store.put_many([a_point(unit(1.0, dimensions=4))]),
        store.search(P, unit(1.0, dimensions=4), 3, NOW),
    ):
        with pytest.raises(WrongDimensions, match=r"8\b.*\b4\b|4\b.*\b8\b"):
            await call
    with pytest.raises(WrongDimensions, match=r"8\b.*\b16\b|16\b.*\b8\b"):
        await store.open(a_model(16, model.identity))
    await store.put_many([a_point()])
    assert await store.count() == 1


async def test_two_models_live_side_by_side(make: MakeStore, kind: str) -> None:
    store = await make(kind)
    one, other = a_model(8), a_model(16)
    await store.open(one)
    of_one = a_point(unit(1.0))
    await store.put_many([of_one])
    await store.open(other)
    assert await store.count() == 0
    of_other = a_point(unit(1.0, dimensions=16), id=of_one.id)
    await store.put_many([of_other])
    (found,) = await store.search(P, unit(1.0, dimensions=16), 3, NOW)
    assert found.key == of_other.key
    await store.open(one)
    (found,) = await store.search(P, unit(1.0), 3, NOW)
    assert found.key == of_one.key


async def test_opening_again_keeps_what_is_there(make: MakeStore, kind: str) -> None:
    store = await make(kind)
    model = a_model()
    await store.open(model)
    await store.put_many([a_point()])
    await store.open(model)
    assert await store.count() == 1


async def test_nothing_works_before_it_is_opened(make: MakeStore, kind: str) -> None:
    store = await make(kind)
    for call in (store.put_many([a_point()]), store.search(P, unit(1.0), 3, NOW), store.count()):
        with pytest.raises(VectorStoreError, match="open"):
            await call


async def test_many_work_at_once(store: VectorStore) -> None:
    points = [a_point(at_cosine(0.5), partition=a_partition()) for _ in range(60)]

    async def live(point: VectorPoint) -> None:
        assert await store.put_many([point]) == 1
        (found,) = await store.search(point.partition, unit(1.0), 3, NOW)
        assert found.id == point.id
        await store.delete([point.id])
        assert await store.search(point.partition, unit(1.0), 3, NOW) == []

    await asyncio.gather(*map(live, points))
    assert await store.count() == 0


async def test_one_who_stops_waiting_does_not_disturb_the_others(store: VectorStore) -> None:
    points = [a_point(partition=a_partition()) for _ in range(20)]
    await store.put_many(points)
    for delay in (0.0, 0.0005, 0.002):
        tasks = [
            asyncio.create_task(store.search(point.partition, unit(1.0), 3, NOW))
            for point in points
        ]
        await asyncio.sleep(delay)
        for task in tasks[::2]:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        for point, result in zip(points[1::2], results[1::2], strict=True):
            assert not isinstance(result, BaseException)
            assert [found.id for found in result] == [point.id]
    assert await store.search(points[0].partition, unit(1.0), 3, NOW) != []
    await store.put_many([a_point()])
    assert await store.count() == 21


async def test_large_numbers_and_long_names_survive(store: VectorStore) -> None:
    point = a_point(
        key=ExactKey(b"\x00" * 32),
        model="m" * 3000,
        tags=tuple(f"tag-{n}-ü" for n in range(60)),
        position=LogPosition((1 << 45) + 1, 5),
        payload=secrets.token_bytes(5000),
    )
    await store.put_many([point])
    (found,) = await store.search(P, unit(1.0), 3, NOW)
    assert (found.key, found.payload) == (point.key, point.payload)
    await store.forget(a_purge(PurgeScope.MODEL, "m" * 3000, LogPosition((1 << 45) + 1, 5)))
    assert await store.count() == 1
    await store.forget(a_purge(PurgeScope.TAG, "tag-59-ü", LogPosition((1 << 45) + 1, 6)))
    assert await store.count() == 0


async def test_a_healthy_store_says_so(store: VectorStore) -> None:
    await store.check()


async def test_closing_twice_is_allowed(store: VectorStore) -> None:
    await store.put_many([a_point()])
    await store.aclose()
    await store.aclose()


@pytest.mark.parametrize(
    # Not Qdrant: its local mode, which stands for it here, has no graph.
    "kind",
    ["memory", *(pytest.param(kind, marks=pytest.mark.stores) for kind in ("pgvector", GRAPH))],
)
async def test_points_that_lie_alone_are_found_among_crowds_that_came_later(
    make: MakeStore, kind: str
) -> None:
    """A graph forgets the ways to a point that nothing is near to."""
    dimensions, alone, crowd = 32, 8, 500
    rng = np.random.default_rng(4)
    crowds = vectors(crowd, dimensions, Shape.CLUSTERED, seed=4)
    common = crowds.mean(0) / np.linalg.norm(crowds.mean(0))
    strange = rng.standard_normal((alone, dimensions), dtype=np.float32) / np.sqrt(dimensions)
    made = np.concatenate((strange + np.float32(0.4) * common, crowds))
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    points = [a_point(vector) for vector in made]
    store = await make(kind)
    await store.open(a_model(dimensions))
    await store.put_many(points)
    asked = made + rng.standard_normal(made.shape, dtype=np.float32) * 0.4 / np.sqrt(dimensions)
    asked = (asked / np.linalg.norm(asked, axis=1, keepdims=True)).astype(np.float32)
    for at in range(2 * alone):
        (found,) = await store.search(P, asked[at], 1, NOW)
        assert found.id == points[int(np.argmax(made @ asked[at]))].id
