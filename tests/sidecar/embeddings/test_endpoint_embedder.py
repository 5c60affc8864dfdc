"""A server that embeds, in good days and bad ones."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import orjson
import pytest

from llmcache_sidecar.adapters.breaker import Breaker, BreakerSettings, BreakerState
from llmcache_sidecar.adapters.embedding.endpoint_embedder import EndpointEmbedder
from llmcache_sidecar.adapters.embedding.observing import EmbedderState, Tally, Trouble
from llmcache_sidecar.ports.embedder import (
    EmbeddingError,
    EmbeddingLoadError,
    EmbeddingOverdue,
    EmbeddingOverload,
    TextTooLong,
)

from .endpoint import EndpointServer


async def test_a_slow_server_costs_the_deadline_then_nothing(server: EndpointServer) -> None:
    tally = Tally()
    breaker = Breaker(BreakerSettings(failures=2, first_pause_s=5.0))
    embedder = EndpointEmbedder(server.url, "m", 0.1, breaker, observer=tally)
    embedder.start()
    await embedder.ready()
    server.delay = 1.0
    for _ in range(2):
        began = time.monotonic()
        with pytest.raises(EmbeddingOverdue):
            await embedder.embed("slow")
        assert time.monotonic() - began < 0.8
    assert embedder.breaker is BreakerState.OPEN
    with pytest.raises(EmbeddingError, match="paused"):
        await embedder.embed("not asked")
    assert tally.troubles == {Trouble.DEADLINE: 2, Trouble.CIRCUIT_OPEN: 1}
    await embedder.aclose()


async def test_a_server_that_comes_late_is_found(server: EndpointServer) -> None:
    server.status = 503
    embedder = EndpointEmbedder(server.url + "/v1", "m", 5.0, retries_s=(0.02,))
    embedder.start()
    while embedder.status.state is EmbedderState.LOADING:
        with pytest.raises(EmbeddingError):
            await embedder.embed("early")
        await asyncio.sleep(0.001)
    assert embedder.status.reason == "the endpoint answered with status 503"
    server.status = 200
    assert (await embedder.ready()).dimensions == 384
    assert len(await embedder.embed("hello")) == 384
    await embedder.aclose()


async def test_a_server_that_cuts_is_found_out(server: EndpointServer) -> None:
    server.cuts_at = 100
    embedder = EndpointEmbedder(server.url, "m", 5.0)
    embedder.start()
    assert (await embedder.ready()).window == 100
    with pytest.raises(TextTooLong, match="cuts texts at 100 tokens"):
        await embedder.embed("word " * 120)
    assert len(await embedder.embed("word " * 90)) == 384
    await embedder.aclose()


@pytest.mark.parametrize("counts", [0, 1])
async def test_a_server_that_does_not_really_count_cuts_nothing(
    server: EndpointServer, counts: int
) -> None:
    server.counts = counts
    embedder = EndpointEmbedder(server.url, "m", 5.0)
    embedder.start()
    assert (await embedder.ready()).window is None
    assert len(await embedder.embed("How do I reset my password?")) == 384
    await embedder.aclose()


async def test_a_server_that_is_slow_with_long_texts_is_asked_for_short_ones(
    server: EndpointServer,
) -> None:
    server.pace = 0.01
    embedder = EndpointEmbedder(server.url, "m", 0.2, patience_s=0.2)
    embedder.start()
    assert (await embedder.ready()).window is None
    assert server.most_words == 64
    with pytest.raises(TextTooLong, match="319 are sent"):
        await embedder.embed("word " * 64)
    assert server.most_words == 64
    server.pace = 0.0
    assert len(await embedder.embed("word " * 63)) == 384
    await embedder.aclose()


async def test_a_server_that_was_slow_once_is_asked_for_long_texts(server: EndpointServer) -> None:
    server.pace = 0.05
    embedder = EndpointEmbedder(server.url, "m", 0.5, patience_s=0.5)
    embedder.start()
    while server.most_words < 64:
        await asyncio.sleep(0.01)
    server.pace = 0.0
    await embedder.ready()
    assert len(await embedder.embed("word " * 100)) == 384
    await embedder.aclose()


async def test_the_key_comes_from_a_file_and_may_change(
    server: EndpointServer, tmp_path: Path
) -> None:
    key = tmp_path / "key"
    with pytest.raises(EmbeddingLoadError, match="can't read the key"):
        EndpointEmbedder(server.url, "m", key_file=key)
    key.write_text("old\n")
    server.key = "new"
    embedder = EndpointEmbedder(server.url, "m", 5.0, key_file=key, retries_s=(0.02,))
    key.write_text("new\n")
    embedder.start()
    assert (await embedder.ready()).dimensions == 384
    await embedder.aclose()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"data": []}',
        b'{"data": [{"embedding": "AAAA"}]}',
        b'{"data": [{"embedding": []}]}',
        b'{"data": [{"embedding": [0.0, 0.0]}]}',
        b'{"data": [{"embedding": [1e999, 0.0]}]}',
        orjson.dumps({"data": [{"embedding": [1.0, 2.0]}]}),
    ],
)
async def test_an_answer_that_is_no_vector_is_an_embedding_error(
    server: EndpointServer, body: bytes
) -> None:
    embedder = EndpointEmbedder(server.url, "m", 5.0)
    embedder.start()
    await embedder.ready()
    server.body = body
    with pytest.raises(EmbeddingError):
        await embedder.embed("hello")
    await embedder.aclose()


async def test_one_tenants_flood_leaves_room_for_another(server: EndpointServer) -> None:
    embedder = EndpointEmbedder(server.url, "m", 30.0, in_flight=8)
    embedder.start()
    await embedder.ready()
    server.delay = 1.0
    flood = [asyncio.create_task(embedder.embed(f"loud {n}", "loud")) for n in range(20)]
    await asyncio.sleep(0)
    quiet = [asyncio.create_task(embedder.embed(f"quiet {n}", "quiet")) for n in range(2)]
    assert all(len(vector) == 384 for vector in await asyncio.gather(*quiet))
    results = await asyncio.gather(*flood, return_exceptions=True)
    assert sum(isinstance(result, EmbeddingOverload) for result in results) == 14
    assert len(await embedder.embed("later", "loud")) == 384
    await embedder.aclose()
