"""Entries whose matches were wrong are matched less, and the client's own answer is the next label."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sidecar.data_plane.answers import chat_request
from tests.sidecar.data_plane.engine import ScriptedEngine

from .asking import FIRST, SAME, settled
from .conftest import Start
from .oracle import Oracle, judged

ALL: dict[str, Any] = {"shadowSamplePercent": 100}
AGAIN = "How could I reset my router to its factory settings?"


@pytest.fixture
def oracle(engine: ScriptedEngine) -> Oracle:
    oracle = Oracle(engine)
    oracle.answers = {FIRST: "yes", SAME: "no", AGAIN: "no"}
    return oracle


@pytest.mark.parametrize("budget", [1, 3, 100])
async def test_a_wrong_match_is_not_repeated(start: Start, oracle: Oracle, budget: int) -> None:
    running = await start(quality={**ALL, "maxFalseHitPercent": budget})
    await running.ask(chat_request(FIRST))
    await settled(running)
    assert (await running.ask(chat_request(SAME))).hit
    assert await judged(running) == {"semantic/shadow/another_question": 1}
    again = await running.ask(chat_request(SAME))
    assert not again.hit
    assert b'"no"' in again.body
    found = await judged(running, 2)
    assert found["semantic/withheld/another_question"] == 1, "the miss was a label too"
    rates = {
        one.kind.value: one.rate.samples for one in running.sidecar.quality.standings.measured()
    }
    assert rates["false_hit"] == 1, "what is not served is no sample of what is"


async def test_without_learning_it_is_the_budgets_business_alone(
    start: Start, oracle: Oracle
) -> None:
    running = await start(quality={**ALL, "learning": False})
    await running.ask(chat_request(FIRST))
    await settled(running)
    await running.ask(chat_request(SAME))
    await judged(running)
    assert (await running.ask(chat_request(SAME))).hit


async def test_feedback_with_its_similarity_is_a_label(start: Start, oracle: Oracle) -> None:
    running = await start()
    await running.ask(chat_request(FIRST))
    await settled(running)
    hit = await running.ask(chat_request(SAME))
    body = {
        "entry": hit.headers["LLMCache-Entry"],
        "similarity": float(hit.headers["LLMCache-Similarity"]),
    }
    async with running.session.post(f"http://{running.admin}/admin/v1/feedback", json=body) as done:
        assert done.status == 200
    await running.ask(chat_request(FIRST), Cache_Control="no-cache")
    await settled(running)
    assert not (await running.ask(chat_request(SAME))).hit, "the same match, to the new answer"
