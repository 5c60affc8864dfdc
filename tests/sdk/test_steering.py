"""Cache-Control and LLMCache-Tags in the SDKs' `extra_headers`, and purges by the admin plane."""

from __future__ import annotations

import time
from typing import Any

import anthropic
import httpx
import openai
import pytest

from tests.sdk import cases
from tests.sdk.asking import Ask, streamed, whole
from tests.sdk.normal import assert_equal
from tests.sdk.running import Sidecar

pytestmark = pytest.mark.vllm


def asks(topic: str) -> list[Ask]:
    """One for each API."""
    found = [
        cases.chat(),
        cases.completion(),
        cases.response(tools=[cases.FUNCTION], tool_choice="required"),
        cases.message(),
    ]
    return [ask.about(topic) for ask in found]


def test_only_if_cached(cache: Sidecar) -> None:
    for ask in asks("only if cached"):
        wish = ask.headers(Cache_Control="only-if-cached")
        kind: Any = openai.APIStatusError
        if ask.resource == "messages":
            kind = anthropic.APIStatusError
        for read in (whole, streamed):
            with pytest.raises(kind) as refused:
                read(cache.clients, wish)
            assert refused.value.status_code == 504
            assert refused.value.response.headers["cache-status"] == (
                "llmcache; detail=only-if-cached"
            )
            assert "only-if-cached" in str(refused.value)
        whole(cache.clients, ask)
        for read in (whole, streamed):
            assert read(cache.clients, wish).cache_status.startswith("llmcache; hit")


def test_no_cache_asks_the_engine_and_refreshes(cache: Sidecar) -> None:
    for ask in asks("no cache"):
        whole(cache.clients, ask)
        old = whole(cache.clients, ask)
        fresh = whole(cache.clients, ask.headers(Cache_Control="no-cache"))
        assert fresh.cache_status == "llmcache; fwd=request; stored"
        new = whole(cache.clients, ask)
        assert new.cache_status.startswith("llmcache; hit")
        assert new.headers["llmcache-entry"] != old.headers["llmcache-entry"]
        assert_equal(fresh.normal.form, new.normal.form)


def test_no_store_keeps_nothing(cache: Sidecar) -> None:
    before = len(cache.entries())
    for ask in asks("no store"):
        for read in (whole, streamed):
            got = read(cache.clients, ask.headers(Cache_Control="no-store"))
            assert got.cache_status == "llmcache; fwd=miss"
    assert len(cache.entries()) == before


def test_no_store_still_takes_what_is_there(cache: Sidecar) -> None:
    """As RFC 9111 has it: the directive is about storing."""
    ask = cases.chat().about("no store, but there")
    whole(cache.clients, ask)
    got = whole(cache.clients, ask.headers(Cache_Control="no-store"))
    assert got.cache_status.startswith("llmcache; hit")


def test_max_age(cache: Sidecar) -> None:
    ask = cases.chat().about("max age")
    whole(cache.clients, ask)
    young = whole(cache.clients, ask.headers(Cache_Control="max-age=600"))
    assert young.cache_status.startswith("llmcache; hit")
    old = whole(cache.clients, ask.headers(Cache_Control="max-age=0"))
    assert old.cache_status == "llmcache; fwd=request; stored"


def test_tags_and_purges(cache: Sidecar) -> None:
    tagged = [ask.headers(LLMCache_Tags="docs-v3, faq") for ask in asks("tagged")]
    other = cases.chat().about("other tag").headers(LLMCache_Tags="docs-v4")
    for ask in [*tagged, other]:
        assert whole(cache.clients, ask).cache_status == "llmcache; fwd=miss; stored"
    (entry,) = cache.entries(tag="docs-v4")
    assert entry["tags"] == ["docs-v4"]
    assert len(cache.entries(tag="docs-v3")) == len(tagged)

    rehearsed = cache.purge(tag="docs-v3", dryRun="true")
    assert rehearsed["matched"] == len(tagged)
    assert whole(cache.clients, tagged[0]).cache_status.startswith("llmcache; hit")

    cache.purge(tag="docs-v3")
    assert cache.entries(tag="docs-v3") == []
    for ask in tagged:
        assert whole(cache.clients, ask).cache_status.startswith("llmcache; fwd=miss")
    assert whole(cache.clients, other).cache_status.startswith("llmcache; hit")


def test_after_a_purge_answers_are_stored_again(cache: Sidecar) -> None:
    """At most a second later, when the purge was read back from the log."""
    ask = cases.chat().about("stored again").headers(LLMCache_Tags="again")
    whole(cache.clients, ask)
    cache.purge(tag="again")
    deadline = time.monotonic() + 2.0
    statuses = []
    while time.monotonic() < deadline:
        statuses.append(whole(cache.clients, ask).cache_status)
        if statuses[-1].startswith("llmcache; hit"):
            break
    assert statuses[0].startswith("llmcache; fwd=miss")
    assert statuses[-1].startswith("llmcache; hit"), statuses


def test_a_purge_of_the_entry_that_a_hit_names(cache: Sidecar) -> None:
    ask = cases.message().about("by id")
    whole(cache.clients, ask)
    entry = whole(cache.clients, ask).headers["llmcache-entry"]
    url = f"{cache.admin}/admin/v1/entries/{entry}"
    shown = httpx.get(url).raise_for_status().json()
    assert shown["api"] == "messages"
    httpx.delete(url).raise_for_status()
    assert httpx.get(url).status_code == 404
    assert whole(cache.clients, ask).cache_status.startswith("llmcache; fwd=miss")


def test_feedback_that_a_hit_was_wrong(cache: Sidecar) -> None:
    ask = cases.chat().about("wrong")
    whole(cache.clients, ask)
    entry = streamed(cache.clients, ask).headers["llmcache-entry"]
    httpx.post(
        f"{cache.admin}/admin/v1/feedback", json={"entry": entry, "verdict": "wrong"}
    ).raise_for_status()
    assert streamed(cache.clients, ask).cache_status == "llmcache; fwd=miss"


def test_a_tag_that_cannot_be_kept_keeps_the_answer_out(cache: Sidecar) -> None:
    ask = cases.chat().about("bad tag").headers(LLMCache_Tags="two words")
    for _ in range(2):
        assert whole(cache.clients, ask).cache_status == "llmcache; fwd=bypass; detail=tags"
