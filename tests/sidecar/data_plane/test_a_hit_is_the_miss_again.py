"""All five APIs: a client can't tell a hit from a miss but by headers and speed."""

from __future__ import annotations

import asyncio

import pytest

from llmcache_sidecar.domain.api import Api

from .answers import CHAT, SPEECHES, STREAMED, TEXT, Json, documents, said, shape, stripped
from .engine import ScriptedEngine
from .running import Start, eventually

_USAGE_ON = {"stream_options": {"include_usage": True}}


@pytest.mark.parametrize("api", list(Api))
async def test_a_whole_hit_equals_its_miss_except_for_ids_and_times(
    start: Start, engine: ScriptedEngine, api: Api
) -> None:
    running = await start()
    speech = SPEECHES[api]
    miss = await running.ask(speech.request(), speech.path)
    hit = await running.ask(speech.request(), speech.path)
    again = await running.ask(speech.request(), speech.path)
    assert hit.hit
    assert stripped(hit.json()) == stripped(miss.json())
    assert list(hit.json()) == list(miss.json())
    assert len({reply.json()["id"] for reply in (miss, hit, again)}) == 3
    assert len(hit.json()["id"]) == len(miss.json()["id"])
    assert hit.headers["Content-Type"] == miss.headers["Content-Type"]
    assert engine.times() == 1


@pytest.mark.parametrize("api", STREAMED)
async def test_a_streamed_hit_has_the_same_events_except_for_ids_and_times(
    start: Start, engine: ScriptedEngine, api: Api
) -> None:
    running = await start()
    speech = SPEECHES[api]
    miss = await running.ask(speech.request(stream=True), speech.path)
    await eventually(lambda: running.totals.stored == 1)
    hit = await running.ask(speech.request(stream=True), speech.path)
    assert hit.hit
    assert hit.headers["Content-Type"] == miss.headers["Content-Type"]
    assert shape(hit.body) == shape(miss.body)
    assert hit.body.count(b"\n\n") == miss.body.count(b"\n\n")
    assert hit.body != miss.body
    assert engine.times() == 1


@pytest.mark.parametrize("api", STREAMED)
async def test_a_stream_serves_a_whole_answer_with_its_usage(
    start: Start, engine: ScriptedEngine, api: Api
) -> None:
    running = await start()
    speech = SPEECHES[api]
    await running.ask(speech.request(stream=True), speech.path)
    await eventually(lambda: running.totals.stored == 1)
    hit = await running.ask(speech.request(), speech.path)
    assert hit.hit
    assert hit.headers["Content-Type"].startswith("application/json")
    assert said(hit.json()) == said(speech.whole())
    assert hit.json()["usage"]
    assert engine.times() == 1


@pytest.mark.parametrize("api", STREAMED)
async def test_a_whole_answer_serves_a_stream_that_says_the_same(
    start: Start, engine: ScriptedEngine, api: Api
) -> None:
    running = await start()
    speech = SPEECHES[api]
    await running.ask(speech.request(), speech.path)
    hit = await running.ask(speech.request(stream=True), speech.path)
    assert hit.hit
    assert hit.headers["Content-Type"].startswith("text/event-stream")
    events = documents(hit.body)
    assert TEXT in _said(api, events)
    if api in (Api.CHAT, Api.COMPLETIONS):
        assert events[-1] == "[DONE]"
        assert not any(e.get("usage") for e in events[:-1])
    assert engine.times() == 1


def _said(api: Api, events: list[Json]) -> str:
    objects = [event for event in events if isinstance(event, dict)]
    match api:
        case Api.CHAT:
            deltas = [c["delta"].get("content") for e in objects for c in e["choices"]]
        case Api.COMPLETIONS:
            deltas = [c["text"] for e in objects for c in e["choices"]]
        case Api.MESSAGES:
            deltas = [e["delta"].get("text") for e in objects if "delta" in e]
        case _:
            deltas = [e["delta"] for e in objects if isinstance(e.get("delta"), str)]
    return "".join(delta or "" for delta in deltas)


@pytest.mark.parametrize("api", [Api.CHAT, Api.COMPLETIONS])
@pytest.mark.parametrize("asked_first", [True, False])
async def test_who_asks_for_usage_gets_it_and_nobody_else(
    start: Start, engine: ScriptedEngine, api: Api, asked_first: bool
) -> None:
    running = await start()
    speech = SPEECHES[api]
    for asked in (asked_first, not asked_first, asked_first):
        more = _USAGE_ON if asked else {}
        reply = await running.ask(speech.request(stream=True, **more), speech.path)
        events = documents(reply.body)
        assert events[-1] == "[DONE]"
        told = [event for event in events[:-1] if event["choices"] == []]
        assert len(told) == asked
        assert all(event["usage"]["prompt_tokens"] == 7 for event in told)
        await eventually(lambda: running.totals.stored == 1)
    assert engine.times() == 1


@pytest.mark.parametrize("api", [Api.CHAT, Api.COMPLETIONS])
@pytest.mark.parametrize(
    "more", [{}, {"stream_options": None}, {"stream_options": {"include_usage": False}}, _USAGE_ON]
)
async def test_the_engine_is_always_asked_for_usage(
    start: Start, engine: ScriptedEngine, api: Api, more: Json
) -> None:
    running = await start()
    speech = SPEECHES[api]
    await running.ask(speech.request(stream=True, **more), speech.path)
    sent = engine.received[0].json()
    assert sent == {**speech.request(stream=True), "stream_options": {"include_usage": True}}


async def test_other_stream_options_are_kept(start: Start, engine: ScriptedEngine) -> None:
    running = await start()
    options = {"continuous_usage_stats": False}
    await running.ask(CHAT.request(stream=True, stream_options=options))
    sent = engine.received[0].json()["stream_options"]
    assert sent == {"continuous_usage_stats": False, "include_usage": True}


@pytest.mark.parametrize("api", list(Api))
async def test_a_whole_request_goes_on_byte_for_byte(
    start: Start, engine: ScriptedEngine, api: Api
) -> None:
    running = await start()
    speech = SPEECHES[api]
    body = b'  {"seed": 1.0, "x_unknown" : {"b":1, "a":2}, "model":"tiny",'
    body += b'"messages":[], "prompt":"", "max_tokens": 9, "input":"\\u00e9"}\n'
    await running.ask(body, speech.path)
    assert engine.received[0].body == body
    assert engine.received[0].header("Accept-Encoding") == "identity"


async def test_the_clients_own_name_for_a_request_is_in_the_id_of_a_hit(start: Start) -> None:
    running = await start()
    await running.ask(CHAT.request())
    hit = await running.ask(CHAT.request(), X_Request_Id="mine")
    assert hit.json()["id"] == "chatcmpl-mine"
    hit = await running.ask(CHAT.request(request_id="in-the-body"))
    assert hit.json()["id"] == "chatcmpl-in-the-body"


async def test_the_entry_does_not_depend_on_order_white_space_or_who_is_named(
    start: Start, engine: ScriptedEngine
) -> None:
    running = await start()
    await running.ask(b'{"model":"tiny","messages":[{"role":"user","content":"Hi"}]}')
    same = b'{ "user":"me", "messages": [{"content":"Hi","role":"user"}],\n"model":"tiny"}'
    assert (await running.ask(same)).hit
    other = b'{"model":"tiny","messages":[{"role":"user","content":"Hi "}]}'
    assert not (await running.ask(other)).hit
    assert not (await running.ask(same, CHAT.path + "?a=b")).hit
    assert engine.times() == 3


async def test_hits_are_served_while_other_answers_flow(
    start: Start, engine: ScriptedEngine
) -> None:
    running = await start()
    await running.ask(CHAT.request())
    replies = await asyncio.gather(*(running.ask(CHAT.request()) for _ in range(40)))
    assert all(reply.hit for reply in replies)
    assert len({reply.json()["id"] for reply in replies}) == 40
    assert running.totals.saved_prompt_tokens == 40 * 7
    assert running.totals.saved_completion_tokens == 40 * 5
