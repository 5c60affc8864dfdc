"""Clients that did not ask for the usage event get what the engine would have sent them alone:
`system_fingerprint` where the last choice finishes, and nothing held back that has come."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from .answers import CHAT, DONE, chat_request, documents, event
from .engine import Exchange, ScriptedEngine
from .running import Running, Start

_HEAD = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "tiny"}
_USAGE = {"prompt_tokens": 7, "total_tokens": 12, "completion_tokens": 5}
_LAST = event({**_HEAD, "choices": [], "usage": _USAGE, "system_fingerprint": "fp-1"})


def _word(index: int, word: str, ending: str | None = None) -> bytes:
    choice = {"index": index, "delta": {"content": word}, "finish_reason": ending}
    return event({**_HEAD, "choices": [choice]})


def _told(stream: bytes) -> list[Any]:
    return [d.get("system_fingerprint") for d in documents(stream) if d != "[DONE]"]


async def _live_then_hit(running: Running, **body: Any) -> tuple[bytes, bytes]:
    live = await running.ask(chat_request(stream=True, **body))
    hit = await running.ask(chat_request(stream=True, **body))
    assert (live.hit, hit.hit) == (False, True)
    return live.body, hit.body


@pytest.mark.parametrize("together", [True, False], ids=["in one read", "a moment later"])
async def test_the_fingerprint_stands_where_the_choice_finishes(
    start: Start, engine: ScriptedEngine, together: bool
) -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.begin_stream()
        first, rest = [_word(0, "a"), _word(0, "b", "stop")], [_LAST, DONE]
        if together:
            await exchange.chunk(b"".join(first + rest))
        else:
            await exchange.chunk(b"".join(first))
            await asyncio.sleep(0.05)
            await exchange.chunk(b"".join(rest))
        await exchange.end_stream()

    engine.script = script
    live, hit = await _live_then_hit(await start())
    assert _told(live) == _told(hit) == [None, "fp-1"]
    assert live.endswith(DONE)


async def test_an_answer_too_long_to_keep_comes_to_its_end(
    start: Start, engine: ScriptedEngine
) -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.begin_stream()
        await exchange.chunk(_word(0, "a"))
        await asyncio.sleep(0.05)
        await exchange.chunk(_word(0, "b" * 2000, "stop"))
        await asyncio.sleep(0.05)
        await exchange.chunk(_LAST + DONE)
        await exchange.end_stream()

    engine.script = script
    running = await start(responseCache={"limits": {"storedBody": "1Ki"}})
    live = await running.ask(chat_request(stream=True))
    assert not live.broken
    assert live.body.endswith(DONE)
    assert len(documents(live.body)) == 3, "all but the usage that it did not ask for"


async def test_of_several_choices_the_last_to_finish_tells_it(
    start: Start, engine: ScriptedEngine
) -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.stream(
            [_word(0, "a", "stop"), _word(1, "b"), _word(1, "c", "stop"), _LAST, DONE]
        )

    engine.script = script
    live, hit = await _live_then_hit(await start(), n=2)
    assert _told(live) == _told(hit) == [None, None, "fp-1"]


async def test_a_stream_without_a_usage_event_is_not_held_back(
    start: Start, engine: ScriptedEngine
) -> None:
    """An engine that knows no include_usage: its answer passes, and is not stored."""
    pieces = [_word(0, "a"), _word(0, "b", "stop"), DONE]

    async def script(exchange: Exchange) -> None:
        await exchange.stream(pieces)

    engine.script = script
    running = await start()
    for _ in range(2):
        reply = await running.ask(CHAT.request(stream=True))
        assert reply.body == b"".join(pieces)
        assert not reply.hit


async def test_who_asks_for_it_gets_the_events_as_they_came(
    start: Start, engine: ScriptedEngine
) -> None:
    pieces = [_word(0, "a"), _word(0, "b", "stop"), _LAST, DONE]

    async def script(exchange: Exchange) -> None:
        await exchange.stream(pieces)

    engine.script = script
    live, hit = await _live_then_hit(await start(), stream_options={"include_usage": True})
    assert live == b"".join(pieces)
    assert _told(hit) == [None, None, "fp-1"]


async def test_a_stream_under_another_content_type_holds_no_usage_event_either(
    start: Start, engine: ScriptedEngine
) -> None:
    async def script(exchange: Exchange) -> None:
        pieces = [_word(0, "a"), _word(0, "b", "stop"), _LAST, DONE]
        await exchange.stream(pieces, [("Content-Type", "text/plain")])

    engine.script = script
    running = await start()
    reply = await running.ask(CHAT.request(stream=True))
    assert _told(reply.body) == [None, "fp-1"]
    asked = await running.ask(CHAT.request(stream=True, stream_options={"include_usage": True}))
    assert _told(asked.body) == [None, None, "fp-1"]
