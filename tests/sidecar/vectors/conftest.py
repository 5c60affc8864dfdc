"""Every vector store, over every way to reach a server."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from qdrant_client import AsyncQdrantClient

from llmcache_sidecar.adapters.vectors.memory import MemoryVectorStore
from llmcache_sidecar.adapters.vectors.pgvector import PgVectorStore
from llmcache_sidecar.adapters.vectors.pgvector_settings import PgVectorSettings
from llmcache_sidecar.adapters.vectors.qdrant import QdrantVectorStore
from llmcache_sidecar.adapters.vectors.qdrant_settings import QdrantSettings
from llmcache_sidecar.ports.vector_store import VectorStore
from tests.sidecar.vectors.making import a_model
from tests.sidecar.vectors.servers import PostgresServer, QdrantDouble, postgres, qdrant_double

MakeStore = Callable[[str], Awaitable[VectorStore]]

API_KEY = "k3y"
IN_PROCESS = ("memory", "qdrant-local")
SERVED = ("qdrant-rest", "qdrant-grpc", "pgvector", "pgvector-exact")
GRAPH = "pgvector-graph"
"""PostgreSQL, whose planner would compare a few hundred points rather than walk their graph."""

KINDS = [*IN_PROCESS, *(pytest.param(kind, marks=pytest.mark.stores) for kind in SERVED)]


def in_loop(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run in an event loop of its own, for tests that hypothesis calls many times."""
    asyncio.run(coroutine)


class Grounds:
    """The servers of a test session, each started when first asked for."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack = stack
        self._postgres: PostgresServer | None = None
        self._qdrant: QdrantDouble | None = None
        self.api_key_file = folder / "api-key"
        self.api_key_file.write_text(API_KEY + "\n")

    @property
    def postgres(self) -> PostgresServer:
        if self._postgres is None:
            self._postgres = self._stack.enter_context(postgres())
        return self._postgres

    @property
    def qdrant(self) -> QdrantDouble:
        if self._qdrant is None:
            self._qdrant = self._stack.enter_context(qdrant_double(API_KEY))
        return self._qdrant

    def make(self, kind: str) -> VectorStore:
        """A store that nobody else sees, not open yet."""
        namespace = secrets.token_hex(6)
        if kind == "memory":
            return MemoryVectorStore(1 << 24)
        if kind == "qdrant-local":
            settings = QdrantSettings("http://127.0.0.1:1", namespace)
            return QdrantVectorStore(settings, lambda _: AsyncQdrantClient(":memory:"))
        if kind.startswith("qdrant"):
            settings = replace(self.qdrant.settings, namespace=namespace, timeout_s=20)
            return QdrantVectorStore(
                replace(
                    settings,
                    api_key_file=str(self.api_key_file),
                    prefer_grpc=kind == "qdrant-grpc",
                )
            )
        return PgVectorStore(
            PgVectorSettings(
                self.postgres.dsn + ("?enable_sort=off" if kind == GRAPH else ""),
                namespace,
                hnsw=kind != "pgvector-exact",
                exact_up_to=0 if kind == GRAPH else 5_000,
                connect_timeout_s=20.0,
                statement_timeout_s=20.0,
            )
        )


@pytest.fixture(scope="session")
def grounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grounds]:
    with ExitStack() as stack:
        yield Grounds(stack, tmp_path_factory.mktemp("grounds"))


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    made: str = request.param
    return made


@pytest.fixture
async def make(grounds: Grounds) -> AsyncIterator[MakeStore]:
    """Makes stores that are closed after the test."""
    made: list[VectorStore] = []

    async def one(kind: str) -> VectorStore:
        made.append(grounds.make(kind))
        return made[-1]

    yield one
    for store in made:
        await store.aclose()


@pytest.fixture
async def store(make: MakeStore, kind: str) -> VectorStore:
    """An empty store of every kind, open for a model of its own."""
    store = await make(kind)
    await store.open(a_model())
    return store
