"""HTTP/1.1 to one server, with as little as possible between the sockets.

aiohttp's client takes 200 to 300 microseconds of CPU for each request, most of a miss's overhead; this
one takes a quarter of that (docs/decisions/0010). It does what a proxy needs: nothing is decoded,
followed, retried or timed out but the connecting. The parsing is httptools' (llhttp).
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final, cast

import httptools

_BUFFERED: Final = 256 * 1024
"""Bytes of an answer that may wait here before the connection is read no further."""
_IDLE_S: Final = 3.0
"""uvicorn, in front of vLLM, closes idle connections after 5 s; one that we drop earlier can't be
closed under a request on its way."""

RawHeaders = list[tuple[bytes, bytes]]


class Closed(ConnectionError):
    """The server closed the connection, or broke the protocol.

    Attributes:
        untouched: not a byte of an answer had come.
    """

    def __init__(self, message: str, *, untouched: bool) -> None:
        super().__init__(message)
        self.untouched = untouched


class _UnaskedError(Exception):
    """A second answer to one request. It is nobody's, and the connection is closed."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where to connect.

    Attributes:
        tls: None for plain HTTP.
        connect_timeout: seconds.
    """

    host: str
    port: int
    tls: ssl.SSLContext | None
    connect_timeout: float


class Connection(asyncio.Protocol):
    """One connection; one request at a time.

    Attributes:
        status, reason, headers: of the answer, once `send` returned.
        complete: the answer has come to its end.
        kept: how many requests it has served before this one.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._head: asyncio.Future[None] | None = None
        self._more: asyncio.Future[None] | None = None
        self._drained: asyncio.Future[None] | None = None
        self._error: Closed | None = None
        self._parser: httptools.HttpResponseParser | None = None
        self._chunks: deque[bytes] = deque()
        self._buffered = 0
        self._paused = False
        self._begun = False
        self._framed = False
        self._bodiless = False
        self._interim = False
        self._in_head = False
        self._sender: asyncio.Task[None] | None = None
        self.status = 0
        self.reason = ""
        self.headers: RawHeaders = []
        self.complete = True
        self.reusable = False
        self.kept = 0
        self.idle_since = 0.0

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands."""
        # uvloop's transports are transports without being instances of asyncio's class.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Bytes of an answer, or bytes that nobody asked for."""
        if self.complete or self._parser is None:
            self.abort()
            return
        self._begun = True
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            # A parser's words may hold bytes of the answer: only its kind is told.
            self._fail(f"no proper HTTP ({type(error).__name__})")
            self.abort()
            return
        # Not behind the answer's end: who has left reads no more, and the next request would wait here.
        full = self._buffered > _BUFFERED and not self.complete
        if full and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """The end of the connection, and of an answer that has no other end."""
        self._transport = None
        self.reusable = False
        _resolve(self._drained)
        if self.complete:
            return
        head_came = self._head is not None and self._head.done()
        if head_came and exc is None and not self._framed:
            self.complete = True
            self._wake()
        else:
            self._fail("connection closed")

    def pause_writing(self) -> None:
        """The server reads slowly."""
        self._drained = self._loop.create_future()

    def resume_writing(self) -> None:
        """The server has caught up."""
        _resolve(self._drained)
        self._drained = None

    # httptools

    def on_message_begin(self) -> None:
        """The answer, or an interim one before it."""
        if self.complete:
            raise _UnaskedError
        self.headers = []
        self.reason = ""
        self._interim = self._framed = False
        self._in_head = True

    def on_status(self, status: bytes) -> None:
        """The reason phrase."""
        self.reason = status.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header; or a trailer, which is none."""
        if not self._in_head:
            return
        self.headers.append((name, value))
        if len(name) in (14, 17) and name.lower() in (b"content-length", b"transfer-encoding"):
            self._framed = True

    def on_headers_complete(self) -> None:
        """The head is whole."""
        assert self._parser is not None
        self._in_head = False
        status = self._parser.get_status_code()
        if 100 <= status < 200:
            self._interim = True
            return
        self.status = status
        if self._bodiless:
            # The parser waits for the body that Content-Length speaks of, and HEAD has none.
            self.complete = True
        _resolve(self._head)

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._chunks.append(body)
        self._buffered += len(body)

    def on_message_complete(self) -> None:
        """The answer's end."""
        if self._interim:
            return
        assert self._parser is not None
        self.complete = True
        sent = self._sender is None or self._sender.done()
        self.reusable = sent and self._parser.should_keep_alive()

    # For the engine

    @property
    def open(self) -> bool:
        """It can take a request."""
        return self._transport is not None and not self._transport.is_closing()

    async def send(self, head: bytes, body: bytes | AsyncIterator[bytes] | None, chunked: bool,
                   bodiless: bool) -> None:  # fmt: skip
        """Send a request and wait for the answer's head.

        Args:
            head: request line and headers with their blank line.
            chunked: send the parts of `body` as chunks.
            bodiless: the answer has no body, whatever its headers say (HEAD).

        Raises:
            Closed: no head came.
        """
        self._parser = httptools.HttpResponseParser(self)
        self._head = self._loop.create_future()
        self._error = None
        self._begun = self._paused = self.complete = self.reusable = False
        self._sender = None
        self._bodiless = bodiless
        self._chunks.clear()
        self._buffered = 0
        if self._transport is None:
            raise Closed("connection closed", untouched=True)
        if body is None:
            self._transport.write(head)
        elif isinstance(body, bytes):
            self._transport.write(head + body if len(body) < 65536 else head)
            if len(body) >= 65536:
                self._transport.write(body)
        else:
            self._transport.write(head)
            # Beside the answer, which may begin before the body has ended.
            self._sender = self._loop.create_task(self._send_parts(body, chunked))
        await self._head

    async def _send_parts(self, body: AsyncIterator[bytes], chunked: bool) -> None:
        """Send a body as it comes."""
        try:
            async for part in body:
                if self._transport is None:
                    return
                if part:
                    self._transport.write(b"%x\r\n%s\r\n" % (len(part), part) if chunked else part)
                if self._drained is not None:
                    await self._drained
            if chunked and self._transport is not None:
                self._transport.write(b"0\r\n\r\n")
        except Exception as error:
            # The client broke off: the engine must not take half a body for a whole one.
            self._fail(f"the request broke off ({type(error).__name__})")
            self.abort()

    async def read(self) -> bytes:
        """What has come of the body; empty at its end.

        Raises:
            Closed: the answer broke off.
        """
        while not self._chunks:
            if self.complete:
                return b""
            if self._error is not None:
                raise self._error
            self._more = self._loop.create_future()
            await self._more
        chunks = self._chunks
        data = chunks.popleft() if len(chunks) == 1 else b"".join(chunks)
        chunks.clear()
        self._buffered = 0
        if self._paused and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()
        return data

    def abort(self) -> None:
        """Close at once."""
        self.reusable = False
        if self._sender is not None and not self._sender.done():
            self._sender.cancel()
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    def _fail(self, message: str) -> None:
        self._error = Closed(message, untouched=not self._begun)
        if self._head is not None and not self._head.done():
            self._head.set_exception(self._error)
            self._head.exception()  # seen, even when its waiter was cancelled
        self._wake()

    def _wake(self) -> None:
        _resolve(self._more)


class Pool:
    """Connections to one server; the one used last is used again first."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._idle: list[Connection] = []
        self._all: set[Connection] = set()

    async def take(self, *, fresh: bool = False) -> Connection:
        """A connection that can take a request.

        Args:
            fresh: a new one.

        Raises:
            OSError: none can be made.
            TimeoutError: none within the connect timeout.
        """
        loop = asyncio.get_running_loop()
        while self._idle and not fresh:
            connection = self._idle.pop()
            if connection.open and loop.time() - connection.idle_since < _IDLE_S:
                connection.kept += 1
                return connection
            self.drop(connection)
        server = self._server
        async with asyncio.timeout(server.connect_timeout):
            _, connection = await loop.create_connection(
                lambda: Connection(loop), server.host, server.port, ssl=server.tls
            )
        self._all.add(connection)
        return connection

    def give_back(self, connection: Connection) -> None:
        """The answer is read or not wanted any more."""
        if connection.complete and connection.reusable and connection.open:
            now = asyncio.get_running_loop().time()
            connection.idle_since = now
            self._idle.append(connection)
            oldest = self._idle[0]
            if now - oldest.idle_since > _IDLE_S:
                self._idle.pop(0)
                self.drop(oldest)
        else:
            self.drop(connection)

    def drop(self, connection: Connection) -> None:
        """Close it."""
        self._all.discard(connection)
        connection.abort()

    def close(self) -> None:
        """Close all of them."""
        for connection in list(self._all):
            self.drop(connection)
        self._idle.clear()


def _resolve(future: asyncio.Future[None] | None) -> None:
    if future is not None and not future.done():
        future.set_result(None)
