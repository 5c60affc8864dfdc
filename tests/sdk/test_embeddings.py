"""Embeddings, from a vLLM that does nothing else."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import openai
import pytest

from tests.engine.fixtures import API_KEY
from tests.engine.launch import RealEngine
from tests.sdk.asking import MODEL, Ask, Clients, whole
from tests.sdk.normal import assert_equal
from tests.sdk.running import Engine, Sidecar, sidecar

pytestmark = pytest.mark.vllm


@pytest.fixture(scope="module")
def embedder(real_embedding_engine: RealEngine) -> Engine:
    return Engine(real_embedding_engine.url, API_KEY)


@pytest.fixture(scope="module")
def embeddings(embedder: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidecar]:
    with sidecar(embedder, tmp_path_factory.mktemp("embeddings")) as running:
        yield running


def embed(text: Any, **arguments: Any) -> Ask:
    return Ask("embeddings", {"model": MODEL, "input": text, **arguments})


ASKS = {
    "a text": embed("what is a cache"),
    "several texts": embed(["what is a cache", "grüße 🌍", "what is a cache"]),
    "tokens": embed([[79, 110, 99], [101]]),
    "floats": embed("what is a float", encoding_format="float"),
    "base64": embed("what is a base", encoding_format="base64"),
}


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS.keys())
def test_a_hit_is_what_the_miss_was(ask: Ask, embeddings: Sidecar, embedder: Engine) -> None:
    miss, hit = whole(embeddings.clients, ask), whole(embeddings.clients, ask)
    assert miss.cache_status == "llmcache; fwd=miss; stored"
    assert hit.cache_status.startswith("llmcache; hit")
    assert_equal(miss.normal.form, hit.normal.form)
    assert not set(miss.normal.ids) & set(hit.normal.ids)
    engines_own = whole(embedder.clients, ask)
    assert_equal(engines_own.normal.form, hit.normal.form)
    assert engines_own.headers["content-type"] == hit.headers["content-type"]


def test_encodings_are_told_apart(embeddings: Sidecar) -> None:
    floats = whole(embeddings.clients, embed("apart", encoding_format="float"))
    coded = whole(embeddings.clients, embed("apart", encoding_format="base64"))
    usual = whole(embeddings.clients, embed("apart"))
    assert coded.cache_status == "llmcache; fwd=miss; stored"
    assert isinstance(coded.only.data[0].embedding, str)
    assert usual.cache_status.startswith("llmcache; hit"), "the SDK asks for base64 by itself"
    for a, b in zip(floats.only.data[0].embedding, usual.only.data[0].embedding, strict=True):
        assert math.isclose(a, b, rel_tol=1e-5, abs_tol=1e-6)


async def test_the_async_client(embeddings: Sidecar) -> None:
    async with embeddings.clients.async_openai() as client:
        got = [await client.embeddings.create(model=MODEL, input="async") for _ in range(2)]
    assert got[0].data == got[1].data


def test_errors_are_the_engines(embeddings: Sidecar, embedder: Engine) -> None:
    for ask, kind in (
        (embed("x").but(model="nobody"), openai.NotFoundError),
        (embed([]), openai.BadRequestError),
        (embed("x", dimensions=7), openai.BadRequestError),
    ):
        failures: list[openai.APIStatusError] = []
        for clients in (embedder.clients, embeddings.clients):
            with pytest.raises(kind) as raised:
                whole(clients, ask)
            failures.append(raised.value)
        assert_equal(failures[0].body, failures[1].body)
    with pytest.raises(openai.AuthenticationError):
        whole(Clients(embeddings.url, "sk-wrong"), ASKS["a text"])


def test_temperature_means_nothing_here(embeddings: Sidecar) -> None:
    """No default temperature bypasses embeddings, though this engine can't be asked for one."""
    got = whole(embeddings.clients, embed("cold"))
    assert got.cache_status == "llmcache; fwd=miss; stored"
