"""The end: nobody who was let in is cut off."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import Awaitable, Callable

import aiohttp

from .conftest import Process, Start, chat_body, run, until
from .engine import Engine


async def begin_stream(process: Process) -> aiohttp.ClientResponse:
    """A stream that has begun; its first event is read."""
    body = chat_body("slow", stream=True)
    response = await process.session.post(f"{process.data}/v1/chat/completions", json=body)
    assert response.status == 200
    assert await response.content.readuntil(b"\n\n")
    return response


def address(url: str) -> tuple[str, int]:
    host, _, port = url.removeprefix("http://").rpartition(":")
    return host, int(port)


async def raw(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(*address(url))


def request(body: dict[str, object]) -> bytes:
    data = json.dumps(body).encode()
    return (
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(data), data)
    )


def says(process: Process, text: str) -> Callable[[], bool]:
    return lambda: text in process.log


async def refused(process: Process) -> bool:
    try:
        _, writer = await raw(process.data)
    except ConnectionError:
        return True
    writer.close()
    return False


def is_refused(process: Process) -> Callable[[], Awaitable[bool]]:
    return lambda: refused(process)


async def test_it_leaves_when_nobody_is_left(start: Start, engine: Engine) -> None:
    process = await start()
    engine.go.clear()
    idle_reader, idle_writer = await raw(process.data)
    used_reader, used_writer = await raw(process.data)
    used_writer.write(request(chat_body("a")))
    assert (await used_reader.readuntil(b"}]")).startswith(b"HTTP/1.1 200")
    stream = await begin_stream(process)

    process.send(signal.SIGTERM)
    # Connections on which nothing is going on are closed...
    async with asyncio.timeout(10):
        assert await idle_reader.read() == b""
        while await used_reader.read(4096):
            pass
    # ... newcomers are turned away, and the probe says why.
    await until(is_refused(process))
    async with process.session.get(f"{process.admin}/readyz") as ready:
        assert (ready.status, await ready.text()) == (503, "draining\n")
    assert process.process.returncode is None
    # The slow stream is served to its end, and then it is over.
    engine.go.set()
    events = (await stream.read()).decode()
    assert events.endswith("data: [DONE]\n\n")
    assert '"content": "three"' in events
    assert await process.ended() == 0
    assert "drained: 0 requests cut off, 0 answers unwritten" in process.log
    for writer in (idle_writer, used_writer):
        writer.close()


async def test_while_load_balancers_learn_everything_is_still_answered(start: Start) -> None:
    process = await start("--drain-propagation", "1s")
    process.send(signal.SIGTERM)
    began = time.monotonic()
    await until(says(process, "draining: clients are asked to leave"))
    answer = await process.chat("a")
    assert answer.status == 200
    assert answer.headers["Connection"] == "close"
    # One that connected and says nothing holds nobody up.
    reader, writer = await raw(process.data)
    assert await process.ended() == 0
    assert time.monotonic() - began > 0.9
    assert await reader.read() == b""
    writer.close()


async def test_a_large_answer_reaches_a_slow_reader_whole(start: Start) -> None:
    process = await start("--drain-timeout", "10s")
    reader, writer = await raw(process.data)
    writer.write(request(chat_body("a", user=str(7 * 1024**2))))
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    process.send(signal.SIGTERM)
    await until(is_refused(process))
    size = 0
    while data := await reader.read(262144):
        size += len(data)
        await asyncio.sleep(0.005)
    assert size > 7 * 1024**2
    assert await process.ended() == 0
    writer.close()


async def test_who_is_not_done_in_time_is_cut_off_and_the_exit_code_says_so(
    start: Start, engine: Engine
) -> None:
    process = await start("--drain-timeout", "300ms")
    engine.go.clear()
    stream = await begin_stream(process)
    process.send(signal.SIGTERM)
    assert await process.ended() == 1
    assert "drained: 1 requests cut off" in process.log
    try:
        rest = await stream.read()
    except aiohttp.ClientError:
        rest = b""
    assert b"[DONE]" not in rest, "a cut stream must not look whole"


async def test_a_second_signal_hurries(start: Start, engine: Engine) -> None:
    process = await start("--drain-timeout", "60s")
    engine.go.clear()
    stream = await begin_stream(process)
    process.send(signal.SIGINT)
    await until(says(process, "draining: clients are asked to leave"))
    process.send(signal.SIGINT)
    assert await process.ended() == 1
    stream.close()


async def test_drain_makes_a_lame_duck_and_a_signal_ends_it(start: Start) -> None:
    process = await start()
    reader, writer = await raw(process.data)
    admin = process.admin.removeprefix("http://")
    code, _, errors = await run("drain", "--admin", admin, http_proxy="http://127.0.0.1:9")
    assert (code, errors) == (0, ""), "never through a proxy"
    assert (await process.stats())["draining"] is True
    async with asyncio.timeout(10):
        assert await reader.read() == b"", "idle connections are closed"
    writer.close()
    answer = await process.chat("a")
    assert (answer.status, answer.headers["Connection"]) == (200, "close")
    process.send(signal.SIGTERM)
    assert await process.ended() == 0
    code, _, errors = await run("drain", "--admin", admin)
    assert code == 1
    assert errors.startswith("llmcache-sidecar drain: ")
