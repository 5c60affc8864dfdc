"""Other words for the same question, asked with the real SDKs: through real embeddings, a real Valkey,
and each vector store (PostgreSQL for real; Qdrant's real client, in front of its double)."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from tests.sdk import cases
from tests.sdk.asking import Ask, Got, streamed, streamed_async, whole, whole_async
from tests.sdk.normal import assert_equal, meant, without_null, without_prefix_cache
from tests.sdk.running import Engine, Sidecar, sidecar
from tests.sidecar.stores.servers import valkey
from tests.sidecar.vectors.servers import postgres, qdrant_double

pytestmark = pytest.mark.vllm

FIRST = "How do I reset the {} to its factory settings?"
SAME = "How can I reset the {} to factory settings?"
NEAR = "How do I reset the {} to its settings of version 12?"


def chat(text: str) -> Ask:
    """A chat that comes to an end of its own: one that is cut answers only the same request."""
    return cases.chat(text, max_tokens=900, stop=["q"])


ASKS: dict[str, Callable[[str], Ask]] = {
    "chat": chat,
    "responses": cases.response,
    "messages": cases.message,
}
_HIT = re.compile(r"llmcache; hit; ttl=\d+; detail=semantic")


@pytest.fixture(scope="module", params=["memory", "pgvector", "qdrant"])
def cache(
    request: pytest.FixtureRequest, engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sidecar]:
    """A sidecar with Valkey for bodies and this store for vectors; with a replica where it is
    shared."""
    folder = tmp_path_factory.mktemp("meaning")
    key = folder / "tenant.key"
    key.write_text(secrets.token_hex(32))
    with ExitStack() as stack:
        store = stack.enter_context(valkey())
        vectors = ""
        if request.param == "pgvector":
            server = stack.enter_context(postgres())
            vectors = f"pgvector: {{dsn: '{server.dsn}', deadline: 2s}}"
        elif request.param == "qdrant":
            double = stack.enter_context(qdrant_double())
            url = f"http://127.0.0.1:{double.port}"
            vectors = f"qdrant: {{url: '{url}', deadline: 2s}}"
        config = folder / "config.yaml"
        # A machine that is busy with an inference answers late.
        config.write_text(
            f"stores: {{redis: {{deadline: 1s}}, vectors: {{{vectors}}}}}\n"
            "responseCache: {semantic: {embedding: {deadline: 5s}}}\n"
        )
        flags = ("--config", str(config), "--redis", f"redis://127.0.0.1:{store.port}/0",
                 "--tenant-key-file", str(key))  # fmt: skip
        running = stack.enter_context(sidecar(engine, folder, *flags))
        if request.param != "memory":
            other = stack.enter_context(sidecar(engine, folder, *flags))
            running = replace(running, replica=other)
        for one in filter(None, (running, running.replica)):
            wait_until_ready(one)
        yield running


def wait_until_ready(running: Sidecar) -> None:
    """The embedding model is loaded and the vector store open."""
    deadline = time.monotonic() + 60
    while not running.stats()["semantic"]["state"].get("ready"):
        assert time.monotonic() < deadline, running.stats()["semantic"]
        time.sleep(0.1)


def elsewhere(running: Sidecar) -> Sidecar:
    """Where the paraphrase is asked, once the point is written."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        stats = running.stats()
        if not stats["semantic"]["state"].get("vectors.writeQueuePoints"):
            break
        time.sleep(0.01)
    assert running.elsewhere
    return running.replica or running


def assert_semantic(got: Got) -> None:
    assert _HIT.fullmatch(got.cache_status), got.cache_status
    assert 0.8 < float(got.headers["llmcache-similarity"]) < 1
    assert re.fullmatch("[0-9a-f]{32}", got.headers["llmcache-entry"])


def a_new(thing: str) -> str:
    """A thing that nobody asked about before, not even a first try of the same test."""
    return f"{thing} x{secrets.token_hex(3)}"


def asked(api: str, text: str) -> Ask:
    return ASKS[api](text)


@pytest.mark.parametrize("api", ASKS)
def test_a_whole_answer_serves_other_words(api: str, cache: Sidecar) -> None:
    thing = a_new(f"{api} printer")
    miss = whole(cache.clients, asked(api, FIRST.format(thing)))
    there = elsewhere(cache)
    hit = whole(there.clients, asked(api, SAME.format(thing)))
    assert miss.cache_status == "llmcache; fwd=miss; stored"
    assert_semantic(hit)
    if api != "responses":  # which echoes nothing of its input, but what it was asked with
        assert_equal(miss.normal.form, hit.normal.form)


@pytest.mark.parametrize("api", ASKS)
def test_a_stream_serves_other_words_in_both_forms(api: str, cache: Sidecar) -> None:
    thing = a_new(f"{api} scanner")
    miss = streamed(cache.clients, asked(api, FIRST.format(thing)))
    there = elsewhere(cache)
    hit = streamed(there.clients, asked(api, SAME.format(thing)))
    assert_semantic(hit)
    assert_equal(
        without_null(meant(without_prefix_cache(miss.normal.form))),
        without_null(meant(without_prefix_cache(hit.normal.form))),
    )
    assert_semantic(whole(there.clients, asked(api, SAME.format(thing))))


@pytest.mark.parametrize("api", ASKS)
async def test_the_async_clients_get_the_same(api: str, cache: Sidecar) -> None:
    thing = a_new(f"{api} camera")
    await whole_async(cache.clients, asked(api, FIRST.format(thing)))
    there = elsewhere(cache)
    assert_semantic(await whole_async(there.clients, asked(api, SAME.format(thing))))
    assert_semantic(await streamed_async(there.clients, asked(api, SAME.format(thing))))


def test_a_near_miss_is_an_answer_of_its_own(cache: Sidecar) -> None:
    thing = a_new("tablet")
    first = whole(cache.clients, chat(FIRST.format(thing)))
    there = elsewhere(cache)
    near = whole(there.clients, chat(NEAR.format(thing)))
    assert first.cache_status == near.cache_status == "llmcache; fwd=miss; stored"


def test_what_must_not_be_cached_is_not(cache: Sidecar) -> None:
    for _ in range(2):
        got = whole(cache.clients, cases.chat("What is the weather like today?"))
        assert got.cache_status.startswith("llmcache; fwd=bypass; detail="), got.cache_status
        assert "temporal" in got.cache_status


def test_a_purge_forgets_other_words_everywhere(cache: Sidecar) -> None:
    thing = a_new("speaker")
    tagged = chat(FIRST.format(thing)).headers(**{"LLMCache-Tags": "speakers"})
    whole(cache.clients, tagged)
    there = elsewhere(cache)
    assert_semantic(whole(there.clients, chat(SAME.format(thing))))
    cache.purge(tag="speakers")
    time.sleep(1.0)
    again = whole(there.clients, chat(SAME.format(thing)))
    assert again.cache_status == "llmcache; fwd=miss; stored"
