"""Single flight: who shares, who does not, and what happens when somebody leaves or fails."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from .answers import CHAT, DONE, Json, chat_events, documents, dumps, event, shape, stripped, well
from .engine import Exchange, ScriptedEngine
from .running import Reply, Running, Start, eventually

STREAM = CHAT.request(stream=True, stream_options={"include_usage": True})


class Held:
    """A script that streams or answers only when it is let go, event by event if need be."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.steps = asyncio.Semaphore(0)
        self.events = chat_events()
        self.left = 0

    async def whole(self, exchange: Exchange) -> None:
        """Answer as asked once let go."""
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.left += 1
            raise
        await well(exchange)

    async def stream(self, exchange: Exchange) -> None:
        """One event for each step, everything once let go."""
        await exchange.begin_stream()
        try:
            for piece in self.events:
                if not self.go.is_set():
                    step = asyncio.ensure_future(self.steps.acquire())
                    go = asyncio.ensure_future(self.go.wait())
                    try:
                        await asyncio.wait({step, go}, return_when=asyncio.FIRST_COMPLETED)
                    finally:
                        step.cancel()
                        go.cancel()
                await exchange.chunk(piece)
        except asyncio.CancelledError:
            self.left += 1
            raise
        await exchange.end_stream()


def together(running: Running, body: Json, count: int) -> list[asyncio.Task[Reply]]:
    """Equal requests at once."""
    return [asyncio.create_task(running.ask(body)) for _ in range(count)]


async def in_flight(running: Running, count: int) -> None:
    """Wait until so many requests are being worked on, and have come to wait."""
    await eventually(lambda: running.sidecar.data_plane.in_flight == count)
    await asyncio.sleep(0.02)


@pytest.mark.parametrize("streamed", [True, False])
async def test_equal_requests_at_once_make_one_inference_and_get_the_same_bytes(
    start: Start, engine: ScriptedEngine, streamed: bool
) -> None:
    held = Held()
    engine.script = held.whole
    running = await start()
    asked = together(running, STREAM if streamed else CHAT.request(), 20)
    await in_flight(running, 20)
    held.go.set()
    replies = await asyncio.gather(*asked)
    assert engine.times() == 1
    assert len({reply.body for reply in replies}) == 1
    led = "llmcache; fwd=miss" + ("" if streamed else "; stored")
    assert [r.cache for r in replies].count(led) == 1
    assert [r.cache for r in replies].count("llmcache; fwd=miss; collapsed") == 19
    assert running.totals.outcomes == {"miss": 1, "collapsed": 19}


async def test_a_late_follower_gets_everything_so_far_at_once(
    start: Start, engine: ScriptedEngine
) -> None:
    held = Held()
    engine.script = held.stream
    running = await start()
    first = asyncio.create_task(running.ask(STREAM))
    for _ in range(4):
        held.steps.release()
    so_far = b"".join(held.events[:4])
    await eventually(lambda: engine.times() == 1)
    async with running.open(STREAM) as late:
        assert await late.content.readexactly(len(so_far)) == so_far
        held.go.set()
        rest = await late.content.read()
    assert so_far + rest == (await first).body == b"".join(held.events)
    assert engine.times() == 1


async def test_followers_differ_only_in_the_usage_event(
    start: Start, engine: ScriptedEngine
) -> None:
    held = Held()
    engine.script = held.stream
    running = await start()
    asked = together(running, STREAM, 1) + together(running, CHAT.request(stream=True), 2)
    await in_flight(running, 3)
    held.go.set()
    replies = await asyncio.gather(*asked)
    with_usage = documents(replies[0].body)
    assert engine.times() == 1
    for reply in replies[1:]:
        assert documents(reply.body) == [*with_usage[:-2], "[DONE]"]


async def test_a_client_that_did_not_ask_never_sees_usage_even_in_other_white_space(
    start: Start, engine: ScriptedEngine
) -> None:
    async def script(exchange: Exchange) -> None:
        events = [e.replace(b'":', b'": ').replace(b",", b", ") for e in chat_events()]
        await exchange.stream(events)

    engine.script = script
    running = await start()
    for _ in range(2):
        reply = await running.ask(CHAT.request(stream=True))
        assert "usage" not in reply.body.decode()


async def test_a_slow_reader_slows_nobody_else(start: Start, engine: ScriptedEngine) -> None:
    held = Held()
    padding = event({"choices": [{"index": 0, "delta": {"content": "x" * 10_000}}]})
    held.events[1:1] = [padding] * 750
    engine.script = held.stream
    running = await start()
    reader, writer = await running.connect(SO_RCVBUF=65536)
    writer.write(running.request_bytes(dumps(STREAM)))
    await in_flight(running, 1)
    quick = asyncio.create_task(running.ask(STREAM))
    await in_flight(running, 2)
    held.go.set()
    assert (await quick).body == b"".join(held.events)
    assert running.sidecar.data_plane.in_flight == 1
    slow = await reader.readuntil(b"0\r\n\r\n")
    assert slow.count(padding) == 750
    writer.close()
    assert engine.times() == 1


@pytest.mark.parametrize("streamed", [True, False])
async def test_when_the_leader_leaves_the_others_go_on(
    start: Start, engine: ScriptedEngine, streamed: bool
) -> None:
    held = Held()
    engine.script = held.stream if streamed else held.whole
    running = await start()
    body = STREAM if streamed else CHAT.request()
    leader = asyncio.create_task(running.ask(body))
    await in_flight(running, 1)
    others = together(running, body, 3)
    await in_flight(running, 4)
    await _leave(leader)
    await in_flight(running, 3)
    held.go.set()
    replies = await asyncio.gather(*others)
    assert {reply.status for reply in replies} == {200}
    assert engine.times() == 1
    assert engine.hung_up == 0
    await eventually(lambda: running.totals.stored == 1)
    assert running.totals.requests == 4


@pytest.mark.parametrize("streamed", [True, False])
async def test_when_all_leave_the_inference_is_cancelled(
    start: Start, engine: ScriptedEngine, streamed: bool
) -> None:
    held = Held()
    engine.script = held.stream if streamed else held.whole
    running = await start()
    asked = together(running, STREAM if streamed else CHAT.request(), 3)
    await in_flight(running, 3)
    for task in asked[:2]:
        await _leave(task)
    await asyncio.sleep(0.02)
    assert engine.hung_up == 0
    await _leave(asked[2])
    await eventually(lambda: engine.hung_up == 1)
    assert held.left == 1
    await eventually(lambda: running.totals.requests == 3)
    assert running.sidecar.pipeline.flights == 0
    held.go.set()
    again = await running.ask(STREAM if streamed else CHAT.request())
    assert again.cache.startswith("llmcache; fwd=miss")
    assert engine.times() == 2


async def _leave(task: asyncio.Task[Reply]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize("streamed", [True, False])
async def test_a_refused_leader_is_followed_by_exactly_one_more(
    start: Start, engine: ScriptedEngine, status: int, streamed: bool
) -> None:
    held = Held()

    async def script(exchange: Exchange) -> None:
        if engine.times() == 1:
            await held.go.wait()
            await exchange.answer(b'{"error":{"message":"busy"}}', status)
        else:
            await well(exchange)

    engine.script = script
    running = await start()
    body = STREAM if streamed else CHAT.request()
    asked = together(running, body, 10)
    await in_flight(running, 10)
    held.go.set()
    replies = await asyncio.gather(*asked)
    assert engine.times() == 2
    assert sorted(reply.status for reply in replies) == [200] * 9 + [status]
    assert running.totals.outcomes == {"miss": 2, "collapsed": 8}


async def test_when_the_second_leader_is_refused_too_all_share_that(
    start: Start, engine: ScriptedEngine
) -> None:
    held = Held()

    async def script(exchange: Exchange) -> None:
        await held.go.wait()
        await exchange.answer(b'{"error":{"message":"busy"}}', 503)

    engine.script = script
    running = await start()
    asked = together(running, CHAT.request(), 10)
    await in_flight(running, 10)
    held.go.set()
    replies = await asyncio.gather(*asked)
    assert {reply.status for reply in replies} == {503}
    assert engine.times() == 2


async def test_a_clients_mistake_is_shared_without_another_try(
    start: Start, engine: ScriptedEngine
) -> None:
    held = Held()

    async def script(exchange: Exchange) -> None:
        await held.go.wait()
        await exchange.answer(b'{"error":{"message":"no such thing"}}', 400)

    engine.script = script
    running = await start()
    asked = together(running, CHAT.request(), 5)
    await in_flight(running, 5)
    held.go.set()
    assert {reply.status for reply in await asyncio.gather(*asked)} == {400}
    assert engine.times() == 1


async def test_a_whole_request_follows_a_stream_of_the_same(
    start: Start, engine: ScriptedEngine
) -> None:
    held = Held()
    engine.script = held.stream
    running = await start()
    stream = asyncio.create_task(running.ask(STREAM))
    await in_flight(running, 1)
    wholes = together(running, CHAT.request(), 3)
    await in_flight(running, 4)
    held.go.set()
    replies = await asyncio.gather(*wholes)
    assert shape((await stream).body)[-1] == "[DONE]"
    assert engine.times() == 1
    for reply in replies:
        assert reply.cache == "llmcache; fwd=miss; collapsed"
        assert reply.headers["Content-Type"] == "application/json"
        assert reply.json()["choices"][0]["message"]["content"] == "Plain words of an answer."
        assert reply.json()["usage"]["completion_tokens"] == 5


async def test_a_stream_does_not_follow_a_whole_request(
    start: Start, engine: ScriptedEngine
) -> None:
    held = Held()
    engine.script = held.whole
    running = await start()
    asked = together(running, CHAT.request(), 1)
    await in_flight(running, 1)
    asked += together(running, STREAM, 1)
    await eventually(lambda: engine.times() == 2)
    held.go.set()
    whole, stream = await asyncio.gather(*asked)
    assert stripped(whole.json())["object"] == "chat.completion"
    assert stream.body.endswith(DONE)


async def test_whole_followers_of_a_useless_stream_ask_once_more_together(
    start: Start, engine: ScriptedEngine
) -> None:
    held = Held()
    held.events = held.events[:3]

    async def script(exchange: Exchange) -> None:
        if exchange.request.json().get("stream"):
            await held.stream(exchange)
        else:
            await asyncio.sleep(0.02)
            await well(exchange)

    engine.script = script
    running = await start()
    stream = asyncio.create_task(running.ask(STREAM))
    await in_flight(running, 1)
    wholes = together(running, CHAT.request(), 5)
    await in_flight(running, 6)
    held.go.set()
    await stream
    assert {reply.status for reply in await asyncio.gather(*wholes)} == {200}
    assert engine.times() == 2


@pytest.mark.parametrize("directive", ["no-store", "no-cache", "max-age=0"])
async def test_who_wants_an_answer_of_its_own_neither_leads_nor_follows(
    start: Start, engine: ScriptedEngine, directive: str
) -> None:
    held = Held()
    engine.script = held.whole
    running = await start()
    if directive == "max-age=0":
        held.go.set()
        await running.ask(CHAT.request())
        held.go.clear()
        engine.received.clear()
    asked = [
        asyncio.create_task(running.ask(CHAT.request(), Cache_Control=directive)) for _ in range(3)
    ]
    await eventually(lambda: engine.times() == 3)
    if directive != "max-age=0":
        asked += together(running, CHAT.request(), 2)
        await in_flight(running, 5)
        assert engine.times() == 4
    held.go.set()
    replies = await asyncio.gather(*asked)
    assert sum("collapsed" in reply.cache for reply in replies[:3]) == 0


async def test_bypassed_requests_share_nothing(start: Start, engine: ScriptedEngine) -> None:
    held = Held()
    engine.script = held.whole
    running = await start()
    asked = together(running, CHAT.request(temperature=1.0), 3)
    await eventually(lambda: engine.times() == 3)
    held.go.set()
    bodies = {reply.body for reply in await asyncio.gather(*asked)}
    assert len(bodies) == 3


async def test_callers_with_different_keys_share_no_flight_even_in_one_tenant(
    start: Start, engine: ScriptedEngine
) -> None:
    held = Held()
    engine.script = held.whole
    running = await start(responseCache={"tenancy": {"scope": "Shared"}})
    asked = [
        asyncio.create_task(running.ask(CHAT.request(), Authorization=f"Bearer {key}"))
        for key in ("one", "two", "one")
    ]
    await eventually(lambda: engine.times() == 2)
    await in_flight(running, 3)
    held.go.set()
    await asyncio.gather(*asked)
    assert engine.times() == 2
    assert {r.header("Authorization") for r in engine.received} == {"Bearer one", "Bearer two"}


async def test_different_requests_share_nothing(start: Start, engine: ScriptedEngine) -> None:
    held = Held()
    engine.script = held.whole
    running = await start()
    asked = together(running, CHAT.request("a"), 2) + together(running, CHAT.request("b"), 2)
    await in_flight(running, 4)
    held.go.set()
    await asyncio.gather(*asked)
    assert engine.times() == 2


async def test_a_stream_that_breaks_is_broken_for_every_rider(
    start: Start, engine: ScriptedEngine
) -> None:
    held = Held()

    async def script(exchange: Exchange) -> None:
        await exchange.begin_stream()
        await exchange.chunk(held.events[0])
        await held.go.wait()
        await exchange.chunk(held.events[1])
        exchange.hang_up()

    engine.script = script
    running = await start()
    asked = together(running, STREAM, 4)
    await in_flight(running, 4)
    held.go.set()
    for reply in await asyncio.gather(*asked):
        assert reply.broken
        assert reply.body == b"".join(held.events[:2])
    assert running.totals.outcomes == {"error": 4}
    assert engine.times() == 1


async def test_when_the_engine_breaks_before_the_head_one_more_is_tried(
    start: Start, engine: ScriptedEngine
) -> None:
    held = Held()

    async def script(exchange: Exchange) -> None:
        if not held.go.is_set():
            await held.go.wait()
            exchange.reset()
        else:
            await well(exchange)

    engine.script = script
    running = await start()
    asked = together(running, CHAT.request(), 5)
    await in_flight(running, 5)
    held.go.set()
    replies = await asyncio.gather(*asked)
    assert sorted(reply.status for reply in replies)[:4] == [200] * 4
    assert engine.times() <= 3


async def test_a_client_that_leaves_before_the_head_stops_its_inference(
    start: Start, engine: ScriptedEngine
) -> None:
    held = Held()
    engine.script = held.whole
    running = await start()
    for body in (CHAT.request(), STREAM, CHAT.request(temperature=1.0)):
        task = asyncio.create_task(running.ask(body))
        before = engine.hung_up
        await in_flight(running, 1)
        await _leave(task)
        await eventually(lambda before=before: engine.hung_up == before + 1)  # type: ignore[misc]
    await eventually(lambda: running.totals.requests == 3)


async def test_a_request_that_comes_after_the_last_byte_is_a_hit(
    start: Start, engine: ScriptedEngine
) -> None:
    running = await start()
    for _ in range(20):
        text = f"question {_}"
        await running.ask(CHAT.request(text, stream=True))
        # The answer is judged after the client got it; the next request may follow or hit.
        await running.ask(CHAT.request(text, stream=True))
    await eventually(lambda: running.totals.stored >= 20)
    assert running.totals.outcomes.get("error") is None
    assert dumps(running.totals.not_stored) == b"{}"
