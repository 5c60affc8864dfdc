"""What is not cached: passed on as it came, both ways, as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from llmcache_sidecar.adapters.engine_http import HttpEngine
from llmcache_sidecar.domain.purge import LogPosition, Purge, PurgeRecord, PurgeScope
from llmcache_sidecar.ports.exact_store import StoreError
from llmcache_sidecar.ports.purge_log import PurgeLog

from .answers import CHAT, dumps, well
from .engine import JSON, Exchange, ScriptedEngine
from .running import Start, eventually


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/v1/models"),
        ("GET", "/"),
        ("GET", "/v1/chat/completions"),
        ("POST", "/v1/chat/completions/"),
        ("POST", "/v1/responses/resp_1/cancel"),
        ("DELETE", "/v1/responses/resp_1"),
        ("PUT", "/any/thing"),
        ("PATCH", "/any/thing"),
        ("OPTIONS", "/v1/models"),
        ("POST", "/v1/messages/count_tokens"),
        ("GET", "/a%20b/%2e%2E/%C3%A4?q=%41%2f&r=a+b&&s=%zz"),
        ("GET", "/v1/models?"),
        ("GET", "/a//b/../c/./d;p?x=/?y"),
    ],
)
async def test_method_and_target_arrive_byte_for_byte(
    start: Start, engine: ScriptedEngine, method: str, target: str
) -> None:
    running = await start()
    head = f"{method} {target} HTTP/1.1\r\nHost: h\r\nUser-Agent: raw\r\nConnection: close\r\n\r\n"
    answer = await running.raw(head.encode())
    assert answer.startswith(b"HTTP/1.1 ")
    request = engine.received[-1]
    assert (request.method, request.target) == (method, target)
    assert b"cache-status" not in answer.lower() or b"fwd=bypass" in answer


@pytest.mark.parametrize("target", ["http://elsewhere/v1/models", "*", "elsewhere:443"])
async def test_a_target_that_is_no_path_goes_nowhere(
    start: Start, engine: ScriptedEngine, target: str
) -> None:
    running = await start()
    method = {"*": "OPTIONS", "elsewhere:443": "CONNECT"}.get(target, "GET")
    answer = await running.raw(
        f"{method} {target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode()
    )
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert engine.times() == 0


async def test_a_websocket_is_refused_with_words_after_the_key_check(
    start: Start, engine: ScriptedEngine, tmp_path: Path
) -> None:
    keys = tmp_path / "keys"
    keys.write_text("alpha")
    running = await start(auth={"mode": "Keys", "keysFile": str(keys)})
    head = "GET /v1/realtime HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, close\r\n"
    head += "Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    head += "Sec-WebSocket-Version: 13\r\n"
    refused = await running.raw(f"{head}\r\n".encode())
    assert refused.startswith(b"HTTP/1.1 401 ")
    answer = await running.raw(f"{head}Authorization: Bearer alpha\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 501 ")
    assert b"WebSocket" in answer
    assert engine.times() == 0


async def test_headers_arrive_without_those_of_the_connection(
    start: Start, engine: ScriptedEngine
) -> None:
    async def script(exchange: Exchange) -> None:
        headers = [
            *JSON, ("Connection", "keep-alive, X-Mine"), ("Keep-Alive", "timeout=5"),
            ("X-Mine", "1"), ("X-Theirs", "2"), ("X-Theirs", "3"), ("Proxy-Authenticate", "Basic"),
            ("X-Text", "gr\xfc\xdf"),
        ]  # fmt: skip
        await exchange.answer(b"{}", headers=headers)

    engine.script = script
    running = await start()
    head = (
        "GET /any HTTP/1.1\r\nHost: h\r\nUser-Agent: raw\r\nConnection: close, X-Hop\r\n"
        "X-Hop: 1\r\nTE: trailers\r\nKeep-Alive: 5\r\nProxy-Authorization: Basic x\r\n"
        "X-End: a\r\nX-End: b\r\nAccept-Encoding: gzip\r\nX-Latin: gr\xfc\xdf\r\n\r\n"
    )
    answer = await running.raw(head.encode("latin-1"))
    names = {name.lower() for name, _ in engine.received[0].headers}
    assert names == {"host", "user-agent", "x-end", "accept-encoding", "x-latin"}
    assert engine.received[0].header("X-End") == "a, b"
    assert engine.received[0].header("X-Latin") == "gr\xfc\xdf"
    assert engine.received[0].header("Host") == f"127.0.0.1:{engine.port}"
    assert b"X-Theirs: 2\r\nX-Theirs: 3\r\n" in answer
    for name in (b"x-mine", b"keep-alive:", b"proxy-authenticate"):
        assert name not in answer.lower()


async def test_an_upload_is_streamed(start: Start, engine: ScriptedEngine) -> None:
    running = await start()
    arrived = asyncio.Event()
    more = asyncio.Event()

    async def script(exchange: Exchange) -> None:
        first = await exchange._reader.readuntil(b"first")
        arrived.set()
        rest = await exchange._reader.readuntil(b"0\r\n\r\n")
        await exchange.answer(dumps({"got": len(first + rest)}))

    async def parts() -> AsyncIterator[bytes]:
        yield b"first"
        await more.wait()
        yield b"second"

    engine.script = script
    task = asyncio.create_task(
        running.ask(parts(), "/v1/audio/transcriptions", X_Test_Unread="1")  # type: ignore[arg-type]
    )
    await asyncio.wait_for(arrived.wait(), 2)
    more.set()
    assert (await task).status == 200


async def test_an_answer_is_streamed(start: Start, engine: ScriptedEngine) -> None:
    go = asyncio.Event()

    async def script(exchange: Exchange) -> None:
        await exchange.begin_stream()
        await exchange.chunk(b"first")
        await go.wait()
        await exchange.chunk(b"second")
        await exchange.end_stream()

    engine.script = script
    running = await start()
    for path, body in (("/any", b"{}"), (CHAT.path, dumps(CHAT.request(temperature=2)))):
        async with running.open(body, path) as response:
            assert await response.content.readexactly(5) == b"first"
            go.set()
            assert await response.content.read() == b"second"
        go.clear()


async def test_large_bodies_pass_both_ways(start: Start, engine: ScriptedEngine) -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.answer(exchange.request.body)

    engine.script = script
    running = await start()
    body = bytes(range(256)) * 20_000
    reply = await running.ask(body, "/any", Content_Type="application/octet-stream")
    assert reply.body == body
    assert reply.headers["Content-Length"] == str(len(body))


async def test_an_upload_that_expects_it_is_told_to_continue(
    start: Start, engine: ScriptedEngine
) -> None:
    running = await start(responseCache={"limits": {"cacheableBody": 1000}})
    long = dumps(CHAT.request("x" * 2000))
    for path, body in (
        (CHAT.path, dumps(CHAT.request())),
        ("/any", b"{}"),
        (CHAT.path, long),
    ):
        reader, writer = await running.connect()
        whole = running.request_bytes(body, "Expect: 100-continue", "Connection: close", path=path)
        writer.write(whole[: -len(body)])
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(body)
        assert (await reader.read()).startswith(b"HTTP/1.1 200 OK")
        writer.close()
    assert [r.header("Expect") for r in engine.received] == [None] * 3
    assert engine.received[2].body == long


@pytest.mark.parametrize(
    ("method", "status", "headers"),
    [
        ("HEAD", 200, [("Content-Length", "1234")]),
        ("GET", 204, []),
        ("GET", 304, [("ETag", '"a"')]),
        ("GET", 302, [("Location", "/there"), ("Content-Length", "0")]),
    ],
)
async def test_answers_without_a_body_keep_their_head(
    start: Start, engine: ScriptedEngine, method: str, status: int, headers: list[tuple[str, str]]
) -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.head(status, headers, "So It Is")

    engine.script = script
    running = await start()
    for _ in range(2):  # the connection stays usable
        reply = await running.ask(None, "/any", method)
        assert (reply.status, reply.body) == (status, b"")
        for name, value in headers:
            assert reply.headers[name] == value


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("{engine}/v1/chat/completions?a=%2f#b", "/v1/chat/completions?a=%2f#b"),
        ("{engine}", "{engine}"),
        ("{engine}//elsewhere/path", "{engine}//elsewhere/path"),
        ("http://elsewhere/v1/chat/completions", "http://elsewhere/v1/chat/completions"),
        ("{engine}/\\elsewhere", "{engine}/\\elsewhere"),
        ("//elsewhere/path", "//elsewhere/path"),
        ("/v1/models", "/v1/models"),
        ("models", "models"),
        ("http://[broken", "http://[broken"),
    ],
)
async def test_a_redirect_leads_back_here_and_not_to_the_engines_own_address(
    start: Start, engine: ScriptedEngine, said: str, seen: str
) -> None:
    """vLLM answers `/v1/chat/completions/` with one, made of the Host header that it got."""

    async def script(exchange: Exchange) -> None:
        location = said.format(engine=f"http://{exchange.request.header('Host')}")
        await exchange.head(307, [("location", location), ("Content-Length", "0")])

    engine.script = script
    running = await start()
    reply = await running.ask(b"{}", "/v1/chat/completions/")
    host = engine.received[-1].header("Host")
    assert (reply.status, reply.headers["Location"]) == (307, seen.format(engine=f"http://{host}"))


def test_a_redirect_of_an_engine_under_a_path_does_not_name_that_path() -> None:
    engine = HttpEngine("http://engine:8000/under", None, 1.0)
    for said in ("http://engine:8000/under/v1/models?a", "https://Engine:8000/v1/models?a"):
        assert engine.seen_from_outside(said) == "/v1/models?a"
    assert engine.seen_from_outside("http://engine:9000/v1") == "http://engine:9000/v1"


async def test_the_reason_phrase_passes(start: Start, engine: ScriptedEngine) -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.head(418, [("Content-Length", "0")], "Short And Stout")

    engine.script = script
    running = await start()
    answer = await running.raw(b"GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 418 Short And Stout\r\n")


async def test_an_answer_that_breaks_off_is_broken_for_the_client(
    start: Start, engine: ScriptedEngine
) -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.begin_stream()
        await exchange.chunk(b"first")
        exchange.hang_up()

    engine.script = script
    running = await start()
    for path, body in (("/any", b"{}"), (CHAT.path, dumps(CHAT.request(temperature=2)))):
        reply = await running.ask(body, path)
        assert (reply.body, reply.broken) == (b"first", True)
    assert running.sidecar.profile.suspect or engine.probes


async def test_an_engine_that_is_not_there_is_said_with_502(
    start: Start, engine: ScriptedEngine
) -> None:
    running = await start()
    await engine.stop()
    reply = await running.ask(b"{}", "/tokenize")
    assert reply.status == 502
    assert reply.json()["error"]["code"] == 502


async def _adapters(exchange: Exchange) -> None:
    if "lora" in exchange.request.target:
        await exchange.answer(b"Success", headers=[("Content-Type", "text/plain")])
    else:
        await well(exchange)


@pytest.mark.parametrize("verb", ["load", "unload"])
@pytest.mark.parametrize("revision", [None, "r1"])
async def test_an_adapter_that_changes_takes_its_answers_along(
    start: Start, engine: ScriptedEngine, verb: str, revision: str | None
) -> None:
    engine.script = _adapters
    engine.models.append({"id": "adapter", "root": "a/lora", "parent": "tiny"})
    running = await start(upstream={"revision": revision} if revision else {})
    ours = {**CHAT.request(), "model": "adapter"}
    for body in (ours, CHAT.request()):
        await running.ask(body)
        assert (await running.ask(body)).hit
    probes = len(engine.probes)
    reply = await running.ask(dumps({"lora_name": "adapter"}), f"/v1/{verb}_lora_adapter")
    assert reply.body == b"Success"
    assert not (await running.ask(ours)).hit
    assert (await running.ask(CHAT.request())).hit
    await eventually(lambda: len(engine.probes) > probes)


async def test_an_adapter_unknown_when_it_answered_is_purged_by_its_name(
    start: Start, engine: ScriptedEngine
) -> None:
    """With a revision, answers are kept before the engine's list is read again."""
    engine.script = _adapters
    running = await start(upstream={"revision": "r1"})
    ours = {**CHAT.request(), "model": "new"}
    await running.ask(ours)
    assert (await running.ask(ours)).hit
    await running.ask(dumps({"lora_name": "new"}), "/v1/load_lora_adapter")
    assert not (await running.ask(ours)).hit


@pytest.mark.parametrize("end", ["the client leaves", "the engine breaks off"])
async def test_an_adapter_takes_its_answers_along_although_nobody_hears_of_it(
    start: Start, engine: ScriptedEngine, end: str
) -> None:
    engine.script = _adapters
    running = await start(upstream={"revision": "r1"})
    ours = {**CHAT.request(), "model": "new"}
    await running.ask(ours)
    assert (await running.ask(ours)).hit
    loading, loaded = asyncio.Event(), asyncio.Event()

    async def script(exchange: Exchange) -> None:
        if "lora" not in exchange.request.target:
            await well(exchange)
        elif end == "the engine breaks off":
            exchange.hang_up()
        else:
            loading.set()
            await loaded.wait()
            await exchange.answer(b"Success", headers=[("Content-Type", "text/plain")])

    engine.script = script
    asking = asyncio.create_task(
        running.ask(dumps({"lora_name": "new"}), "/v1/load%5Flora_adapter")
    )
    if end == "the client leaves":
        await loading.wait()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        loaded.set()
        before = running.sidecar.purges.version
        await eventually(lambda: running.sidecar.purges.version != before)
    else:
        assert (await asking).status == 502
    assert not (await running.ask(ours)).hit


async def test_an_adapter_whose_purge_fails_has_no_hits_until_it_was_written(
    start: Start, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(purge: Purge) -> PurgeRecord:
        raise StoreError("away")

    engine.script = _adapters
    engine.models.append({"id": "adapter", "root": "a/lora", "parent": "tiny"})
    running = await start()
    ours = {**CHAT.request(), "model": "adapter"}
    for body in (ours, CHAT.request()):
        await running.ask(body)
        assert (await running.ask(body)).hit
    log = running.sidecar.stores.log
    head = (await log.read(LogPosition())).head
    with monkeypatch.context() as patch:
        patch.setattr(log, "append", away)
        await running.ask(dumps({"lora_name": "adapter"}), "/v1/load_lora_adapter")
        assert running.totals.events["adapter_purge_failures"] == 1
        for _ in range(2):
            assert (await running.ask(ours)).cache == "llmcache; fwd=miss"
        assert (await running.ask(CHAT.request())).hit
    (record,) = await _records(log, head)
    assert record.purge == Purge(PurgeScope.MODEL, "adapter")
    replies = [await running.ask(ours)]
    while not replies[-1].hit:
        assert len(replies) < 100
        replies.append(await running.ask(ours))
    assert engine.times(CHAT.path) == 3 + len(replies), "the first that was stored is the hit"


async def _records(log: PurgeLog, after: LogPosition) -> tuple[PurgeRecord, ...]:
    """What was written after that, once something was."""
    for _ in range(1000):
        if records := (await log.read(after)).records:
            return records
        await asyncio.sleep(0.01)
    raise AssertionError("nothing was written")


async def test_an_adapter_that_could_not_be_loaded_purges_nothing(
    start: Start, engine: ScriptedEngine
) -> None:
    running = await start()
    await running.ask(CHAT.request())

    async def script(exchange: Exchange) -> None:
        await exchange.answer(b"{}", 400)

    engine.script = script
    await running.ask(dumps({"lora_name": "tiny"}), "/v1/load_lora_adapter")
    assert (await running.ask(CHAT.request())).hit
