"""What goes wrong with servers: gone, frozen, restarted, locked, of another kind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from qdrant_client import AsyncQdrantClient

from llmcache_sidecar.adapters.breaker import Breaker, BreakerSettings
from llmcache_sidecar.adapters.vectors.guarded import GuardedVectorStore
from llmcache_sidecar.adapters.vectors.pgvector import PgVectorStore
from llmcache_sidecar.adapters.vectors.pgvector_settings import (
    PgVectorSettings,
    PgVectorSettingsError,
)
from llmcache_sidecar.adapters.vectors.qdrant import QdrantVectorStore, make_client
from llmcache_sidecar.adapters.vectors.qdrant_settings import QdrantSettings, QdrantSettingsError
from llmcache_sidecar.adapters.vectors.write_queue import VectorWriteQueue
from llmcache_sidecar.ports.vector_store import VectorStore, VectorStoreError
from tests.ports import free_ports
from tests.sidecar.vectors.making import NOW, a_model, a_point, unit
from tests.sidecar.vectors.servers import PostgresServer, QdrantDouble, postgres, qdrant_double

stores = pytest.mark.stores
P = a_point().partition
Server = PostgresServer | QdrantDouble


def _rest(server: Server) -> VectorStore:
    assert isinstance(server, QdrantDouble)
    return QdrantVectorStore(replace(server.settings, prefer_grpc=False))


def _grpc(server: Server) -> VectorStore:
    assert isinstance(server, QdrantDouble)
    return QdrantVectorStore(server.settings)


def _pgvector(server: Server) -> VectorStore:
    assert isinstance(server, PostgresServer)
    return PgVectorStore(PgVectorSettings(server.dsn))


Make = Callable[[Server], VectorStore]


@pytest.fixture(params=[_rest, _grpc, _pgvector])
def way(request: pytest.FixtureRequest) -> Make:
    made: Make = request.param
    return made


@pytest.fixture(scope="module")
def victims() -> Iterator[dict[bool, Server]]:
    """One server of each kind, that tests may do anything to."""
    with ExitStack() as stack:
        yield {
            True: stack.enter_context(postgres()),
            False: stack.enter_context(qdrant_double()),
        }


@pytest.fixture
def server(way: Make, victims: dict[bool, Server]) -> Server:
    victim = victims[way is _pgvector]
    if not victim.runs:  # the last test left it dead
        victim.start()
    return victim


@pytest.fixture
async def make_store(way: Make) -> AsyncIterator[Make]:
    """Makes stores that are closed after the test."""
    made: list[VectorStore] = []

    def make(server: Server) -> VectorStore:
        made.append(way(server))
        return made[-1]

    yield make
    for store in made:
        await store.aclose()


async def _until_found(store: VectorStore, patience_s: float = 20.0) -> None:
    deadline = time.monotonic() + patience_s
    while not await store.search(P, unit(1.0), 1, NOW):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


@stores
async def test_a_server_that_was_killed_is_missed_and_found_again(
    make_store: Make, server: Server
) -> None:
    store = make_store(server)
    await store.open(a_model())
    await store.put_many([a_point()])
    server.kill()
    for _ in range(3):
        with pytest.raises(VectorStoreError, match=r"127\.0\.0\.1"):
            await store.search(P, unit(1.0), 1, NOW)
    with pytest.raises(VectorStoreError):
        await store.check()
    server.start()
    guarded = GuardedVectorStore(store, 5.0, Breaker(BreakerSettings(first_pause_s=0.01)))
    await _until_found(guarded)
    assert await store.put_many([a_point()]) == 1
    await store.aclose()


@stores
async def test_a_server_that_hangs_costs_no_more_than_the_deadline(
    make_store: Make, server: Server
) -> None:
    inner = make_store(server)
    store = GuardedVectorStore(inner, 0.1, Breaker(BreakerSettings(first_pause_s=0.01)))
    await store.open(a_model())
    await store.put_many([a_point()])
    server.pause()
    try:
        for _ in range(8):
            began = time.monotonic()
            assert await store.search(P, unit(1.0), 1, NOW) == []
            assert time.monotonic() - began < 1.0
    finally:
        server.resume()
    await _until_found(store)
    await store.aclose()


@stores
async def test_closing_while_the_server_hangs_is_quick(make_store: Make, server: Server) -> None:
    store = make_store(server)
    await store.open(a_model())
    server.pause()
    try:
        waiting = asyncio.create_task(store.search(P, unit(1.0), 1, NOW))
        await asyncio.sleep(0.1)
        began = time.monotonic()
        await store.aclose()
        assert time.monotonic() - began < 3.0
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    finally:
        server.resume()


@stores
async def test_a_server_that_comes_late_is_waited_for(make_store: Make, server: Server) -> None:
    server.kill()
    store = make_store(server)
    queue = VectorWriteQueue(store, deadline_s=20.0)
    queue.start(a_model())
    assert queue.offer(a_point())
    await asyncio.sleep(0.3)
    assert queue.trouble is not None
    server.start()
    assert await queue.flush(20.0) == 0
    assert len(await store.search(P, unit(1.0), 1, NOW)) == 1
    await queue.aclose()
    await store.aclose()


@stores
@stores
async def test_opening_again_is_over_a_new_connection(victims: dict[bool, Server]) -> None:
    """An old one may lead to a server that has been replaced, and answers 404 to everything."""
    server = victims[False]
    assert isinstance(server, QdrantDouble)
    if not server.runs:
        server.start()
    runner = web.AppRunner(web.Application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    ways = iter([f"http://127.0.0.1:{port}", server.settings.url])

    def connect(settings: QdrantSettings) -> AsyncQdrantClient:
        return make_client(replace(settings, url=next(ways)))

    store = QdrantVectorStore(replace(server.settings, prefer_grpc=False), connect)
    try:
        with pytest.raises(VectorStoreError):
            await store.open(a_model())
        await store.open(a_model())
        assert await store.put_many([a_point()]) == 1
    finally:
        await store.aclose()
        await runner.cleanup()


async def test_nobody_listens() -> None:
    (port,) = free_ports(1)
    for store in (
        QdrantVectorStore(QdrantSettings(f"http://127.0.0.1:{port}", prefer_grpc=False)),
        QdrantVectorStore(QdrantSettings(f"http://127.0.0.1:{port}", grpc_port=port)),
        PgVectorStore(PgVectorSettings(f"postgresql://nobody@127.0.0.1:{port}/x")),
    ):
        with pytest.raises(VectorStoreError, match="is it running"):
            await store.open(a_model())
        await store.aclose()


@stores
async def test_a_wrong_api_key_is_told_and_a_changed_file_taken_up(tmp_path: Path) -> None:
    key = tmp_path / "key"
    with qdrant_double("right") as server:
        for grpc in (False, True):
            key.write_text("wrong")
            store = QdrantVectorStore(
                replace(server.settings, prefer_grpc=grpc, api_key_file=str(key))
            )
            model = a_model()
            with pytest.raises(VectorStoreError, match="API key") as caught:
                await store.open(model)
            assert "wrong" not in str(caught.value)
            key.write_text("right\n")
            await store.open(model)
            assert await store.put_many([a_point()]) == 1
            await store.aclose()


@stores
async def test_a_wrong_password_is_told_and_a_changed_file_taken_up(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("wrong")
    with postgres("right") as server:
        store = PgVectorStore(
            PgVectorSettings(
                f"postgresql://postgres@127.0.0.1:{server.port}/postgres",
                password_file=str(password),
            )
        )
        with pytest.raises(VectorStoreError, match="password file") as caught:
            await store.open(a_model())
        assert "wrong" not in str(caught.value)
        password.write_text("right\n")
        await store.open(a_model())
        assert await store.put_many([a_point()]) == 1
        await store.aclose()
        missing = PgVectorStore(
            PgVectorSettings(f"postgresql://postgres:right@127.0.0.1:{server.port}/nothing")
        )
        with pytest.raises(VectorStoreError, match="create it"):
            await missing.open(a_model())
        await missing.aclose()


@stores
async def test_replicas_that_start_together_make_one_table() -> None:
    with postgres() as server:
        replicas = [PgVectorStore(PgVectorSettings(server.dsn)) for _ in range(6)]
        model = a_model()
        await asyncio.gather(*(replica.open(model) for replica in replicas))
        for replica in replicas:
            assert await replica.put_many([a_point()]) == 1
        assert await replicas[0].count() == 6
        for replica in replicas:
            await replica.aclose()


@stores
@pytest.mark.parametrize(
    "identity", ['x"; DROP TABLE y; --', "x" * 200, "ü'", "a b", "\x00", "$1", "%s"]
)
async def test_a_model_of_any_name_has_a_table_of_its_own(
    identity: str, request: pytest.FixtureRequest
) -> None:
    grounds = request.getfixturevalue("grounds")
    store = PgVectorStore(PgVectorSettings(grounds.postgres.dsn, "odd"))
    await store.open(a_model(identity=identity))
    await store.put_many([point := a_point()])
    await store.open(a_model(identity=identity + "2"))
    assert await store.count() == 0
    await store.open(a_model(identity=identity))
    await store.delete([point.id])
    assert await store.count() == 0
    await store.aclose()


@stores
async def test_a_table_or_collection_that_vanished_is_made_again(
    make_store: Make, server: Server
) -> None:
    store = make_store(server)
    model = a_model()
    await store.open(model)
    await store.put_many([a_point()])
    if isinstance(server, PostgresServer):
        import asyncpg

        connection = await asyncpg.connect(server.dsn)
        table = PgVectorSettings(server.dsn).table(model.identity)
        await connection.execute(f'DROP TABLE "{table}"')
        await connection.close()
    else:
        server.kill()
        server.forget_everything()
        server.start()
    assert await store.search(P, unit(1.0), 1, NOW) == []
    assert await store.put_many([a_point()]) == 1
    assert await store.count() == 1
    await store.aclose()


def test_settings_that_can_not_be_used_say_so(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.write_text("")
    for url in ("qdrant:6333", "redis://x", "http://", "http://user:secret@host:6333"):
        with pytest.raises(QdrantSettingsError) as caught:
            QdrantSettings(url)
        assert "secret" not in str(caught.value)
    with pytest.raises(QdrantSettingsError, match="namespace"):
        QdrantSettings("http://x:6333", "a b/c")
    with pytest.raises(QdrantSettingsError, match="is empty"):
        QdrantSettings("http://x:6333", api_key_file=str(empty)).api_key()
    with pytest.raises(PgVectorSettingsError, match="postgresql://"):
        PgVectorSettings("mysql://x")
    with pytest.raises(PgVectorSettingsError, match="namespace"):
        PgVectorSettings("postgresql://x", "a b")
    settings = PgVectorSettings("postgresql://me:secret@host:5432/cache?sslmode=require")
    assert settings.shown == "host:5432/cache"
    assert "secret" not in repr(settings)


async def test_files_that_can_not_be_read_are_named(tmp_path: Path) -> None:
    no_pem = tmp_path / "no.pem"
    no_pem.write_text("hello")
    here = "127.0.0.1:9"
    for store in (
        QdrantVectorStore(QdrantSettings(f"http://{here}", api_key_file="/no/such/key")),
        QdrantVectorStore(QdrantSettings(f"https://{here}", ca_file="/no/such/ca")),
        QdrantVectorStore(QdrantSettings(f"https://{here}", ca_file=str(no_pem))),
        PgVectorStore(PgVectorSettings(f"postgresql://{here}/x", password_file="/no/such/word")),
        PgVectorStore(PgVectorSettings(f"postgresql://{here}/x", ca_file=str(no_pem))),
    ):
        with pytest.raises(VectorStoreError, match=r"/no/such|no\.pem"):
            await store.open(a_model())
        await store.aclose()
