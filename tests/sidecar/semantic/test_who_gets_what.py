"""Tenants, purges, feedback, lifetimes: what was put out of service stays out, for everybody."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.sidecar.data_plane.answers import chat_request
from tests.sidecar.data_plane.engine import ScriptedEngine
from tests.sidecar.data_plane.running import HandClock, Running, eventually

from .asking import FARTHER, FIRST, OTHER, SAME, figure, settled
from .conftest import Start


async def taught(running: Running, text: str = FIRST, **headers: str) -> None:
    """`text` is answered by the engine, stored and findable."""
    reply = await running.ask(chat_request(text), **headers)
    assert not reply.hit
    await settled(running)


async def admin(running: Running, method: str, path: str, body: Any = None) -> Any:
    """A request to the admin plane."""
    url = f"http://{running.admin}{path}"
    async with running.session.request(method, url, json=body) as response:
        assert response.status == 200, await response.text()
        return await response.json()


async def test_another_key_is_another_tenant(start: Start) -> None:
    running = await start(auth={"mode": "None"})
    await taught(running, Authorization="Bearer one")
    assert not (await running.ask(chat_request(SAME), Authorization="Bearer two")).hit
    assert (await running.ask(chat_request(SAME), Authorization="Bearer one")).hit


async def test_strangers_who_share_are_told_nothing_that_they_could_climb_by(start: Start) -> None:
    running = await start(responseCache={"tenancy": {"scope": "Shared"}})
    await taught(running, Authorization="Bearer one")
    hit = await running.ask(chat_request(SAME), Authorization="Bearer two")
    assert "detail=semantic" in hit.cache
    assert "LLMCache-Similarity" not in hit.headers
    assert "LLMCache-Entry" not in hit.headers


async def test_feedback_removes_the_entry_and_its_vector(start: Start) -> None:
    running = await start()
    await taught(running)
    hit = await running.ask(chat_request(SAME))
    assert figure(running, "vectors.points") == 1
    await admin(running, "POST", "/admin/v1/feedback", {"entry": hit.headers["LLMCache-Entry"]})
    assert not (await running.ask(chat_request(SAME))).hit
    await settled(running)
    assert not (await running.ask(chat_request(FIRST, seed=1))).hit
    await eventually(lambda: figure(running, "vectors.points") == 2)


@pytest.mark.parametrize("query", ["tag=docs", "model=tiny", "all=true"])
async def test_a_purge_takes_the_vectors_along(start: Start, query: str) -> None:
    running = await start()
    await taught(running, LLMCache_Tags="docs")
    assert figure(running, "vectors.points") == 1
    await admin(running, "DELETE", f"/admin/v1/entries?{query}")
    await eventually(lambda: figure(running, "vectors.points") == 0)
    assert not (await running.ask(chat_request(SAME))).hit


async def test_a_dry_run_takes_nothing(start: Start) -> None:
    running = await start()
    await taught(running)
    await admin(running, "DELETE", "/admin/v1/entries?all=true&dryRun=true")
    assert (await running.ask(chat_request(SAME))).hit


async def test_the_level_has_a_ttl_of_its_own(start: Start) -> None:
    clock = HandClock()
    running = await start(
        clock=clock, responseCache={"exact": {"ttl": "2h"}, "semantic": {"ttl": "10m"}}
    )
    await taught(running)
    clock.pass_by(599)
    hit = await running.ask(chat_request(SAME))
    assert hit.cache == "llmcache; hit; ttl=1; detail=semantic"
    clock.pass_by(2)
    assert not (await running.ask(chat_request(SAME))).hit
    assert (await running.ask(chat_request(FIRST))).hit


async def test_a_client_may_ask_for_younger_answers(start: Start) -> None:
    clock = HandClock()
    running = await start(clock=clock)
    await taught(running)
    clock.pass_by(30)
    young = await running.ask(chat_request(SAME), Cache_Control="max-age=60")
    assert young.hit
    old = await running.ask(chat_request(SAME), Cache_Control="max-age=20")
    assert not old.hit


async def test_a_nearer_answer_that_is_too_old_hides_no_younger_one(start: Start) -> None:
    clock = HandClock()
    running = await start(clock=clock)
    await taught(running)
    clock.pass_by(30)
    assert "stored" in (await running.ask(chat_request(FARTHER), Cache_Control="no-cache")).cache
    await settled(running)
    nearest = await running.ask(chat_request(SAME))
    young = await running.ask(chat_request(SAME), Cache_Control="max-age=20")
    assert (nearest.headers["Age"], young.headers["Age"]) == ("30", "0")
    assert "detail=semantic" in young.cache
    assert nearest.headers["LLMCache-Entry"] != young.headers["LLMCache-Entry"]


async def test_an_answer_that_is_asked_for_anew_is_one_candidate_however_often(
    start: Start,
) -> None:
    running = await start()
    await taught(running, FARTHER)
    for _ in range(6):
        await running.ask(chat_request(FIRST), Cache_Control="no-cache")
        await settled(running)
    await eventually(lambda: figure(running, "vectors.points") == 2)
    assert (await running.ask(chat_request(SAME))).hit


async def test_no_cache_asks_the_engine_and_only_if_cached_never(
    start: Start, engine: ScriptedEngine
) -> None:
    running = await start()
    assert (await running.ask(chat_request(SAME), Cache_Control="only-if-cached")).status == 504
    await taught(running)
    assert (await running.ask(chat_request(SAME), Cache_Control="only-if-cached")).hit
    fresh = await running.ask(chat_request(SAME), Cache_Control="no-cache")
    assert fresh.cache.startswith("llmcache; fwd=request")
    assert engine.times() == 2


async def test_a_point_whose_entry_is_gone_is_a_miss_and_goes_too(start: Start) -> None:
    running = await start()
    await taught(running)
    stores = running.sidecar.stores
    for meta in [meta async for meta in stores.reader.scan()]:
        await stores.reader.delete(meta.key)
    stores.hot.clear()
    assert not (await running.ask(chat_request(SAME))).hit
    await eventually(lambda: running.totals.events.get("dangling_points") == 1)
    await settled(running)
    assert figure(running, "vectors.points") == 1, "that of the new answer"


async def test_explaining_another_question_ends_no_frame(start: Start) -> None:
    running = await start()
    frame = "Answer the question of this customer: "
    for number in range(16):
        await running.ask(chat_request(f"{frame}{number} times, is that enough?"))
    await running.ask(chat_request(frame + FIRST))
    await settled(running)
    await admin(running, "POST", "/admin/v1/explain", chat_request("Something else?"))
    assert "detail=semantic" in (await running.ask(chat_request(frame + SAME))).cache


async def test_explain_tells_the_way_and_changes_nothing(start: Start) -> None:
    running = await start()
    await taught(running)
    before = await admin(running, "GET", "/admin/v1/stats")
    told = await admin(running, "POST", "/admin/v1/explain", chat_request(SAME))
    steps = {step["step"]: step["result"] for step in told["steps"]}
    assert told["outcome"] == "hit_semantic"
    assert steps["semantic search"].startswith("1 candidates, the nearest at 0.")
    assert "accepted" in steps["candidate"]
    after = await admin(running, "GET", "/admin/v1/stats")
    assert before["semantic"]["refusedCandidates"] == after["semantic"]["refusedCandidates"]
    assert before["outcomes"] == after["outcomes"]


async def test_a_continued_conversation_is_kept_from_its_second_sighting(start: Start) -> None:
    def talk(text: str) -> dict[str, Any]:
        history = [
            {"role": "user", "content": "I bought a router of yours."},
            {"role": "assistant", "content": "Congratulations."},
        ]
        return {"model": "tiny", "messages": [*history, {"role": "user", "content": text}]}

    running = await start()
    await running.ask(talk(OTHER))
    await asyncio.sleep(0.05)
    assert figure(running, "vectors.points") == 0
    await running.ask(talk(FIRST))
    await settled(running)
    assert figure(running, "vectors.points") == 1
    assert (await running.ask(talk(SAME))).hit


async def test_a_request_with_tools_is_exact_only(start: Start) -> None:
    tools = [{"type": "function", "function": {"name": "f", "parameters": {}}}]
    running = await start()
    await running.ask(chat_request(FIRST, tools=tools))
    await asyncio.sleep(0.05)
    assert figure(running, "vectors.points") == 0
    assert not (await running.ask(chat_request(SAME, tools=tools))).hit
