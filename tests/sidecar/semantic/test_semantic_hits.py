"""A request that means the same is answered, and says what it is."""

from __future__ import annotations

import re
from typing import Any

import pytest

from llmcache_sidecar.domain.api import Api
from tests.sidecar.data_plane.answers import (
    SPEECHES,
    chat_request,
    chat_whole,
    dumps,
    stripped,
    well,
)
from tests.sidecar.data_plane.engine import Exchange, ScriptedEngine

from .asking import FIRST, OTHER, SAME, settled
from .conftest import Start


def asking(api: Api, text: str, **more: Any) -> dict[str, Any]:
    speech = SPEECHES[api]
    body: dict[str, Any] = speech.request(text, **more)
    return body


@pytest.mark.parametrize("api", [Api.CHAT, Api.RESPONSES, Api.MESSAGES])
@pytest.mark.parametrize("streamed", [False, True])
async def test_a_paraphrase_is_served(
    start: Start, engine: ScriptedEngine, api: Api, streamed: bool
) -> None:
    running, path = await start(), SPEECHES[api].path
    miss = await running.ask(asking(api, FIRST), path)
    await settled(running)
    hit = await running.ask(asking(api, SAME, stream=streamed), path)
    assert miss.cache == "llmcache; fwd=miss; stored"
    assert re.fullmatch(r"llmcache; hit; ttl=3\d\d\d; detail=semantic", hit.cache), hit.cache
    assert 0.8 <= float(hit.headers["LLMCache-Similarity"]) < 1
    assert re.fullmatch("[0-9a-f]{32}", hit.headers["LLMCache-Entry"])
    assert hit.headers["Age"] == "0"
    assert engine.times() == 1
    if not streamed:
        assert stripped(hit.json()) == stripped(miss.json())


async def test_a_different_question_misses(start: Start, engine: ScriptedEngine) -> None:
    running = await start()
    await running.ask(chat_request(FIRST))
    await settled(running)
    assert not (await running.ask(chat_request(OTHER))).hit
    assert engine.times() == 2


async def test_the_same_request_is_an_exact_hit(start: Start) -> None:
    running = await start()
    await running.ask(chat_request(FIRST))
    assert "detail=exact" in (await running.ask(chat_request(FIRST))).cache


@pytest.mark.parametrize(
    "change",
    [
        {"temperature": 0.3},
        {"model": "other"},
        {"seed": 3},
        {"max_tokens": 5},
        {
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": SAME},
            ]
        },
    ],
    ids=lambda change: next(iter(change)),
)
async def test_everything_but_the_question_must_be_equal(
    start: Start, engine: ScriptedEngine, change: dict[str, Any]
) -> None:
    engine.models.append({"id": "other", "root": "a/other"})
    running = await start()
    await running.ask(chat_request(FIRST))
    await settled(running)
    assert not (await running.ask({**chat_request(SAME), **change})).hit


async def test_an_answer_that_was_cut_when_it_was_asked_again_answers_nobody_else(
    start: Start, engine: ScriptedEngine
) -> None:
    running, first = await start(), chat_request(FIRST, max_tokens=50)
    await running.ask(first)
    await settled(running)

    async def cut(exchange: Exchange) -> None:
        await exchange.answer(dumps(chat_whole("length")))

    engine.script = cut
    assert "stored" in (await running.ask(first, Cache_Control="no-cache")).cache
    engine.script = well
    assert not (await running.ask(chat_request(SAME, max_tokens=50))).hit
    assert (await running.ask(first)).hit, "the same request gets it as it is"


async def test_observe_counts_and_does_not_serve(start: Start, engine: ScriptedEngine) -> None:
    running = await start(responseCache={"semantic": {"mode": "Observe"}})
    await running.ask(chat_request(FIRST))
    await settled(running)
    reply = await running.ask(chat_request(SAME))
    assert reply.cache == "llmcache; fwd=bypass; detail=observe; stored"
    assert running.totals.observed_hits == 1
    assert engine.times() == 2
    assert (await running.ask(chat_request(FIRST))).hit, "the exact level serves on"


async def test_the_exact_level_may_be_off(start: Start) -> None:
    running = await start(responseCache={"exact": {"mode": "Off"}})
    await running.ask(chat_request(FIRST))
    await settled(running)
    again = await running.ask(chat_request(FIRST))
    assert "detail=semantic" in again.cache
    assert again.headers["LLMCache-Similarity"] == "1.0000"


async def test_it_is_counted_apart(start: Start) -> None:
    running = await start()
    await running.ask(chat_request(FIRST))
    await settled(running)
    await running.ask(chat_request(SAME))
    await running.ask(chat_request(FIRST))
    totals = running.totals
    assert totals.outcomes == {"miss": 1, "hit_semantic": 1, "hit_exact": 1}
    assert (totals.hits, totals.semantic_hits) == (2, 1)
    assert totals.saved_prompt_tokens == 14
