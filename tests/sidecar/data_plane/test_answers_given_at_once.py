"""What stands between a connection and its parser: it answers whole requests that come alone on a
connection that waits, and leaves all others, and their order, as they are."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from aiohttp.http import RawRequestMessage

from llmcache_sidecar.server.wire import make_server

from .running import eventually

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"


@dataclass
class Room:
    """A server that answers `b"known"` at once with `b"known!"`, and echoes everything else.

    Attributes:
        handled: the bodies that went the usual way.
        forestalled, paths: of the requests that were offered for an answer at once.
        gate: what the handler waits for.
    """

    port: int = 0
    handled: list[bytes] = field(default_factory=list)
    forestalled: list[bytes] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    server: web.Server | None = None
    fails: bool = False
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    def at_once(self, message: RawRequestMessage, body: bytes) -> bytes | None:
        """Answer what is known."""
        self.forestalled.append(body)
        self.paths.append(message.path)
        if self.fails:
            raise RuntimeError("a fault")
        return HEAD + b"known!" if body == b"known" else None

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Echo, once the gate is open."""
        body = await request.read()
        self.handled.append(body)
        await self.gate.wait()
        return web.Response(body=body)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A new connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writers.append(writer)
        return reader, writer


def post(body: bytes, *lines: bytes) -> bytes:
    """A POST as it goes over the wire."""
    head = [b"POST /x HTTP/1.1", b"Host: h", b"Content-Length: %d" % len(body), *lines]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


async def answer(reader: asyncio.StreamReader) -> bytes:
    """The body of the next answer."""
    async with asyncio.timeout(20):
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length")
        )
        return await reader.readexactly(length)


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    """A server on a free port, its gate open."""
    room = Room()
    room.gate.set()
    room.server = make_server(room.handle, room.at_once)
    listening = await asyncio.get_running_loop().create_server(room.server, "127.0.0.1", 0)
    room.port = listening.sockets[0].getsockname()[1]
    yield room
    room.gate.set()
    for writer in room.writers:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
    listening.close()
    await room.server.shutdown(1.0)


async def test_what_is_known_is_answered_without_its_handler_and_the_connection_goes_on(
    room: Room,
) -> None:
    reader, writer = await room.connect()
    for _ in range(3):
        writer.write(post(b"known"))
        assert await answer(reader) == b"known!"
    assert room.handled == []
    writer.write(post(b"other"))
    assert await answer(reader) == b"other"
    writer.write(post(b"known"))
    assert await answer(reader) == b"known!"
    assert room.handled == [b"other"]


async def test_a_request_in_pieces_goes_the_usual_way(room: Room) -> None:
    reader, writer = await room.connect()
    whole = post(b"known")
    for cut in (10, len(whole) - 5, len(whole) - 2):
        writer.write(whole[:cut])
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.write(whole[cut:])
        assert await answer(reader) in (b"known", b"known!")
    # Cut within the head, all of it is parsed with its last piece, and is whole then.
    assert room.handled == [b"known", b"known"]
    assert room.forestalled == [b"known"]


async def test_pipelined_requests_are_answered_in_their_order(room: Room) -> None:
    reader, writer = await room.connect()
    writer.write(post(b"one") + post(b"known") + post(b"two"))
    assert [await answer(reader) for _ in range(3)] == [b"one", b"known", b"two"]
    assert room.forestalled == []


async def test_no_answer_overtakes_one_that_is_being_made(room: Room) -> None:
    reader, writer = await room.connect()
    room.gate.clear()
    writer.write(post(b"slow"))
    await eventually(lambda: room.handled == [b"slow"])
    writer.write(post(b"known"))
    await writer.drain()
    await asyncio.sleep(0.05)
    room.gate.set()
    assert await answer(reader) == b"slow"
    assert await answer(reader) == b"known"


async def test_a_request_inside_the_body_of_another_is_a_body(room: Room) -> None:
    reader, writer = await room.connect()
    inside = post(b"known")
    whole = post(inside)
    head, body = whole[: -len(inside)], whole[-len(inside) :]
    writer.write(head)
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.write(body)
    assert await answer(reader) == inside
    assert room.handled == [inside]
    assert room.forestalled == []


async def test_a_request_after_half_a_head_belongs_to_that_head(room: Room) -> None:
    reader, writer = await room.connect()
    writer.write(b"POST /y HTTP/1.1\r\nHost: h\r\nX-Half: ")
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.write(b"POST /x HTTP/1.1\r\nContent-Length: 5\r\n\r\nknown")
    assert await answer(reader) == b"known!"
    assert room.paths == ["/y"]
    writer.write(post(b"other"))
    assert await answer(reader) == b"other"


async def test_an_error_in_it_costs_nobody_an_answer(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    reader, writer = await room.connect()
    room.fails = True
    with caplog.at_level(logging.ERROR):
        writer.write(post(b"known", b"Authorization: Bearer sk-secret"))
        assert await answer(reader) == b"known"
    assert "usual way" in caplog.text
    assert "sk-secret" not in caplog.text


async def test_a_client_that_does_not_read_is_not_sent_more_and_more(room: Room) -> None:
    _, writer = await room.connect()
    assert room.server is not None
    await eventually(lambda: room.server is not None and room.server.connections)
    (connection,) = room.server.connections
    connection.pause_writing()  # what the transport calls when its buffer is full
    writer.write(post(b"known"))
    await eventually(lambda: room.handled == [b"known"])
    assert room.forestalled == []
    connection.resume_writing()


async def test_each_answer_moves_the_moment_at_which_a_silent_connection_is_closed(
    room: Room,
) -> None:
    reader, writer = await room.connect()
    assert room.server is not None
    await eventually(lambda: room.server is not None and room.server.connections)
    (connection,) = room.server.connections
    await eventually(lambda: connection._waiter is not None)
    before = connection._next_keepalive_close_time
    await asyncio.sleep(0.02)
    writer.write(post(b"known"))
    await answer(reader)
    assert connection._next_keepalive_close_time > before


async def test_a_request_for_nothing_of_ours_has_no_body_to_look_at(room: Room) -> None:
    reader, writer = await room.connect()
    writer.write(b"GET /x HTTP/1.1\r\nHost: h\r\n\r\n")
    assert await answer(reader) == b""
    assert room.forestalled == []
