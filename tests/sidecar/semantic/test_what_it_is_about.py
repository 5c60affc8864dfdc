"""The policy of content: what a question is about decides whether its answer may be kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from llmcache_sidecar.adapters.memory_leases import MemoryLeases
from llmcache_sidecar.domain.entry import Entry
from llmcache_sidecar.domain.ids import EntryId
from tests.sidecar.data_plane.answers import chat_request
from tests.sidecar.data_plane.engine import ScriptedEngine
from tests.sidecar.data_plane.running import HandClock, eventually

from .asking import FARTHER, FIRST, SAME, figure, settled
from .conftest import Start

BYPASSED = [
    ("Where is my parcel right now?", "personal"),
    ("What is the weather like today?", "temporal"),
    ("What is the exchange rate of the dollar?", "financial"),
    ("Write a Python function that checks a tracking number.", "code"),
    ("Set an alarm for seven o'clock.", "action"),
    ("Pick a number between one and ten.", "random"),
    ("Yes, please.", "contextual"),
]


@pytest.mark.parametrize("mode", ["Serve", "Off"])
async def test_each_class_is_bypassed_by_name(start: Start, mode: str) -> None:
    """With the semantic level and, by words alone, without it."""
    running = await start(responseCache={"semantic": {"mode": mode}}, ready=mode == "Serve")
    for text, name in BYPASSED:
        for _ in range(2):
            reply = await running.ask(chat_request(text))
            assert reply.cache.startswith("llmcache; fwd=bypass; detail="), (text, reply.cache)
            assert name in reply.cache, (text, reply.cache)
    assert running.totals.stored == 0


async def test_what_has_one_answer_for_everybody_is_cached(start: Start) -> None:
    running = await start()
    for text in ("How do I change my PIN?", "What is a stock?", "Wie setze ich das Gerät zurück?"):
        await running.ask(chat_request(text))
        assert (await running.ask(chat_request(text))).hit, text


async def test_a_creative_wish_is_answered_by_the_same_request_alone(start: Start) -> None:
    running = await start()
    await running.ask(chat_request("Write a poem about autumn."))
    await asyncio.sleep(0.05)
    assert figure(running, "vectors.points") == 0
    again = await running.ask(chat_request("Write a poem about autumn."))
    assert "detail=exact" in again.cache


SHORT_LIVED = {
    "custom": [{"name": "Deadlines", "examples": [SAME], "similarity": 0.99}],
    "shortTtl": {"classes": ["Deadlines"], "ttl": "30s"},
}
"""What SAME asks is answered for 30 s only, what others ask in other words for longer."""


async def test_a_class_may_live_shorter(start: Start) -> None:
    clock = HandClock()
    policy = {"bypass": [], "shortTtl": {"classes": ["Temporal"], "ttl": "30s"}}
    running = await start(clock=clock, responseCache={"policy": policy})
    question = chat_request("What is the weather like today?")
    await running.ask(question)
    hit = await running.ask(question)
    assert hit.cache == "llmcache; hit; ttl=30; detail=exact"
    clock.pass_by(31)
    assert not (await running.ask(question)).hit


async def test_a_class_that_lives_shorter_does_so_after_a_fresh_answer_was_asked_for(
    start: Start,
) -> None:
    clock = HandClock()
    policy = {"bypass": [], "shortTtl": {"classes": ["Temporal"], "ttl": "30s"}}
    running = await start(clock=clock, responseCache={"policy": policy})
    question = chat_request("What is the weather like today?")
    await running.ask(question)
    clock.pass_by(10)
    assert not (await running.ask(question, Cache_Control="max-age=5")).hit
    assert (await running.ask(question)).cache == "llmcache; hit; ttl=30; detail=exact"
    clock.pass_by(20)
    assert (await running.ask(question)).cache == "llmcache; hit; ttl=10; detail=exact"
    clock.pass_by(11)
    assert not (await running.ask(question)).hit


async def test_a_policy_that_shortens_a_life_shortens_it_for_every_hit(start: Start) -> None:
    clock = HandClock()
    running = await start(clock=clock, responseCache={"policy": {"bypass": []}})
    question = chat_request("What is the weather like today?")
    await running.ask(question)
    document = running.sidecar.config.model_dump(by_alias=True)
    document["responseCache"]["policy"]["shortTtl"] = {"classes": ["Temporal"], "ttl": "30s"}
    running.sidecar.reload(type(running.sidecar.config).parse(document))
    for left in (20, 10, 0):
        clock.pass_by(10)
        assert (await running.ask(question)).cache == f"llmcache; hit; ttl={left}; detail=exact"
    clock.pass_by(1)
    assert not (await running.ask(question)).hit


async def test_what_is_too_old_for_its_class_ends_no_wait_for_another_replicas_answer(
    start: Start, engine: ScriptedEngine
) -> None:
    """However often it is read from the store, which knows nothing of the policy since."""
    clock = HandClock()
    running = await start(clock=clock, responseCache={"policy": {"bypass": []}})
    sidecar, leases = running.sidecar, MemoryLeases()
    question = chat_request("What is the weather like today?")
    await running.ask(question)
    (meta,) = [meta async for meta in sidecar.stores.reader.scan()]
    entry = await sidecar.stores.reader.get(meta.key)
    assert entry is not None
    document = sidecar.config.model_dump(by_alias=True)
    document["responseCache"]["policy"]["shortTtl"] = {"classes": ["Temporal"], "ttl": "30s"}
    sidecar.reload(type(sidecar.config).parse(document))
    clock.pass_by(40)
    sidecar._elsewhere._guarded, sidecar._elsewhere.wait_s = leases, 30.0
    assert await leases.take(meta.key, "another's", 3600.0)
    asking = asyncio.create_task(running.ask(question))
    await eventually(lambda: running.totals.events.get("waited_for_another_replica"))
    await asyncio.sleep(0.2)
    assert not asking.done()
    now = clock.time()
    fresh = replace(entry.meta, id=EntryId("f" * 32), created_at=now, expires_at=now + 3600)
    await sidecar.stores.reader.put(Entry(fresh, entry.body))
    assert (await asking).cache == "llmcache; hit; ttl=30; detail=exact"
    assert engine.times() == 1


async def test_a_class_that_lives_shorter_is_not_answered_by_something_older(start: Start) -> None:
    """The stored question is of no class; the one that is asked later is."""
    clock = HandClock()
    running = await start(clock=clock, responseCache={"policy": SHORT_LIVED})
    await learned(running)
    await running.ask(chat_request(FIRST))
    await settled(running)
    clock.pass_by(10)
    young = await running.ask(chat_request(SAME))
    assert young.cache == "llmcache; hit; ttl=20; detail=semantic"
    clock.pass_by(21)
    assert "fwd=miss" in (await running.ask(chat_request(SAME))).cache
    assert (await running.ask(chat_request(FIRST))).hit


async def test_a_class_that_lives_shorter_gets_the_next_best_that_is_young(start: Start) -> None:
    clock = HandClock()
    running = await start(clock=clock, responseCache={"policy": SHORT_LIVED})
    await learned(running)
    await running.ask(chat_request(FIRST))
    await settled(running)
    clock.pass_by(25)
    await running.ask(chat_request(FARTHER), Cache_Control="no-cache")
    await settled(running)
    assert (await running.ask(chat_request(SAME))).headers["Age"] == "25", (
        "the nearest, while young"
    )
    clock.pass_by(10)
    next_best = await running.ask(chat_request(SAME))
    assert next_best.cache == "llmcache; hit; ttl=20; detail=semantic"


async def test_an_override_holds_for_its_model(start: Start, engine: ScriptedEngine) -> None:
    engine.models.append({"id": "coder", "root": "a/coder"})
    policy = {"overrides": [{"models": ["coder"], "cache": ["Code"]}]}
    running = await start(responseCache={"policy": policy})
    text = "Write a Python function that checks a tracking number."
    assert "detail=code" in (await running.ask(chat_request(text))).cache
    await running.ask({**chat_request(text), "model": "coder"})
    assert (await running.ask({**chat_request(text), "model": "coder"})).hit


async def test_a_class_of_ones_own_works_by_examples(start: Start) -> None:
    custom = {
        "name": "Legal",
        "examples": [
            "Can I sue my landlord?",
            "Is this contract valid?",
            "What does the law say about this?",
            "May they terminate my lease without notice?",
        ],
        "similarity": 0.5,
    }
    running = await start(responseCache={"policy": {"custom": [custom]}})
    await learned(running)
    reply = await running.ask(chat_request("Can we sue our landlord?"))
    assert reply.cache == "llmcache; fwd=bypass; detail=legal"
    assert not (await running.ask(chat_request(FIRST))).cache.startswith("llmcache; fwd=bypass")


async def test_a_class_that_the_model_can_not_read_keeps_no_other_from_work(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    """The bundled model is English."""
    chinese = {"name": "Fahuo", "examples": ["\u53d1\u8d27", "\u7269\u6d41"], "similarity": 0.5}
    legal = {"name": "Legal", "examples": ["Can I sue my landlord?"], "similarity": 0.5}
    running = await start(responseCache={"policy": {"custom": [chinese, legal]}})
    await learned(running)
    assert running.sidecar.semantic.figures()["classes.unread"] == "Fahuo"
    assert "reads none of their examples: Fahuo" in caplog.text
    reply = await running.ask(chat_request("Can we sue our landlord?"))
    assert reply.cache == "llmcache; fwd=bypass; detail=legal"


async def learned(running: Any) -> None:
    """Wait until the classes are told apart by meaning too."""
    for _ in range(1200):
        if figure(running, "classes.byMeaning") == 1:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the examples were never embedded")


async def test_an_entry_that_an_older_policy_let_in_is_judged_again(start: Start) -> None:
    running = await start(responseCache={"policy": {"bypass": []}})
    question = chat_request("What is the weather like today?")
    await running.ask(question)
    assert (await running.ask(question)).hit
    stricter = running.sidecar.config.model_dump(by_alias=True)
    stricter["responseCache"]["policy"]["bypass"] = ["Temporal"]
    running.sidecar.reload(type(running.sidecar.config).parse(stricter))
    assert (await running.ask(question)).cache == "llmcache; fwd=bypass; detail=temporal"
