"""Headers of any kind, from both sides: nothing is smuggled, nothing crosses that must not, nothing
breaks the reader."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmcache_sidecar.adapters.engine_http import HOP_BY_HOP, end_to_end
from llmcache_sidecar.adapters.http1 import Closed, Connection, Pool, Server

from .answers import CHAT
from .engine import JSON, Exchange, ScriptedEngine
from .running import Start

EXAMPLES = int(os.environ.get("LLMCACHE_FUZZ_EXAMPLES", "100"))
bounded = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck)
)  # fmt: skip

SMUGGLED = b"/smuggled"

names = st.sampled_from(
    [b"X-A", b"x-a", b"X-Hop", b"Connection", b"connection", b"Keep-Alive", b"TE", b"Trailer",
     b"Upgrade", b"Proxy-Authorization", b"Transfer-Encoding", b"Content-Length", b"Host",
     b"Content-Type", b"Cache-Control", b"LLMCache-Tags", b"X-Request-Id", b"Authorization",
     b"Expect", b"X A", b"X-A ", b"", b"X\x00", b"X\xfc", b"\xc3\xbc", b"X:Y", b"Cache-Status"]
)  # fmt: skip
values = st.sampled_from(
    [b"", b"1", b"0", b"5", b"+5", b"5, 5", b"5,6", b"0x5", b"chunked", b"chunked, chunked",
     b"identity", b"gzip, chunked", b"close", b"X-Hop", b"close, X-A", b"keep-alive", b"no-store",
     b"max-age=5", b"a, b", b"100-continue", b"websocket", b"gr\xfc\xdf", b"\xc3\xbc", b"\x00",
     b"\x1b[31m", b"a\tb", b"a\rb", b"a\nX-B: c", b"a\r\n b", b"a\r\n\tb", b"\x7f", b"x" * 3000,
     b"application/json"]
) | st.binary(max_size=12)  # fmt: skip
lines = st.lists(st.tuples(names, values).map(lambda pair: b"%b: %b" % pair), max_size=6)


async def test_requests_with_any_headers_are_answered_or_refused_and_nothing_is_smuggled(
    start: Start, engine: ScriptedEngine
) -> None:
    """Behind each there is a request that a peer with another idea of lengths would see. It may
    reach the engine where it is a request of its own: once at most, and with nothing of the first."""

    async def script(exchange: Exchange) -> None:
        await exchange.answer(b"{}")

    engine.script = script
    running = await start()
    loop = asyncio.get_running_loop()

    async def one(head: list[bytes], chunked: bool, path: bytes) -> bytes:
        body = b"5\r\n{   }\r\n0\r\n\r\n" if chunked else b"{   }"
        framing = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: 5"
        inner = b"GET %b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n" % SMUGGLED
        first = b"\r\n".join([b"POST %b HTTP/1.1" % path, b"Host: h", framing, *head])
        try:
            return await running.raw(first + b"\r\n\r\n" + body + inner, seconds=0.5)
        except TimeoutError:
            return b""  # it waits for more of a body, or for another request
        except ConnectionError:
            return b""

    @bounded
    @given(lines, st.booleans(), st.sampled_from([CHAT.path.encode(), b"/any"]))
    def check(head: list[bytes], chunked: bool, path: bytes) -> None:
        before = len(engine.received)
        call = asyncio.run_coroutine_threadsafe(one(head, chunked, path), loop)
        answer = call.result(30)
        assert answer == b"" or answer.startswith(b"HTTP/1."), answer[:80]
        assert b"HTTP/1.1 500" not in answer
        reached = engine.received[before:]
        assert len(reached) <= 2
        for received in reached:
            sent = {name.lower() for name, _ in received.headers}
            # Our own connection's framing is ours.
            assert not sent & (HOP_BY_HOP - {"connection", "transfer-encoding"}), sent
            assert sum(name.lower() == "content-length" for name, _ in received.headers) <= 1
            assert not {"content-length", "transfer-encoding"} <= sent

    await asyncio.to_thread(check)
    assert (await running.ask(b"{}", "/any", method="GET")).status == 200


class Transport(asyncio.Transport):
    """Takes what is written, and can be closed."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = False

    def write(self, data: Any) -> None:
        """Nobody reads it."""

    def abort(self) -> None:
        """See `asyncio.Transport`."""
        self.closed = True

    def is_closing(self) -> bool:
        """See `asyncio.Transport`."""
        return self.closed

    def pause_reading(self) -> None:
        """See `asyncio.Transport`."""

    def resume_reading(self) -> None:
        """See `asyncio.Transport`."""


Heard = tuple[int, list[tuple[str, str]], bytes, bool] | None


async def heard(pieces: list[bytes]) -> Heard:
    """What comes of an answer that arrives in these pieces; None when it is no answer."""
    connection = Connection(asyncio.get_running_loop())
    connection.connection_made(Transport())
    sending = asyncio.ensure_future(connection.send(b"GET / HTTP/1.1\r\n\r\n", None, False, False))
    await asyncio.sleep(0)
    for piece in pieces:
        if connection.open:
            connection.data_received(piece)
    connection.connection_lost(None)
    try:
        await sending
    except Closed:
        return None
    body = b""
    try:
        while piece := await connection.read():
            body += piece
    except Closed:
        return connection.status, end_to_end(connection.headers), body, False
    return connection.status, end_to_end(connection.headers), body, True


framings = st.sampled_from(
    [b"Content-Length: 5\r\n\r\nhello", b"Content-Length: 9\r\n\r\nhello",
     b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
     b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel", b"\r\nhello",
     b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
     b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
     b"Content-Length: 5\r\n\r\nhelloHTTP/1.1 500 Bad\r\nX-A: 2\r\nContent-Length: 2\r\n\r\nno",
     b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-A: 2\r\n\r\n"]
)  # fmt: skip
statuses = st.sampled_from(
    [b"HTTP/1.1 200 OK", b"HTTP/1.0 200 OK", b"HTTP/1.1 204 No Content", b"HTTP/1.1 999 \xfc",
     b"HTTP/1.1 200", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK", b"HTTP/2 200", b"ICY 200 OK"]
)  # fmt: skip


@bounded
@given(statuses, lines, framings, st.lists(st.integers(0, 400), max_size=6))
def test_answers_with_any_headers_are_read_the_same_however_they_arrive(
    status: bytes, head: list[bytes], framing: bytes, cuts: list[int]
) -> None:
    wire = b"\r\n".join([status, *head, framing])
    at = sorted({min(cut, len(wire)) for cut in cuts})
    pieces = [wire[i:j] for i, j in zip([0, *at], [*at, len(wire)], strict=True) if i < j]
    asyncio.run(_same(wire, pieces))


async def _same(wire: bytes, pieces: list[bytes]) -> None:
    whole, parts = await heard([wire]), await heard(pieces)
    if whole is None or parts is None:
        # What is no proper answer may show before its end or after the head was taken.
        assert whole is None or not whole[3] or parts is not None, (whole, parts)
        return
    assert whole[:2] == parts[:2]
    if whole[3] and parts[3]:
        assert whole[2] == parts[2]
    passed = {name.lower() for name, _ in whole[1]}
    assert not passed & HOP_BY_HOP
    assert not any("\r" in value or "\n" in value for _, value in whole[1])


async def test_a_second_answer_to_one_request_is_nobodys() -> None:
    """Both in one piece, it took the place of the first one's head, and its body came behind."""
    first = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none"
    second = b"HTTP/1.1 500 Bad\r\nContent-Length: 3\r\nX-A: 1\r\n\r\ntwo"
    assert await heard([first + second]) == (200, [("Content-Length", "3")], b"one", True)
    assert await heard([first, second]) == (200, [("Content-Length", "3")], b"one", True)


async def test_an_answer_that_nobody_reads_to_its_end_leaves_the_connection_ready() -> None:
    """More of it was waiting than may, in the piece that ended it: reading stopped, and the next
    request on the kept connection heard nothing."""
    long = b"x" * 300_000

    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            while (await reader.readline()).strip():
                pass
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(long), long))
        writer.close()
        over.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    pool = Pool(Server("127.0.0.1", port, None, 5.0))
    for _ in range(3):
        connection = await pool.take()
        async with asyncio.timeout(5):
            await connection.send(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", None, False, False)
        for _ in range(200):
            if connection.complete:
                break
            await asyncio.sleep(0.005)
        pool.give_back(connection)
    pool.close()
    await over.wait()
    server.close()


async def test_a_trailer_is_no_header() -> None:
    wire = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n0\r\nX-A: 1\r\n\r\n"
    assert await heard([wire]) == (200, [], b"one", True)


async def test_a_header_named_by_a_second_connection_header_is_not_passed_on(
    start: Start, engine: ScriptedEngine
) -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.answer(b"{}", headers=JSON)

    engine.script = script
    running = await start()
    head = "GET /any HTTP/1.1\r\nHost: h\r\nConnection: close\r\nConnection: X-Hop\r\nX-Hop: 1\r\n"
    assert (await running.raw(f"{head}X-End: 1\r\n\r\n".encode())).startswith(b"HTTP/1.1 200")
    names = {name.lower() for name, _ in engine.received[0].headers}
    assert "x-end" in names
    assert "x-hop" not in names
