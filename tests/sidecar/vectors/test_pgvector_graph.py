"""Large partitions in PostgreSQL: when the graph is walked, and when every point is compared."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import asyncpg
import pytest

from llmcache_sidecar.adapters.vectors.pgvector import PgVectorStore
from llmcache_sidecar.adapters.vectors.pgvector_settings import PgVectorSettings
from llmcache_sidecar.domain.vectors import EmbeddingModel, PartitionId
from llmcache_sidecar.ports.vector_store import VectorStore
from tests.sidecar.vectors.conftest import Grounds
from tests.sidecar.vectors.making import NOW, a_model, a_point, unit

pytestmark = pytest.mark.stores

P = PartitionId(b"p" * 32)
PATIENCE_S = 60.0


def small_graph(grounds: Grounds, namespace: str) -> PgVectorSettings:
    """Partitions of more than 50 points are large, and the planner does not sort them."""
    settings = PgVectorSettings(grounds.postgres.dsn + "?enable_sort=off", namespace)
    return replace(settings, exact_up_to=50, statement_timeout_s=20.0)


async def ask(settings: PgVectorSettings, statement: str, name: str) -> float:
    """One number of the server's own books."""
    connection = await asyncpg.connect(settings.dsn)
    try:
        return float(await connection.fetchval(statement, name) or 0)
    finally:
        await connection.close()


async def walks(settings: PgVectorSettings, model: EmbeddingModel) -> float:
    """How often the graph was searched, as far as the server has booked it."""
    scans = "SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = $1"
    return await ask(settings, scans, settings.table(model.identity) + "_hnsw")


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not await condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def first_three(store: VectorStore) -> list[str]:
    return [found.id for found in await store.search(P, unit(1.0), 3, NOW)]


async def test_a_partition_that_was_searched_while_it_was_empty_is_searched_through_the_graph_soon(
    grounds: Grounds,
) -> None:
    settings, model = small_graph(grounds, "grown"), a_model()
    store = PgVectorStore(settings)
    await store.open(model)
    assert await first_three(store) == []
    points = [a_point(unit(1.0, 0.05 * n)) for n in range(200)]
    await store.put_many(points)

    async def walked() -> bool:
        assert await first_three(store) == [point.id for point in points[:3]]
        return await walks(settings, model) > 0

    await until(walked)

    async def analyzed() -> bool:
        rows = "SELECT reltuples FROM pg_class WHERE relname = $1"
        return await ask(settings, rows, settings.table(model.identity)) >= 0

    # Else the planner takes a large partition for a small one, and sorts it whole.
    await until(analyzed)
    await store.aclose()


async def test_many_search_a_partition_that_has_shrunk(grounds: Grounds) -> None:
    settings, model = small_graph(grounds, "shrunk"), a_model()
    store = PgVectorStore(replace(settings, exact_up_to=0))
    await store.open(model)
    points = [a_point(unit(1.0, 0.01 * n)) for n in range(60)]
    await store.put_many(points)
    await store.delete([point.id for point in points[:59]])
    found = await asyncio.gather(*(first_three(store) for _ in range(8)))
    assert found == [[points[59].id]] * 8
    await store.aclose()
