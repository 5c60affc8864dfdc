"""Whether a sample counts does not depend on what it says: errors that can't be looked into would
otherwise drop out, and right answers stay."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sidecar.data_plane.answers import chat_request
from tests.sidecar.data_plane.engine import Exchange, ScriptedEngine
from tests.sidecar.data_plane.running import HandClock, Running, eventually

from .asking import FIRST, SAME, settled
from .conftest import Start
from .oracle import Oracle, judged, quiet, verdicts

OBSERVED: dict[str, Any] = {
    "responseCache": {"exact": {"mode": "Observe"}, "semantic": {"mode": "Observe"}},
    "quality": {"shadowSamplePercent": 100},
    "upstream": {"priorityScheduling": True},
}


class Refusing(Oracle):
    """Refuses whatever comes last in line, which is what is asked for samples alone."""

    def __init__(self, engine: ScriptedEngine) -> None:
        super().__init__(engine)
        self.refuses: Any = lambda body: True

    async def script(self, exchange: Exchange) -> None:
        """Answer one request."""
        body = exchange.request.json() if exchange.request.method == "POST" else {}
        if "priority" in body and self.refuses(body):
            await exchange.answer(b"{}", 429)
            return
        await super().script(exchange)


@pytest.fixture
def oracle(engine: ScriptedEngine) -> Refusing:
    return Refusing(engine)


async def ask(running: Running, question: str) -> None:
    await running.ask(chat_request(question))
    await settled(running)
    await quiet(running)


def abandoned(running: Running, why: str) -> int:
    return int(running.totals.events.get(f"samples_abandoned_{why}", 0))


@pytest.mark.parametrize("answer", ["yes", "no"])
async def test_what_finds_no_idle_engine_is_given_up_whatever_it_says(
    start: Start, oracle: Refusing, answer: str
) -> None:
    oracle.answers = {FIRST: "yes", SAME: answer}
    oracle.waiting = 1
    clock = HandClock()
    running = await start(clock=clock, **OBSERVED)
    await running.ask(chat_request(FIRST))
    await settled(running)
    await running.ask(chat_request(SAME))
    await eventually(lambda: running.sidecar.quality.shadow.waiting == 1)
    clock.pass_by(601)
    await eventually(lambda: abandoned(running, "busy") == 1)
    assert verdicts(running) == {}


async def test_after_one_that_differs_was_given_up_so_is_one_that_agrees(
    start: Start, oracle: Refusing
) -> None:
    running = await start(**OBSERVED)
    oracle.answers = {FIRST: "yes"}
    await ask(running, FIRST)
    oracle.answers = {FIRST: "no"}
    await ask(running, FIRST)
    assert abandoned(running, "refused") == 1
    await ask(running, FIRST)
    assert abandoned(running, "refused") == 2, "it agrees with the answer before"
    assert verdicts(running) == {}
    oracle.refuses = lambda body: False
    await ask(running, FIRST)
    assert await judged(running) == {"exact/observed/right": 1}
    asked = len(oracle.asked)
    await ask(running, FIRST)
    assert await judged(running, 2) == {"exact/observed/right": 2}
    assert len(oracle.asked) == asked + 1, "the engine answers again: it costs nothing more"


async def test_a_hit_that_is_right_counts_no_more_than_one_whose_own_prompt_is_refused(
    start: Start, oracle: Refusing
) -> None:
    oracle.answers = {FIRST: "yes", SAME: "no"}
    oracle.refuses = lambda body: body["messages"][-1]["content"] == FIRST
    running = await start(**{**OBSERVED, "responseCache": {}})
    await ask(running, FIRST)
    await ask(running, SAME)
    assert abandoned(running, "refused") == 1
    oracle.answers[SAME] = "yes"
    await ask(running, SAME)
    assert abandoned(running, "refused") == 2
    assert verdicts(running) == {}
    oracle.refuses = lambda body: False
    await ask(running, SAME)
    assert await judged(running) == {"semantic/shadow/right": 1}
