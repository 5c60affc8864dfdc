"""One outcome per request, over a random mix of everything; and logs that tell nothing."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable
from typing import Any

import pytest

from llmcache_sidecar.domain.api import Api

from .answers import CHAT, SPEECHES, STREAMED, Json, dumps, well
from .engine import JSON, Exchange, ScriptedEngine
from .running import Running, Start, eventually

_QUESTIONS = [f"question {number}" for number in range(5)]


async def _moody(exchange: Exchange) -> None:
    """Mostly well; sometimes slow, refusing, cutting, lying about the type, or gone."""
    mood = random.random()
    await asyncio.sleep(random.choice([0, 0, 0.002, 0.02]))
    if mood < 0.7:
        await well(exchange)
    elif mood < 0.78:
        await exchange.answer(b'{"error":{"message":"busy"}}', random.choice([400, 429, 500, 503]))
    elif mood < 0.84:
        await exchange.begin_stream()
        await exchange.chunk(CHAT.events()[0])
        await asyncio.sleep(0.005)
        exchange.hang_up()
    elif mood < 0.9:
        await exchange.head(200, [*JSON, ("Content-Length", "1000")])
        await exchange.send(b"{")
        exchange.hang_up()
    elif mood < 0.95:
        await exchange.answer(b"<html>", headers=[("Content-Type", "text/html")])
    else:
        exchange.reset()


def _request() -> tuple[Json | bytes, str, dict[str, str]]:
    speech = SPEECHES[random.choice(list(Api))]
    more: dict[str, Any] = {}
    if speech.api in STREAMED:
        more["stream"] = random.random() < 0.5
        if random.random() < 0.15:
            more["temperature"] = 1.5
    body: Json | bytes = speech.request(random.choice(_QUESTIONS), **more)
    if random.random() < 0.05:
        body = b"{nonsense"
    if random.random() < 0.05:
        body = dumps(speech.request("x" * 30_000))
    headers: dict[str, str] = {}
    if random.random() < 0.3:
        wishes = ["no-cache", "no-store", "only-if-cached", "max-age=0", "max-age=100"]
        headers["Cache_Control"] = random.choice(wishes)
    if random.random() < 0.2:
        headers["Authorization"] = random.choice(["Bearer a", "Bearer b"])
    if random.random() < 0.05:
        headers["LLMCache_Tags"] = "not a tag"
    return body, speech.path, headers


async def _client(running: Running, statuses: list[int]) -> None:
    for _ in range(15):
        body, path, headers = _request()
        patience = random.choice([None, None, None, 0.001, 0.01])
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                reply = await running.ask(body, path, **headers)
                statuses.append(reply.status)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_every_request_has_one_outcome_and_they_add_up(
    start: Start, engine: ScriptedEngine, seed: int
) -> None:
    random.seed(seed)
    engine.script = _moody
    running = await start(
        responseCache={"limits": {"cacheableBody": 20_000, "storedBody": "8Ki"}},
        quality={"holdoutPercent": 10},
    )
    finished: list[Any] = []
    count = running.sidecar.account.finished

    def finish(record: Any) -> None:
        finished.append(record)
        count(record)

    running.sidecar.account.finished = finish  # type: ignore[method-assign]
    statuses: list[int] = []
    await asyncio.gather(*(_client(running, statuses) for _ in range(12)))
    await eventually(lambda: running.sidecar.data_plane.in_flight == 0)
    totals = running.totals
    assert totals.requests == len(finished) == sum(totals.outcomes.values())
    assert len({id(record) for record in finished}) == len(finished)
    assert totals.requests >= len(statuses)
    assert totals.hits == totals.outcomes["hit_exact"] > 0
    for outcome in ("miss", "bypass", "holdout", "refused", "error"):
        assert totals.outcomes[outcome] > 0, totals.outcomes
    assert 500 <= max(statuses) <= 504
    assert 501 not in statuses
    # Nothing is under way any more, and the engine is asked by nobody.
    await eventually(lambda: running.sidecar.pipeline.flights == 0)
    # What a hit shows is always a good answer.
    engine.script = well
    for api in Api:
        speech = SPEECHES[api]
        for question in _QUESTIONS:
            reply = await running.ask(speech.request(question), speech.path)
            assert reply.status == 200
            assert "usage" in reply.json()


async def test_metrics_and_totals_tell_the_same(start: Start) -> None:
    running = await start()
    for body in (CHAT.request(), CHAT.request(), CHAT.request(temperature=2), b"{"):
        await running.ask(body)
    await running.ask(b"{}", "/any")  # no cached route: not in this account
    counted: dict[str, float] = {}
    for metric in running.sidecar.account.registry.collect():
        for sample in metric.samples:
            if sample.name == "llmcache_requests_total":
                outcome = sample.labels["outcome"]
                counted[outcome] = counted.get(outcome, 0) + sample.value
    assert counted == running.totals.outcomes == {"miss": 1, "hit_exact": 1, "bypass": 2}


async def test_a_client_can_not_make_up_labels(start: Start, engine: ScriptedEngine) -> None:
    running = await start(upstream={"revision": "r"})
    for number in range(5):
        await running.ask({**CHAT.request(), "model": f"made-up-{number}"})
    names = {
        sample.labels.get("model")
        for metric in running.sidecar.account.registry.collect()
        for sample in metric.samples
    }
    assert names <= {"other", "tiny", None}


async def test_neither_prompts_nor_answers_nor_keys_are_logged(
    start: Start, engine: ScriptedEngine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    running = await start()
    answer = CHAT.whole()
    answer["choices"][0]["message"]["content"] = "SECRET-answer"
    body = dumps(answer)

    async def good(exchange: Exchange) -> None:
        await exchange.answer(body)

    async def short(exchange: Exchange) -> None:
        await exchange.head(200, [*JSON, ("Content-Length", str(len(body) - 40))])
        await exchange.send(body)

    async def cut(exchange: Exchange) -> None:
        await exchange.head(200, [*JSON, ("Content-Length", str(len(body) + 40))])
        await exchange.send(body)
        exchange.hang_up()

    async def no_http(exchange: Exchange) -> None:
        await exchange.send(body + b"\r\n\r\n")
        exchange.hang_up()

    async def bad_chunks(exchange: Exchange) -> None:
        await exchange.begin_stream()
        await exchange.send(b"SECRET-chunk\r\n" + body)
        exchange.hang_up()

    async def bad_header(exchange: Exchange) -> None:
        await exchange.send(b"HTTP/1.1 200 OK\r\nSECRET header\r\n\r\n")
        exchange.hang_up()

    scripts: list[Callable[[Exchange], Any]] = [good, short, cut, no_http, bad_chunks, bad_header]
    for script in scripts:
        engine.script = script
        for question in (CHAT.request("SECRET-question"), CHAT.request("SECRET", temperature=2)):
            for stream in (False, True):
                for path in (CHAT.path, "/any"):
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(2):
                            await running.ask(
                                {**question, "stream": stream}, path, Authorization="Bearer SECRET",
                                Cache_Control="no-cache", X_Request_Id="SECRET",
                            )  # fmt: skip
    await engine.stop()
    await running.ask(CHAT.request("SECRET"), Authorization="Bearer SECRET")
    assert caplog.records
    told = [
        record
        for record in caplog.records
        if "SECRET" in record.getMessage() + str(record.exc_info) + str(record.exc_text)
    ]
    assert not told, [(r.name, r.getMessage(), r.exc_info) for r in told]
