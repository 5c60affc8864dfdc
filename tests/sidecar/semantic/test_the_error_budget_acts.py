"""A semantic level that errs too often serves less, and comes back."""

from __future__ import annotations

from typing import Any

import pytest

from llmcache_sidecar.domain.quality import CacheLevel
from llmcache_sidecar.pipeline.quality.standings import Nearness
from llmcache_sidecar.quality.budget import Serving
from llmcache_sidecar.quality.verdicts import Verdict
from tests.sidecar.data_plane.answers import chat_request
from tests.sidecar.data_plane.engine import ScriptedEngine
from tests.sidecar.data_plane.running import HandClock, Running, eventually, start_sidecar

from .asking import FIRST, SAME, settled
from .conftest import Start
from .oracle import Oracle, judged, quiet, verdicts

QUALITY: dict[str, Any] = {"shadowSamplePercent": 100, "minimumSamples": 10, "learning": False}
"""The budget alone: with what was learned of its entry, the same wrong hit would come once."""
NEAR = "Am I allowed to share my account?"
FAR = "Is it possible to share my account with somebody else?"


@pytest.fixture
def oracle(engine: ScriptedEngine) -> Oracle:
    return Oracle(engine)


def enter(running: Running, verdict: Verdict, number: int, nearness: Nearness) -> None:
    for _ in range(number):
        running.sidecar.quality.standings.enter(
            "tiny", CacheLevel.SEMANTIC, verdict, nearness, free=True
        )


def serving(running: Running) -> Serving:
    return running.sidecar.quality.standings.serving("tiny")


async def test_wrong_hits_tighten_the_level_then_it_observes_and_comes_back_by_free_labels(
    start: Start, oracle: Oracle
) -> None:
    oracle.answers = {FIRST: "yes", SAME: "no"}
    running = await start(quality=QUALITY)
    await running.ask(chat_request(FIRST))
    await settled(running)
    served = 0
    while serving(running) is Serving.SERVING:
        assert "detail=semantic" in (await running.ask(chat_request(SAME))).cache
        served += 1
        await judged(running, served)
        assert served <= 12
    assert served >= 10, "the minimum"
    assert running.totals.events["budget_false_hit_tightened"] == 1

    far, close = Nearness(close=False), Nearness(close=True)
    enter(running, Verdict.ANOTHER_QUESTION, 10, close)
    assert serving(running) is Serving.OBSERVING
    asked = oracle.times(SAME)
    oracle.answers[SAME] = "yes"
    reply = await running.ask(chat_request(SAME))
    assert reply.cache == "llmcache; fwd=miss; stored"
    assert oracle.times(SAME) == asked + 1
    assert running.totals.withheld_hits == 1
    found = await judged(running, served + 1)
    assert found["semantic/withheld/right"] == 1, "judged by the client's own answer"
    assert oracle.times(SAME) == asked + 1

    enter(running, Verdict.RIGHT, 400, far)
    assert serving(running) is Serving.OBSERVING, "what is far is not what comes back first"
    enter(running, Verdict.RIGHT, 400, close)
    assert serving(running) is Serving.TIGHTENED
    enter(running, Verdict.RIGHT, 400, far)
    assert serving(running) is Serving.SERVING


async def test_a_tightened_level_serves_what_is_clearly_nearer(
    start: Start, oracle: Oracle
) -> None:
    running = await start(quality={**QUALITY, "maxStalePercent": 100})
    await running.ask(chat_request(NEAR))
    await settled(running)
    enter(running, Verdict.ANOTHER_QUESTION, 10, Nearness())
    assert serving(running) is Serving.TIGHTENED
    explained = await explain(running, FAR)
    assert "error budget: Tightened: may not be served" in explained
    assert not (await running.ask(chat_request(FAR))).hit
    assert "may be served" in await explain(running, NEAR.replace("Am I", "Am  I"))


async def test_staleness_halves_the_age_that_is_served(start: Start, oracle: Oracle) -> None:
    clock = HandClock()
    running = await start(clock=clock, quality={**QUALITY, "maxStalePercent": 1})
    await running.ask(chat_request(FIRST))
    await settled(running)
    enter(running, Verdict.STALE, 10, Nearness())
    assert serving(running) is Serving.TIGHTENED
    assert "detail=semantic" in (await running.ask(chat_request(SAME))).cache
    clock.pass_by(1_900)
    assert "error budget: Tightened: may not be served" in await explain(running, SAME)


async def test_another_configuration_begins_anew(start: Start, oracle: Oracle) -> None:
    running = await start(quality=QUALITY)
    enter(running, Verdict.ANOTHER_QUESTION, 10, Nearness())
    document = running.sidecar.config.model_dump(by_alias=True)
    document["quality"]["maxFalseHitPercent"] = 2
    running.sidecar.reload(type(running.sidecar.config).parse(document))
    assert serving(running) is Serving.TIGHTENED, "the samples still say what they said"
    document["responseCache"]["semantic"]["threshold"] = 0.95
    running.sidecar.reload(type(running.sidecar.config).parse(document))
    assert serving(running) is Serving.SERVING, "they were about another threshold"


async def test_samples_of_another_configuration_are_given_up(start: Start, oracle: Oracle) -> None:
    oracle.answers = {FIRST: "yes", SAME: "no"}
    oracle.waiting = 1
    running = await start(quality=QUALITY)
    await running.ask(chat_request(FIRST))
    await settled(running)
    for _ in range(3):
        assert "detail=semantic" in (await running.ask(chat_request(SAME))).cache
    document = running.sidecar.config.model_dump(by_alias=True)
    document["responseCache"]["semantic"]["threshold"] = 0.84
    running.sidecar.reload(type(running.sidecar.config).parse(document))
    oracle.waiting = 0
    await quiet(running)
    assert running.totals.events["samples_abandoned_reconfigured"] == 3
    assert verdicts(running) == {}
    assert list(running.sidecar.quality.standings.measured()) == []
    assert "detail=semantic" in (await running.ask(chat_request(SAME))).cache
    assert await judged(running) == {"semantic/shadow/another_question": 1}


async def test_before_the_engine_has_named_its_models_the_strictest_budget_holds(
    engine: ScriptedEngine, oracle: Oracle
) -> None:
    """As after a restart beside an engine that is away, or still loads."""
    engine.models = []
    running = await start_sidecar(
        engine,
        None,
        False,
        {
            "responseCache": {"semantic": {"embedding": {"deadline": "5s"}}},
            "upstream": {"revision": "one", "defaultTemperature": 0},
            "quality": QUALITY,
        },
    )
    try:
        await eventually(lambda: running.sidecar.semantic.ready)
        await running.ask(chat_request(FIRST))
        await settled(running)
        enter(running, Verdict.RIGHT, 10, Nearness())
        assert "may be served" in await explain(running, SAME)
        enter(running, Verdict.ANOTHER_QUESTION, 20, Nearness())
        assert serving(running) is Serving.OBSERVING
        assert "error budget: Observing: may not be served" in await explain(running, SAME)
        assert not (await running.ask(chat_request(SAME))).hit
        assert running.totals.withheld_hits == 1
    finally:
        await running.session.close()
        await running.sidecar.aclose()


async def explain(running: Running, question: str) -> str:
    url = f"http://{running.admin}/admin/v1/explain"
    async with running.session.post(url, json=chat_request(question)) as response:
        steps = (await response.json())["steps"]
        return "\n".join(f"{step['step']}: {step['result']}" for step in steps)
