"""Admission, seen from outside: what the engine did wrong reaches this client and no other."""

from __future__ import annotations

import asyncio

import pytest

from llmcache_sidecar.domain.api import Api

from .answers import (
    CHAT,
    DONE,
    SPEECHES,
    STREAMED,
    Json,
    chat_events,
    chat_whole,
    dumps,
    event,
    well,
)
from .engine import EVENTS, JSON, Exchange, ScriptedEngine
from .running import Start, eventually


async def _is_not_stored(
    start: Start, engine: ScriptedEngine, body: Json, reason: str, path: str = CHAT.path
) -> None:
    running = await start()
    for _ in range(2):
        reply = await running.ask(body, path)
        assert reply.cache == "llmcache; fwd=miss"
    assert engine.times() == 2
    assert running.totals.stored == 0
    await eventually(lambda: running.totals.not_stored == {reason: 2})


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 429, 500, 502, 503])
async def test_an_error_is_passed_on_and_never_stored(
    start: Start, engine: ScriptedEngine, status: int
) -> None:
    running = await start()

    async def script(exchange: Exchange) -> None:
        await exchange.answer(dumps(CHAT.whole()), status)

    engine.script = script
    for streamed in (False, False, True):
        reply = await running.ask(CHAT.request(stream=streamed))
        assert (reply.status, reply.cache) == (status, "llmcache; fwd=miss")
    assert engine.times() == 3
    assert running.totals.not_stored == {"status": 3}


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"error": {"message": "out of memory"}}, "error-event"),
        ({**CHAT.whole(), "error": {"message": "x"}}, "error-event"),
        ({"object": "chat.completion", "choices": []}, "incomplete"),
        ({**CHAT.whole(), "choices": [{"index": 0, "finish_reason": "stop"}]}, "incomplete"),
        ({**CHAT.whole(), "object": "list"}, "incomplete"),
        ({}, "incomplete"),
        ([], "malformed"),
        ("text", "malformed"),
    ],
)
async def test_a_document_that_is_no_answer_is_not_stored(
    start: Start, engine: ScriptedEngine, document: object, reason: str
) -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.answer(dumps(document))

    engine.script = script
    await _is_not_stored(start, engine, CHAT.request(), reason)


@pytest.mark.parametrize("finish", ["abort", "error", "content_filter", "length", None])
async def test_an_unfinished_answer_is_not_stored(
    start: Start, engine: ScriptedEngine, finish: str | None
) -> None:
    async def script(exchange: Exchange) -> None:
        document = CHAT.whole()
        document["choices"][0]["finish_reason"] = finish
        await exchange.answer(dumps(document))

    engine.script = script
    await _is_not_stored(start, engine, CHAT.request(), "finish")


@pytest.mark.parametrize("limit", ["max_tokens", "max_completion_tokens"])
@pytest.mark.parametrize("streamed", [True, False])
async def test_a_length_that_the_client_itself_set_is_an_end(
    start: Start, engine: ScriptedEngine, limit: str, streamed: bool
) -> None:
    async def script(exchange: Exchange) -> None:
        if streamed:
            await exchange.stream(chat_events("length"))
        else:
            await exchange.answer(dumps(chat_whole("length")))

    engine.script = script
    running = await start()
    await running.ask(CHAT.request(stream=streamed, **{limit: 5}))
    await eventually(lambda: running.totals.stored == 1)
    assert (await running.ask(CHAT.request(stream=streamed, **{limit: 5}))).hit
    await running.ask(CHAT.request(stream=streamed))
    await eventually(lambda: running.totals.not_stored == {"finish": 1})


async def test_fewer_choices_than_were_asked_for_are_not_stored(
    start: Start, engine: ScriptedEngine
) -> None:
    await _is_not_stored(start, engine, CHAT.request(n=2), "incomplete")


@pytest.mark.parametrize("kind", ["text/html", "text/plain", "application/problem+json"])
async def test_another_content_type_is_not_stored(
    start: Start, engine: ScriptedEngine, kind: str
) -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.answer(dumps(CHAT.whole()), headers=[("Content-Type", kind)])

    engine.script = script
    await _is_not_stored(start, engine, CHAT.request(), "content-type")


async def test_a_whole_answer_to_who_asked_for_a_stream_is_not_stored(
    start: Start, engine: ScriptedEngine
) -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.answer(dumps(CHAT.whole()))

    engine.script = script
    await _is_not_stored(start, engine, CHAT.request(stream=True), "content-type")


async def test_an_unasked_stream_reaches_who_wanted_a_whole_answer_and_is_not_stored(
    start: Start, engine: ScriptedEngine
) -> None:
    events = CHAT.events()

    async def script(exchange: Exchange) -> None:
        await exchange.stream(events)

    engine.script = script
    running = await start()
    reply = await running.ask(CHAT.request())
    assert (reply.status, reply.body) == (200, b"".join(events))
    assert running.totals.stored == 0


async def test_a_compressed_answer_passes_as_it_is_and_is_not_stored(
    start: Start, engine: ScriptedEngine
) -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.answer(b"\x1f\x8bnot really", headers=[*JSON, ("Content-Encoding", "gzip")])

    engine.script = script
    running = await start()
    reply = await running.ask(CHAT.request())
    assert reply.body == b"\x1f\x8bnot really"
    assert reply.headers["Content-Encoding"] == "gzip"
    assert running.totals.not_stored == {"encoding": 1}


@pytest.mark.parametrize("api", STREAMED)
async def test_a_stream_that_breaks_at_any_event_is_broken_for_the_client_and_not_stored(
    start: Start, engine: ScriptedEngine, api: Api
) -> None:
    running = await start()
    speech = SPEECHES[api]
    whole = speech.events()

    for count in range(len(whole) + 1):
        received = b"".join(whole[:count])

        async def script(exchange: Exchange, count: int = count) -> None:
            await exchange.begin_stream()
            for piece in whole[:count]:
                await exchange.chunk(piece)
            exchange.hang_up()

        engine.script = script
        # A stop after the last event but before the last chunk is a break too.
        reply = await running.ask(speech.request(stream=True, **_usage(api)), speech.path)
        assert reply.broken, count
        assert reply.body == received
    assert engine.times() == len(whole) + 1
    assert running.totals.stored == 0
    assert running.totals.outcomes == {"error": len(whole) + 1}, running.totals.details


def _usage(api: Api) -> Json:
    wants = api in (Api.CHAT, Api.COMPLETIONS)
    return {"stream_options": {"include_usage": True}} if wants else {}


@pytest.mark.parametrize("api", STREAMED)
async def test_a_stream_that_ends_early_but_politely_is_not_stored(
    start: Start, engine: ScriptedEngine, api: Api
) -> None:
    running = await start()
    speech = SPEECHES[api]
    whole = speech.events()
    for count in range(len(whole)):

        async def script(exchange: Exchange, count: int = count) -> None:
            await exchange.stream(whole[:count])

        engine.script = script
        reply = await running.ask(speech.request(stream=True), speech.path)
        assert not reply.broken
    await eventually(lambda: sum(running.totals.not_stored.values()) == len(whole))
    assert running.totals.stored == 0


@pytest.mark.parametrize("where", range(1, 9))
async def test_an_error_event_anywhere_keeps_the_stream_out(
    start: Start, engine: ScriptedEngine, where: int
) -> None:
    """vLLM says a mid-stream error as data, and then [DONE], with status 200."""
    events = CHAT.events()
    events.insert(where, event({"error": {"message": "EngineCore died", "code": 500}}))
    if events[-1] != DONE:
        events.append(DONE)

    async def script(exchange: Exchange) -> None:
        await exchange.stream(events)

    engine.script = script
    running = await start()
    body = CHAT.request(stream=True, stream_options={"include_usage": True})
    reply = await running.ask(body)
    assert reply.body == b"".join(events)
    await eventually(lambda: sum(running.totals.not_stored.values()) == 1)
    await running.ask(body)
    assert engine.times() == 2


@pytest.mark.parametrize("missing", ["[DONE]", '"finish_reason":"stop"', '"usage"'])
async def test_a_stream_without_its_end_its_finish_or_its_usage_is_not_stored(
    start: Start, engine: ScriptedEngine, missing: str
) -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.stream([e for e in CHAT.events() if missing.encode() not in e])

    engine.script = script
    running = await start()
    reply = await running.ask(CHAT.request(stream=True))
    assert not reply.broken
    await eventually(lambda: sum(running.totals.not_stored.values()) == 1)
    assert running.totals.stored == 0


async def test_an_answer_shorter_than_its_content_length_is_an_error(
    start: Start, engine: ScriptedEngine
) -> None:
    async def script(exchange: Exchange) -> None:
        body = dumps(CHAT.whole())
        await exchange.head(200, [*JSON, ("Content-Length", str(len(body) + 1))])
        await exchange.send(body)
        exchange.hang_up()

    engine.script = script
    running = await start()
    reply = await running.ask(CHAT.request())
    assert (reply.status, reply.cache) == (502, "llmcache; detail=engine")
    assert "broke off" in reply.json()["error"]["message"]
    assert running.totals.outcomes == {"error": 1}
    assert running.totals.stored == 0


async def test_an_answer_longer_than_its_content_length_is_not_stored(
    start: Start, engine: ScriptedEngine
) -> None:
    async def script(exchange: Exchange) -> None:
        body = dumps(CHAT.whole())
        await exchange.head(200, [*JSON, ("Content-Length", str(len(body) - 9))])
        await exchange.send(body)

    engine.script = script
    running = await start()
    await running.ask(CHAT.request())
    assert running.totals.stored == 0
    engine.script = well
    assert (await running.ask(CHAT.request())).status == 200


async def test_a_body_that_ends_with_the_connection_is_whole(
    start: Start, engine: ScriptedEngine
) -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.head(200, [*JSON, ("Connection", "close")])
        await exchange.send(dumps(CHAT.whole()))
        exchange.hang_up()

    engine.script = script
    running = await start()
    assert (await running.ask(CHAT.request())).cache == "llmcache; fwd=miss; stored"
    assert (await running.ask(CHAT.request())).hit


async def test_a_whole_answer_over_the_limit_passes_whole_and_is_not_stored(
    start: Start, engine: ScriptedEngine
) -> None:
    body = dumps({**CHAT.whole(), "padding": "x" * 3_000_000})

    async def script(exchange: Exchange) -> None:
        await exchange.answer(body)

    engine.script = script
    running = await start(responseCache={"limits": {"storedBody": "64Ki"}})
    for _ in range(2):
        reply = await running.ask(CHAT.request())
        assert (reply.body == body, reply.cache) == (True, "llmcache; fwd=miss")
    assert running.totals.stored == 0
    assert running.totals.not_stored == {"too-large": 2}


@pytest.mark.parametrize("riders", [1, 3])
async def test_a_stream_over_the_limit_passes_whole_and_is_not_stored(
    start: Start, engine: ScriptedEngine, riders: int
) -> None:
    events = [*CHAT.events()[:-1], *[event({"choices": [], "x": "y" * 5000})] * 300, DONE]
    go = asyncio.Event()

    async def script(exchange: Exchange) -> None:
        await exchange.begin_stream()
        await go.wait()
        for piece in events:
            await exchange.chunk(piece)
        await exchange.end_stream()

    engine.script = script
    running = await start(responseCache={"limits": {"storedBody": "64Ki"}})
    body = CHAT.request(stream=True, stream_options={"include_usage": True})
    asked = [asyncio.create_task(running.ask(body)) for _ in range(riders)]
    await eventually(lambda: running.sidecar.data_plane.in_flight == riders)
    await asyncio.sleep(0.01)
    go.set()
    for reply in await asyncio.gather(*asked):
        assert reply.body == b"".join(events)
        assert not reply.broken
    assert engine.times() == 1
    assert running.totals.stored == 0
    assert running.totals.not_stored == {"too-large": 1}


async def test_what_is_over_the_limit_is_read_no_faster_than_the_client_reads(
    start: Start, engine: ScriptedEngine
) -> None:
    sent = 0

    async def script(exchange: Exchange) -> None:
        nonlocal sent
        await exchange.begin_stream(EVENTS)
        for _ in range(400):
            await exchange.chunk(b"data: " + b"x" * 100_000 + b"\n\n")
            sent += 1

    engine.script = script
    running = await start(responseCache={"limits": {"storedBody": "64Ki"}})
    async with running.open(CHAT.request(stream=True)) as response:
        await response.content.readexactly(10)
        before = -1
        while before != sent:
            before = sent
            await asyncio.sleep(0.1)
        assert sent < 250
        assert running.sidecar.pipeline.flights == 0
    await eventually(lambda: engine.hung_up == 1)


async def test_a_whole_follower_of_a_stream_over_the_limit_asks_for_itself(
    start: Start, engine: ScriptedEngine
) -> None:
    go = asyncio.Event()

    async def script(exchange: Exchange) -> None:
        if exchange.request.json().get("stream"):
            await exchange.begin_stream(EVENTS)
            await go.wait()
            for _ in range(50):
                await exchange.chunk(b"data: " + b"x" * 100_000 + b"\n\n")
            await exchange.end_stream()
        else:
            await well(exchange)

    engine.script = script
    running = await start(responseCache={"limits": {"storedBody": "64Ki"}})
    stream = asyncio.create_task(running.ask(CHAT.request(stream=True)))
    await eventually(lambda: engine.times() == 1)
    wholes = [asyncio.create_task(running.ask(CHAT.request())) for _ in range(3)]
    await eventually(lambda: running.sidecar.data_plane.in_flight == 4)
    go.set()
    assert len((await stream).body) == 50 * 100_008
    replies = await asyncio.gather(*wholes)
    assert all(reply.status == 200 for reply in replies)
    # One more inference for all three, not one for each.
    assert engine.times() == 2
