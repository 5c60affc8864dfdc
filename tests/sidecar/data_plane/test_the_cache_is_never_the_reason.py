"""Robustness: odd clients, a failing engine, another engine, purges and reloads on the way."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket

import orjson
import pytest

from llmcache_api import SidecarConfig
from llmcache_sidecar.domain.api import Api
from llmcache_sidecar.domain.purge import Purge, PurgeScope

from .answers import CHAT, SPEECHES, Json, dumps, well
from .engine import JSON, Exchange, ScriptedEngine
from .running import HandClock, Running, Start, eventually

BODY = dumps(CHAT.request())
STREAM = dumps(CHAT.request(stream=True))


# Odd clients.


@pytest.mark.parametrize("body", [BODY, STREAM])
async def test_a_client_of_http_1_0_gets_the_same_and_the_connection_ends(
    start: Start, engine: ScriptedEngine, body: bytes
) -> None:
    running = await start()
    for expected in (b"fwd=miss", b"; hit;"):
        answer = await running.raw(running.request_bytes(body, version="1.0"))
        head, _, rest = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.0 200 OK")
        assert expected in head
        assert b"chunked" not in head.lower()
        assert b"aiohttp" not in head
        assert rest
        await eventually(lambda: running.totals.stored == 1)
    assert engine.times() == 1


async def test_a_stream_that_breaks_off_does_not_end_orderly_for_a_client_of_http_1_0(
    start: Start, engine: ScriptedEngine
) -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.begin_stream()
        await exchange.chunk(CHAT.events()[0])
        await asyncio.sleep(0.05)
        exchange.hang_up()

    engine.script = script
    running = await start()
    for path in (CHAT.path, "/any"):
        with pytest.raises(ConnectionResetError):
            await running.raw(running.request_bytes(STREAM, version="1.0", path=path))


@pytest.mark.parametrize(
    "lines",
    [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: -5",
        "Content-Length: 0x5",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding : chunked",
    ],
)
@pytest.mark.parametrize("path", [CHAT.path, "/any"])
async def test_a_request_whose_length_is_ambiguous_is_refused(
    start: Start, engine: ScriptedEngine, lines: str, path: str
) -> None:
    running = await start()
    head = f"POST {path} HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n{lines}\r\n\r\n"
    answer = await running.raw(head.encode() + b"0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n")
    assert answer[9:12] == b"400", answer
    assert engine.times() == 0


@pytest.mark.parametrize("body", [BODY, STREAM])
async def test_connection_close_is_honoured_for_hits_and_misses(
    start: Start, engine: ScriptedEngine, body: bytes
) -> None:
    running = await start()
    for _ in range(2):
        answer = await running.raw(running.request_bytes(body, "Connection: close"))
        assert answer.startswith(b"HTTP/1.1 200 OK")
        assert b"connection: close" in answer.lower()
        await eventually(lambda: running.totals.stored == 1)
    assert engine.times() == 1


async def test_pipelined_requests_are_answered_in_order_on_one_connection(
    start: Start, engine: ScriptedEngine
) -> None:
    running = await start()
    await running.ask(CHAT.request())
    other = dumps(CHAT.request("another", temperature=1.0))
    last = running.request_bytes(BODY, "Connection: close")
    pieces = [running.request_bytes(BODY), running.request_bytes(other)] * 3
    answer = await running.raw(b"".join([*pieces, last]))
    assert answer.count(b"HTTP/1.1 200 OK") == 7
    statuses = [line for line in answer.split(b"\r\n") if line.startswith(b"Cache-Status")]
    assert [b"hit" in status for status in statuses] == [True, False] * 3 + [True]


async def test_a_connection_is_used_again_after_everything(
    start: Start, engine: ScriptedEngine
) -> None:
    running = await start()
    reader, writer = await running.connect()
    bodies = [BODY, BODY, STREAM, b"{", dumps(CHAT.request(temperature=2)), BODY]
    for body in bodies:
        writer.write(running.request_bytes(body))
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 ")
        if b"chunked" in head.lower():
            await reader.readuntil(b"0\r\n\r\n")
        else:
            length = head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]
            await reader.readexactly(int(length))
    assert b"hit" in head
    writer.close()


@pytest.mark.parametrize(
    "name", ['a"b', "a\\b", "a{b", "\t tab", "\xff\xfe", "ü", "x" * 8000, "\x1b[31m"]
)
@pytest.mark.parametrize("body", [BODY, STREAM])
async def test_a_strange_request_id_stays_a_string_in_the_answer(
    start: Start, engine: ScriptedEngine, name: str, body: bytes
) -> None:
    running = await start()
    await running.ask(body)
    await eventually(lambda: running.totals.stored == 1)
    request = running.request_bytes(body, f"X-Request-Id: {name}", "Connection: close")
    answer = await running.raw(request)
    if name.startswith("\x1b"):
        assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400", b"HTTP/1.1 200"))
        return
    head, _, rest = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK"), answer
    assert b"hit" in head
    document = rest.removeprefix(b"data: ").split(b"\n\n")[0]
    assert orjson.loads(document)["id"] == f"chatcmpl-{name.strip()}"


async def test_line_breaks_can_not_be_smuggled_into_headers(
    start: Start, engine: ScriptedEngine
) -> None:
    running = await start()
    for line in ("X-Request-Id: a\rSet-Cookie: b", "X-Request-Id: a\n Set-Cookie: b", "X-A: \0"):
        answer = await running.raw(running.request_bytes(BODY, line, "Connection: close"))
        assert b"\r\nSet-Cookie" not in answer
        assert answer[9:12] in (b"400", b"200")


async def test_large_heads_pass(start: Start, engine: ScriptedEngine) -> None:
    running = await start()
    for path in (CHAT.path, "/any"):
        reply = await running.ask(CHAT.request(), path, X_Long="y" * 8100)
        assert reply.status == 200
    assert {len(r.header("X-Long") or "") for r in engine.received} == {8100}

    async def script(exchange: Exchange) -> None:
        await exchange.answer(b"{}", headers=[*JSON, ("X-Long", "z" * 8000)])

    engine.script = script
    assert len((await running.ask(b"{}", "/any")).headers["X-Long"]) == 8000


async def test_a_body_that_comes_byte_by_byte_is_read(start: Start, engine: ScriptedEngine) -> None:
    running = await start()
    reader, writer = await running.connect()
    whole = running.request_bytes(BODY, "Connection: close")
    for position in range(0, len(whole), 7):
        writer.write(whole[position : position + 7])
        await asyncio.sleep(0.001)
    assert b"stored" in await reader.read()
    writer.close()


async def test_a_chunked_request_is_the_same_request(start: Start, engine: ScriptedEngine) -> None:
    running = await start()
    await running.ask(BODY)
    head = f"POST {CHAT.path} HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
    head += "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    chunks = b"".join(b"%x\r\n%s\r\n" % (1, BODY[i : i + 1]) for i in range(len(BODY)))
    answer = await running.raw(head.encode() + chunks + b"0\r\n\r\n")
    assert b"; hit;" in answer


@pytest.mark.parametrize("rest", [b"zz\r\n", b"5\r\nab"])
async def test_a_body_that_never_ends_well_harms_nobody(
    start: Start, engine: ScriptedEngine, rest: bytes
) -> None:
    running = await start()
    head = f"POST {CHAT.path} HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
    head += "Transfer-Encoding: chunked\r\n\r\n"
    with contextlib.suppress(TimeoutError):
        await running.raw(head.encode() + rest, half_close=True, seconds=0.5)
    await eventually(lambda: running.sidecar.data_plane.in_flight == 0)
    assert (await running.ask(BODY)).status == 200
    assert engine.times() == 1


async def test_a_client_that_closes_its_half_is_taken_as_gone(
    start: Start, engine: ScriptedEngine
) -> None:
    async def script(exchange: Exchange) -> None:
        await asyncio.sleep(30)

    engine.script = script
    running = await start()
    answer = await running.raw(running.request_bytes(BODY), half_close=True)
    assert answer == b""
    await eventually(lambda: engine.hung_up == 1)


async def test_garbage_is_refused_and_not_repeated_in_the_log(
    start: Start, engine: ScriptedEngine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    running = await start()
    # A body longer than it says is read as the next request, which it is not.
    request = running.request_bytes(BODY) + b"my secret prompt\r\n\r\n"
    answer = await running.raw(request)
    assert b"400 Bad Request" in answer
    await running.raw(b"POST / HTTP/1.1\r\nAuthorization Bearer secret-key\r\n\r\n")
    text = caplog.text + "".join(str(r.exc_info) + str(r.exc_text) for r in caplog.records)
    assert "secret" not in text


# A failing engine.


@pytest.mark.parametrize("api", list(Api))
async def test_an_engine_that_is_not_there_is_said_in_the_shape_of_the_api(
    start: Start, engine: ScriptedEngine, api: Api
) -> None:
    running = await start()
    speech = SPEECHES[api]
    await running.ask(speech.request("known"), speech.path)
    await engine.stop()
    for more in ({}, {"temperature": 1.5}):
        reply = await running.ask(speech.request(**more), speech.path)
        assert (reply.status, reply.cache) == (502, "llmcache; detail=engine")
        error = reply.json()
        if api is Api.MESSAGES:
            assert error["error"]["type"] == "api_error"
        else:
            assert error["error"]["code"] == 502
    assert running.totals.outcomes == {"miss": 1, "error": 2}
    assert (await running.ask(speech.request("known"), speech.path)).hit


async def test_a_stale_answer_is_served_while_one_fresh_one_is_fetched(
    start: Start, engine: ScriptedEngine, clock: HandClock
) -> None:
    running = await start(
        clock=clock, responseCache={"exact": {"ttl": "60s", "staleWhileRevalidate": "60s"}}
    )
    await running.ask(CHAT.request())
    clock.pass_by(90)
    go = asyncio.Event()

    async def script(exchange: Exchange) -> None:
        await go.wait()
        await well(exchange)

    engine.script = script
    for _ in range(3):
        reply = await running.ask(CHAT.request())
        assert reply.cache == "llmcache; hit; ttl=-30; detail=exact"
        assert reply.headers["Age"] == "90"
    await eventually(lambda: engine.times() == 2)
    go.set()
    await eventually(lambda: running.totals.stored == 2)
    assert (await running.ask(CHAT.request())).cache == "llmcache; hit; ttl=60; detail=exact"
    assert engine.times() == 2
    assert running.totals.stale_hits == 3
    saved = running.sidecar.figures.statistics().saved
    assert (running.totals.hits, saved.refreshed, saved.requests) == (4, 1, 3)
    entry_tokens = running.totals.saved_prompt_tokens // 3
    assert entry_tokens * 3 == saved.prompt_tokens > 0, "the refreshed one saved none"
    clock.pass_by(121)
    assert not (await running.ask(CHAT.request())).hit


@pytest.mark.parametrize("wish", ["only-if-cached", "no-store"])
async def test_behind_a_stale_answer_the_engine_is_not_asked_against_the_clients_wish(
    start: Start, engine: ScriptedEngine, clock: HandClock, wish: str
) -> None:
    running = await start(
        clock=clock,
        responseCache={"exact": {"ttl": "60s", "staleWhileRevalidate": "60s"}},
        quality={"shadowSamplePercent": 100},
    )
    await running.ask(CHAT.request())
    clock.pass_by(90)
    assert (await running.ask(CHAT.request(), Cache_Control=wish)).hit
    assert running.sidecar.figures.statistics().saved.refreshed == 0
    assert running.sidecar.figures.statistics().quality.samples_waiting == 0
    await running.ask(CHAT.request())
    await eventually(lambda: running.totals.stored == 2)


@pytest.mark.parametrize("failure", ["503", "gone", "cut"])
async def test_a_stale_answer_stands_in_for_an_engine_that_fails(
    start: Start, engine: ScriptedEngine, clock: HandClock, failure: str
) -> None:
    running = await start(
        clock=clock, responseCache={"exact": {"ttl": "60s", "staleIfError": "60s"}}
    )
    await running.ask(CHAT.request())
    clock.pass_by(90)

    async def script(exchange: Exchange) -> None:
        if failure == "503":
            await exchange.answer(b"{}", 503)
        else:
            await exchange.head(200, [*JSON, ("Content-Length", "100")])
            exchange.hang_up()

    engine.script = script
    if failure == "gone":
        await engine.stop()
    reply = await running.ask(CHAT.request())
    assert (reply.status, reply.cache) == (200, "llmcache; hit; ttl=-30; detail=exact")
    assert running.totals.outcomes == {"miss": 1, "hit_exact": 1}
    clock.pass_by(60)
    assert (await running.ask(CHAT.request())).status >= 500


@pytest.mark.parametrize(
    ("meanwhile", "served"),
    [
        ("time passes", "llmcache; hit; ttl=-40; detail=exact"),
        ("it is too old", ""),
        ("it is purged", ""),
    ],
)
async def test_a_stale_answer_stands_in_as_it_is_when_the_engine_has_failed(
    start: Start, engine: ScriptedEngine, clock: HandClock, meanwhile: str, served: str
) -> None:
    running = await start(
        clock=clock, responseCache={"exact": {"ttl": "60s", "staleIfError": "60s"}}
    )
    await running.ask(CHAT.request())
    clock.pass_by(90)
    fails = asyncio.Event()

    async def script(exchange: Exchange) -> None:
        await fails.wait()
        await exchange.answer(b"{}", 503)

    engine.script = script
    asking = asyncio.create_task(running.ask(CHAT.request()))
    await eventually(lambda: engine.times() == 2)
    clock.pass_by(31 if meanwhile == "it is too old" else 10)
    if meanwhile == "it is purged":
        await running.sidecar.purges.purge(Purge(PurgeScope.ALL))
    fails.set()
    reply = await asking
    assert (reply.status, reply.cache) == ((200, served) if served else (503, "llmcache; fwd=miss"))


async def test_without_leave_nothing_stale_is_ever_served(
    start: Start, engine: ScriptedEngine, clock: HandClock
) -> None:
    running = await start(clock=clock, responseCache={"exact": {"ttl": "60s"}})
    await running.ask(CHAT.request())
    clock.pass_by(60.1)
    await engine.stop()
    assert (await running.ask(CHAT.request())).status == 502


# Another engine.


async def test_another_model_behind_the_name_gets_none_of_the_old_answers(
    start: Start, engine: ScriptedEngine
) -> None:
    running = await start()
    await running.ask(CHAT.request())
    engine.models = [{"id": "tiny", "root": "another/model"}]
    before = running.sidecar.profile.state
    running.sidecar.profile.reread()
    await eventually(lambda: running.sidecar.profile.state is not before)
    assert (await running.ask(CHAT.request())).cache == "llmcache; fwd=miss; stored"
    engine.version = "9"
    before = running.sidecar.profile.state
    running.sidecar.profile.reread()
    await eventually(lambda: running.sidecar.profile.state is not before)
    assert (await running.ask(CHAT.request())).cache == "llmcache; fwd=miss; stored"


async def test_an_answer_that_began_with_another_engine_is_not_stored(
    start: Start, engine: ScriptedEngine
) -> None:
    running = await start()
    go = asyncio.Event()

    async def script(exchange: Exchange) -> None:
        await go.wait()
        await well(exchange)

    engine.script = script
    task = asyncio.create_task(running.ask(CHAT.request()))
    await eventually(lambda: engine.times() == 1)
    engine.models = [{"id": "tiny", "root": "another/model"}]
    before = running.sidecar.profile.state
    running.sidecar.profile.reread()
    await eventually(lambda: running.sidecar.profile.state is not before)
    go.set()
    assert (await task).cache == "llmcache; fwd=miss"
    assert running.totals.not_stored == {"engine-changed": 1}


async def test_after_a_lost_connection_nothing_is_stored_until_the_engine_was_read_again(
    start: Start, engine: ScriptedEngine
) -> None:
    running = await start()
    profile = running.sidecar.profile
    await engine.stop()
    assert (await running.ask(CHAT.request())).status == 502
    assert profile.suspect
    before = profile.state
    # Back, as another one, and too busy to say so.
    engine.models = [{"id": "tiny", "root": "another/model"}]
    said = asyncio.Event()
    probe = engine._probe

    async def busy(exchange: Exchange) -> bool:
        if exchange.request.target == "/v1/models":
            await said.wait()
        return await probe(exchange)

    engine._probe = busy  # type: ignore[method-assign]
    await engine.start()
    reply = await running.ask(CHAT.request())
    assert (reply.status, reply.cache) == (200, "llmcache; fwd=miss")
    said.set()
    await eventually(lambda: profile.state is not before)
    assert (await running.ask(CHAT.request())).cache == "llmcache; fwd=miss; stored"


async def test_an_engine_that_closed_a_kept_connection_is_asked_again_and_read_again(
    start: Start, engine: ScriptedEngine
) -> None:
    async def script(exchange: Exchange) -> None:
        if engine.times() == 2:
            exchange.reset()
        else:
            await well(exchange)

    engine.script = script
    running = await start()
    await running.ask(CHAT.request("first"))
    probes = len(engine.probes)
    reply = await running.ask(CHAT.request("second"))
    assert (reply.status, engine.times()) == (200, 3)
    # Another engine may have taken its place.
    await eventually(lambda: len(engine.probes) > probes)


async def test_a_poll_that_fails_makes_the_engine_suspect(
    start: Start, engine: ScriptedEngine
) -> None:
    """It is gone without any request having noticed; another one may come back."""
    running = await start()
    await engine.stop()
    running.sidecar.profile.reread()
    await eventually(lambda: running.sidecar.profile.suspect)
    await engine.start()
    await eventually(lambda: not running.sidecar.profile.suspect)


async def test_a_busy_engine_is_asked_for_its_temperature_until_it_says(
    start: Start, engine: ScriptedEngine
) -> None:
    probe = engine._probe
    broken = 2

    async def busy(exchange: Exchange) -> bool:
        nonlocal broken
        if exchange.request.target == "/v1/responses" and broken:
            broken -= 1
            exchange.reset()
            return True
        return await probe(exchange)

    engine._probe = busy  # type: ignore[method-assign]
    running = await start()
    await eventually(lambda: running.sidecar.profile.temperature == 0.0)


def refusing(engine: ScriptedEngine, target: str, status: int) -> list[int]:
    """From now on the sidecar's own questions at `target` are answered with `status`. Returns one of
    these for each; a -1 among them ends it."""
    probe = engine._probe
    times: list[int] = []

    async def busy(exchange: Exchange) -> bool:
        if exchange.request.target != target or -1 in times:
            return await probe(exchange)
        times.append(status)
        await exchange.answer(b"busy", status, [("Content-Type", "text/plain")])
        return True

    engine._probe = busy  # type: ignore[method-assign]
    return times


@pytest.mark.parametrize("status", [429, 503])
async def test_a_busy_answer_tells_nothing_of_the_engines_temperature(
    start: Start, engine: ScriptedEngine, status: int
) -> None:
    times = refusing(engine, "/v1/responses", status)
    running = await start(known=False)
    await eventually(lambda: len(times) > 1)
    times.append(-1)
    await eventually(lambda: running.sidecar.profile.temperature == 0.0)


@pytest.mark.parametrize("status", [404, 501])
async def test_an_engine_that_does_not_tell_its_temperature_is_not_asked_over_and_over(
    start: Start, engine: ScriptedEngine, status: int
) -> None:
    times = refusing(engine, "/v1/responses", status)
    running = await start(known=False)
    await eventually(lambda: times)
    await asyncio.sleep(0.5)
    assert times == [status]
    assert running.sidecar.profile.temperature is None


@pytest.mark.parametrize("target", ["/v1/models", "/version"])
async def test_a_busy_answer_is_no_reading_of_the_engine(
    start: Start, engine: ScriptedEngine, target: str
) -> None:
    running = await start()
    await running.ask(CHAT.request())
    profile, before = running.sidecar.profile, running.sidecar.profile.state
    times = refusing(engine, target, 503)
    profile.reread()
    await eventually(lambda: profile.suspect)
    assert profile.state is before
    assert (await running.ask(CHAT.request())).hit
    assert "stored" not in (await running.ask(CHAT.request("Else?"))).cache
    times.append(-1)
    await eventually(lambda: not profile.suspect)
    assert (await running.ask(CHAT.request())).hit, "it is the same engine"


async def test_an_engine_whose_revision_is_given_need_not_list_its_models(
    start: Start, engine: ScriptedEngine
) -> None:
    refusing(engine, "/v1/models", 500)
    running = await start(upstream={"revision": "r1"})
    await running.ask(CHAT.request())
    assert (await running.ask(CHAT.request())).hit


# Reloads, purges, the end.


def _reload(running: Running, **exact: object) -> None:
    config = running.sidecar.config.model_dump(by_alias=True)
    config["responseCache"]["exact"].update(exact)
    running.sidecar.reload(SidecarConfig.parse(config))


async def test_a_lowered_ttl_works_at_once(start: Start, clock: HandClock) -> None:
    running = await start(clock=clock)
    await running.ask(CHAT.request())
    clock.pass_by(100)
    _reload(running, ttl="90s")
    assert not (await running.ask(CHAT.request())).hit
    clock.pass_by(80)
    assert (await running.ask(CHAT.request())).cache == "llmcache; hit; ttl=10; detail=exact"


async def test_a_mode_that_is_switched_off_is_off_for_the_next_request(start: Start) -> None:
    running = await start()
    await running.ask(CHAT.request())
    _reload(running, mode="Off")
    assert (await running.ask(CHAT.request())).cache == "llmcache; fwd=bypass; detail=off"
    _reload(running, mode="Serve")
    assert (await running.ask(CHAT.request())).hit


@pytest.mark.parametrize(
    "purge",
    [Purge(PurgeScope.ALL), Purge(PurgeScope.MODEL, "tiny"), Purge(PurgeScope.TAG, "docs")],
)
@pytest.mark.parametrize("body", [BODY, STREAM])
async def test_a_purge_during_an_inference_keeps_its_answer_out(
    start: Start, engine: ScriptedEngine, clock: HandClock, purge: Purge, body: bytes
) -> None:
    running = await start(clock=clock)
    go = asyncio.Event()

    async def script(exchange: Exchange) -> None:
        await go.wait()
        await well(exchange)

    engine.script = script
    task = asyncio.create_task(running.ask(body, LLMCache_Tags="docs"))
    await eventually(lambda: engine.times() == 1)
    await running.sidecar.purges.purge(purge)
    go.set()
    assert (await task).cache == "llmcache; fwd=miss"
    await eventually(lambda: running.totals.not_stored == {"purged": 1})
    # What begins after it is kept.
    await running.ask(body, LLMCache_Tags="docs")
    await eventually(lambda: running.totals.stored == 1)
    assert (await running.ask(body)).hit


async def test_who_asks_after_a_purge_does_not_share_an_inference_from_before_it(
    start: Start, engine: ScriptedEngine
) -> None:
    running = await start()
    go = asyncio.Event()

    async def script(exchange: Exchange) -> None:
        first = engine.times() == 1
        await go.wait()
        await well(exchange) if not first else await exchange.answer(b'{"object":"old"}')

    engine.script = script
    before = asyncio.create_task(running.ask(CHAT.request()))
    await eventually(lambda: engine.times() == 1)
    await running.sidecar.purges.purge(Purge(PurgeScope.ALL))
    after = asyncio.create_task(running.ask(CHAT.request()))
    await eventually(lambda: running.sidecar.data_plane.in_flight == 2)
    await asyncio.sleep(0.05)
    go.set()
    assert (await before).json() == {"object": "old"}
    assert (await after).json()["object"] == "chat.completion"


async def test_a_purge_takes_what_is_hot(start: Start) -> None:
    running = await start()
    await running.ask(CHAT.request())
    hit = await running.ask(CHAT.request())
    await running.sidecar.purges.purge(Purge(PurgeScope.ENTRY, hit.headers["LLMCache-Entry"]))
    assert not (await running.ask(CHAT.request())).hit


async def test_a_lame_duck_answers_on_and_asks_every_client_to_leave(
    start: Start, engine: ScriptedEngine
) -> None:
    running = await start()
    await running.ask(CHAT.request())
    running.sidecar.begin_drain()
    bodies: list[tuple[bytes | Json, str]] = [
        (BODY, CHAT.path), (STREAM, CHAT.path), (CHAT.request("new"), CHAT.path),
        (CHAT.request(temperature=2), CHAT.path), (b"{}", "/any"),
    ]  # fmt: skip
    for body, path in bodies:
        reply = await running.ask(body, path)
        assert reply.status == 200
        assert reply.headers["Connection"] == "close"


async def test_a_request_on_its_way_when_the_drain_begins_is_answered(start: Start) -> None:
    running = await start()
    host, _, port = running.address.partition(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.setblocking(False)
        for draining in (False, True):
            connection.sendall(
                f"POST {CHAT.path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(BODY)}\r\n\r\n".encode()
                + BODY
            )
            if draining:
                running.sidecar.begin_drain()  # before the loop has read a byte of it
            answer = await asyncio.get_running_loop().sock_recv(connection, 65536)
            assert answer.startswith(b"HTTP/1.1 200")
            assert (b"\r\nConnection: close" in answer) == draining


async def test_a_drain_lets_requests_finish(start: Start, engine: ScriptedEngine) -> None:
    running = await start(drain={"propagation": "0", "timeout": "3s"})
    go = asyncio.Event()

    async def script(exchange: Exchange) -> None:
        await go.wait()
        await well(exchange)

    engine.script = script
    # The whole one first: it would follow a stream that is under way.
    tasks = [asyncio.create_task(running.ask(BODY))]
    await eventually(lambda: engine.times() == 1)
    tasks.append(asyncio.create_task(running.ask(STREAM)))
    await eventually(lambda: engine.times() == 2)
    draining = asyncio.create_task(running.sidecar.drain())
    await asyncio.sleep(0.05)
    assert not draining.done()
    go.set()
    for reply in await asyncio.gather(*tasks):
        assert (reply.status, reply.broken) == (200, False)
    assert await draining
    assert running.totals.stored == 2
