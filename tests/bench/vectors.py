"""How long a semantic look-up takes in each vector store, beside a bare product of matrices.

    python -m tests.bench.vectors [--quick] [--stores memory,pgvector] [--markdown]

All points lie in one partition, which is the worst case: a search costs what its partition costs.
Qdrant is not among them: no server can be had here, and its double measures nothing.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is loaded: one core is the unit

import argparse
import asyncio
import secrets
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

import asyncpg
import numpy as np
import uvloop
from numpy.typing import NDArray

from llmcache_sidecar.adapters.vectors.memory import MemoryVectorStore
from llmcache_sidecar.adapters.vectors.pgvector import PgVectorStore
from llmcache_sidecar.adapters.vectors.pgvector_settings import PgVectorSettings
from llmcache_sidecar.adapters.vectors.pgvector_sql import statements
from llmcache_sidecar.domain.ids import EntryId, ExactKey, TenantId
from llmcache_sidecar.domain.purge import LogPosition
from llmcache_sidecar.domain.vectors import EmbeddingModel, PartitionId, VectorPoint
from llmcache_sidecar.ports.vector_store import VectorStore
from tests.bench.vectors_made import Shape, vectors
from tests.sidecar.vectors.servers import PostgresServer, postgres

_NOW: Final = 1_700_000_000.0
_PARTITION: Final = PartitionId(b"p" * 32)
_LIMIT: Final = 3
_PAYLOAD: Final = 150
_FLOOR: Final = 0.5


@dataclass(frozen=True, slots=True)
class Figure:
    """One store, one number of points, one shape.

    Attributes:
        p50_ms, p99_ms: of a search for the three nearest, one after the other, by the wall clock.
        cpu_ms: p50 of the processor time of this process for it: what a busy machine can't blur.
        loop_ms: p99 of the part of that which the event loop's own thread spends.
        bare_ms: p50 of the processor time of a float32 matrix times a vector over the same points.
        missed: of 100 searches, how often a neighbour above 0.5 was not the true one.
        build_s, megabytes: to store the points, and what they take in this process by the store's
            own account, which is within a fiftieth of resident memory.
    """

    store: str
    points: int
    dimensions: int
    shape: str
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    loop_ms: float
    bare_ms: float
    missed: int
    build_s: float
    megabytes: float


def _points(made: NDArray[np.float32], start: int, end: int) -> list[VectorPoint]:
    return [
        VectorPoint(
            EntryId(secrets.token_hex(16)),
            ExactKey(secrets.token_bytes(32)),
            made[at],
            _PARTITION,
            TenantId("t" * 32),
            "served/model",
            _NOW,
            _NOW + 3600.0 + at,
            LogPosition(1_700_000_000_000, 3),
            (),
            secrets.token_bytes(_PAYLOAD),
        )
        for at in range(start, min(end, len(made)))
    ]


def _queries(made: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Each near one of the points, at about 0.9."""
    rng = np.random.default_rng(5)
    dimensions = made.shape[1]
    noise = rng.standard_normal((count, dimensions), dtype=np.float32)
    asked = made[rng.integers(0, len(made), count)] + noise * np.float32(0.5 / np.sqrt(dimensions))
    asked /= np.linalg.norm(asked, axis=1, keepdims=True)
    return asked


async def measure(
    name: str, store: VectorStore, made: NDArray[np.float32], shape: Shape, searches: int,
    build_s: float, megabytes: float,
) -> Figure:  # fmt: skip
    """Search, and search bare in between, so that both see the same machine."""
    taken: list[float] = []
    worked: list[float] = []
    held: list[float] = []
    bare: list[float] = []
    missed = 0
    for at, query in enumerate(_queries(made, searches)):
        if at % max(searches // 100, 1) == 0:
            began = time.thread_time()
            cosines = made @ query
            bare.append(time.thread_time() - began)
        marks = time.perf_counter(), time.process_time(), time.thread_time()
        found = await store.search(_PARTITION, query, _LIMIT, _NOW)
        taken.append(time.perf_counter() - marks[0])
        worked.append(time.process_time() - marks[1])
        held.append(time.thread_time() - marks[2])
        if at % max(searches // 100, 1) == 0:
            wanted = np.sort(cosines)[::-1][:_LIMIT]
            have = np.array([each.similarity for each in found] + [-1.0] * _LIMIT)[:_LIMIT]
            missed += bool(np.any((np.abs(have - wanted) > 2e-3) & (wanted > _FLOOR)))
    return Figure(
        name,
        len(made),
        made.shape[1],
        shape.value,
        float(np.median(taken)) * 1e3,
        float(np.quantile(taken, 0.99)) * 1e3,
        float(np.median(worked)) * 1e3,
        float(np.quantile(held, 0.99)) * 1e3,
        float(np.median(bare)) * 1e3,
        missed,
        build_s,
        megabytes,
    )


async def in_memory(made: NDArray[np.float32], shape: Shape, searches: int) -> Figure:
    """The store in the process."""
    began = time.perf_counter()
    store = MemoryVectorStore(1 << 31, floor=_FLOOR)
    await store.open(EmbeddingModel("bench", "bench", made.shape[1]))
    for start in range(0, len(made), 256):
        await store.put_many(_points(made, start, start + 256))
    built, held = time.perf_counter() - began, store.bytes / 1e6
    figure = await measure("memory", store, made, shape, searches, built, held)
    await store.aclose()
    return figure


async def in_postgres(
    server: PostgresServer, made: NDArray[np.float32], shape: Shape, searches: int
) -> Figure:
    """PostgreSQL; the graph is made after loading, as a restored backup would have it."""
    identity = secrets.token_hex(8)
    dimensions = made.shape[1]
    plain = PgVectorSettings(server.dsn, "bench", hnsw=False, statement_timeout_s=60.0)
    began = time.perf_counter()
    loader = PgVectorStore(plain)
    await loader.open(EmbeddingModel("bench", identity, dimensions))
    for start in range(0, len(made), 1000):
        await loader.put_many(_points(made, start, start + 1000))
    await loader.aclose()
    connection = await asyncpg.connect(server.dsn)
    table = plain.table(identity)
    await connection.execute(statements(table, dimensions, True).make[-1], timeout=1200)
    await connection.execute(f'ANALYZE "{table}"')
    built = time.perf_counter() - began
    store = PgVectorStore(PgVectorSettings(server.dsn, "bench"))
    await store.open(EmbeddingModel("bench", identity, dimensions))
    for _ in range(2):  # it learns how large the partition is
        await store.search(_PARTITION, made[0], _LIMIT, _NOW)
        await asyncio.sleep(1.0)
    figure = await measure("pgvector", store, made, shape, searches, built, 0.0)
    await store.aclose()
    await connection.execute(f'DROP TABLE "{table}"')
    await connection.close()
    return figure


async def run(stores: Sequence[str], quick: bool) -> list[Figure]:
    """Every figure, told as it comes."""
    sizes = (1_000, 10_000) if quick else (1_000, 10_000, 100_000)
    searches = 100 if quick else 400
    figures: list[Figure] = []
    with ExitStack() as stack:
        server = stack.enter_context(postgres()) if "pgvector" in stores else None
        for dimensions in (384, 768):
            for points in sizes:
                for shape in Shape:
                    made = vectors(points, dimensions, shape, seed=points)
                    if "memory" in stores:
                        figures.append(await in_memory(made, shape, searches))
                        print(_line(figures[-1]), flush=True)
                    if server is None or shape is not Shape.CLUSTERED:
                        continue
                    if points * dimensions <= 100_000 * 384:  # a larger graph takes minutes
                        figures.append(await in_postgres(server, made, shape, searches))
                        print(_line(figures[-1]), flush=True)
    return figures


_HEAD: Final = (
    "| store | points | dimensions | shape | p50 ms | p99 ms | processor ms | of it on the loop, p99 "
    "| bare float32 ms | ratio | wrong of 100 | build s | MB |\n" + "|---" * 13 + "|"
)


def _line(figure: Figure) -> str:
    cells = (
        figure.store,
        f"{figure.points:,}",
        figure.dimensions,
        figure.shape,
        f"{figure.p50_ms:.2f}",
        f"{figure.p99_ms:.2f}",
        f"{figure.cpu_ms:.2f}",
        f"{figure.loop_ms:.2f}",
        f"{figure.bare_ms:.2f}",
        f"{figure.cpu_ms / figure.bare_ms:.2f}",
        figure.missed,
        f"{figure.build_s:.1f}",
        f"{figure.megabytes:.0f}",
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def as_markdown(figures: Sequence[Figure]) -> str:
    """A table for the docs."""
    return "\n".join([_HEAD, *map(_line, figures)])


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="no more than 10,000 points")
    parser.add_argument("--stores", default="memory,pgvector")
    options = parser.parse_args()
    print(_HEAD)
    figures = uvloop.run(run(options.stores.split(","), options.quick))
    print("\n" + as_markdown(figures))


if __name__ == "__main__":
    main()
