"""Where the verification is not sure, a model that reads both questions decides."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from llmcache_sidecar.adapters.cross_encoder.hosted import HostedCrossEncoder
from llmcache_sidecar.ports.cross_encoder import (
    CrossEncoderBusy,
    CrossEncoderError,
    CrossEncoderUnfit,
)
from tests.sidecar.data_plane.answers import chat_request
from tests.sidecar.data_plane.running import Running

from .asking import settled
from .conftest import Start

HOLE = "What would happen if you fell into a black hole?"
HOLE_AGAIN = "Suppose I fall into a black hole, what happens then?"
HONEY = "How is honey made by bees?"
HONEY_OF_A_BEE = "How much honey does a bee make in its life?"


def by(model: str, **semantic: Any) -> dict[str, Any]:
    """A configuration with a cross-encoder, or none."""
    return {"semantic": {"crossEncoder": model, **semantic}}


def refusals(running: Running) -> dict[str, int]:
    """Candidates that were refused for good, by who refused them."""
    return running.sidecar.figures.statistics().semantic.refused_candidates


async def stored(running: Running, text: str) -> None:
    assert not (await running.ask(chat_request(text))).hit
    await settled(running)


async def test_it_serves_what_is_not_near_enough_alone(start: Start) -> None:
    running = await start(responseCache=by("Bundled"))
    await stored(running, HOLE)
    hit = await running.ask(chat_request(HOLE_AGAIN))
    assert "detail=semantic" in hit.cache
    assert refusals(running) == {}
    assert 0.7 < float(hit.headers["LLMCache-Similarity"]) < 1


async def test_it_refuses_what_was_near_enough_alone(start: Start) -> None:
    running = await start(responseCache=by("Bundled"))
    await stored(running, HONEY)
    assert not (await running.ask(chat_request(HONEY_OF_A_BEE))).hit
    assert refusals(running) == {"cross-encoder": 1}


async def test_without_it_neither_is_so(start: Start) -> None:
    running = await start(responseCache=by("None"))
    await stored(running, HOLE)
    await stored(running, HONEY)
    assert not (await running.ask(chat_request(HOLE_AGAIN))).hit
    assert (await running.ask(chat_request(HONEY_OF_A_BEE))).hit


async def test_a_users_own_threshold_holds(start: Start) -> None:
    running = await start(responseCache=by("Bundled", threshold=0.97))
    await stored(running, HOLE)
    assert not (await running.ask(chat_request(HOLE_AGAIN))).hit


@pytest.mark.parametrize(
    ("error", "event"),
    [
        (CrossEncoderBusy("no time"), "cross_encoder_busy"),
        (CrossEncoderUnfit("too long"), "cross_encoder_unread"),
        (CrossEncoderError("a defect"), "cross_encoder_failed"),
    ],
)
async def test_where_it_can_not_tell_all_is_as_without_it(
    start: Start, monkeypatch: pytest.MonkeyPatch, error: CrossEncoderError, event: str
) -> None:
    async def fails(*_: object) -> float:
        raise error

    running = await start(responseCache=by("Bundled"))
    monkeypatch.setattr(HostedCrossEncoder, "compare", fails)
    await stored(running, HOLE)
    await stored(running, HONEY)
    assert not (await running.ask(chat_request(HOLE_AGAIN))).hit
    assert (await running.ask(chat_request(HONEY_OF_A_BEE))).hit
    assert set(refusals(running)) <= {"similarity", "verifier"}
    assert running.sidecar.figures.statistics().events[event] == 2


HONEYS = (HONEY, "How do bees make honey?", "How is honey made by a bee?")


async def test_it_reads_few_candidates_and_what_it_did_not_read_is_not_served_after_a_denial(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def denies(_: object, one: str, other: str, within: float) -> float:
        assert within > 0
        asked.append(other)
        await asyncio.sleep(0)
        return -8.0

    running = await start(responseCache=by("Bundled", mode="Observe"))
    for text in HONEYS:
        await running.ask(chat_request(text))
    await settled(running)
    document = running.sidecar.config.model_dump(by_alias=True)
    document["responseCache"]["semantic"]["mode"] = "Serve"
    running.sidecar.reload(type(running.sidecar.config).parse(document))
    monkeypatch.setattr(HostedCrossEncoder, "compare", denies)
    for _ in range(2):
        reply = await running.ask(chat_request(HONEY_OF_A_BEE), **{"Cache-Control": "no-store"})
        assert not reply.hit
    assert sorted(asked) == sorted(HONEYS)


async def test_explain_says_what_it_said(start: Start) -> None:
    running = await start(responseCache=by("Bundled"))
    await stored(running, HONEY)
    url = f"http://{running.admin}/admin/v1/explain"
    async with running.session.post(url, json=chat_request(HONEY_OF_A_BEE)) as response:
        assert "refused by cross-encoder" in await response.text()
