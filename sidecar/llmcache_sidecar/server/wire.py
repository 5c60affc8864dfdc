"""Reading and writing on the low-level server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any, Final, cast

from aiohttp import ClientConnectionResetError, ClientPayloadError, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import HttpProcessingError, HttpVersion11, RawRequestMessage
from aiohttp.streams import StreamReader
from aiohttp.web_protocol import RequestHandler

from .at_once import AnswerAtOnce, Forestalling, fits

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class _WithoutBytes(logging.LoggerAdapter[logging.Logger]):
    """What the HTTP parser objects to is quoted in its errors, and may be a prompt or a key: a
    client's mistakes are logged without their bytes. That one left is no error at all."""

    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:
        """Like `Logger.log`."""
        error = kwargs.get("exc_info")
        if isinstance(error, _CLIENT_MISTAKES):
            level, msg, args = (
                min(level, logging.INFO),
                "a bad request: %s",
                (type(error).__name__,),
            )
            kwargs["exc_info"] = None
        elif isinstance(error, ClientConnectionResetError):
            level, msg, args = logging.DEBUG, "a client left before its answer's end", ()
            kwargs["exc_info"] = None
        super().log(level, msg, *args, **kwargs)


_CLIENT_MISTAKES: Final = (HttpProcessingError, ClientPayloadError)
quiet: Final = _WithoutBytes(logging.getLogger("aiohttp.server"), {})
_NO_LIMIT: Final = 2**62
_KEEPALIVE_S: Final = 75.0


class PreparedResponse(web.StreamResponse):
    """An answer whose status line, headers and body are bytes already: one write, one send.

    Only for HTTP/1.1 clients whose connection stays open (`can_send`): the bytes hold no Connection
    header. A web.Response of the same content costs twice the time of the whole request.
    """

    def __init__(self, wire: bytes, status: int = 200) -> None:
        super().__init__(status=status)
        self._wire = wire

    @property
    def keep_alive(self) -> bool:
        return True

    @property
    def prepared(self) -> bool:
        return True

    @property
    def body_length(self) -> int:
        return len(self._wire)

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter:
        """Write everything. The public writer refuses a closing transport, counts what it wrote (so
        that a late error closes the connection instead of adding a second answer), and waits where
        the client is slow."""
        writer = request.writer
        await writer.write(self._wire)
        return writer

    async def write_eof(self, data: bytes = b"") -> None:
        """Everything is written."""


def can_send(request: web.BaseRequest) -> bool:
    """Whether prepared bytes are right for this client."""
    return request.version == HttpVersion11 and request.keep_alive


class DateLine:
    """The Date header and the blank line, made once a second."""

    __slots__ = ("_at", "_line")

    def __init__(self) -> None:
        self._at = -1
        self._line = b""

    def __call__(self, now: float) -> bytes:
        """For Unix time `now`."""
        second = int(now)
        if second != self._at:
            self._at = second
            self._line = f"Date: {formatdate(second, usegmt=True)}\r\n\r\n".encode("ascii")
        return self._line


date_line: Final = DateLine()
"""Of the data plane; it runs on one event loop."""


@dataclass(frozen=True, slots=True)
class TooLong:
    """A body that is longer than what is looked at: what was read of it, and the rest to come."""

    begun: bytes
    rest: StreamReader

    async def parts(self) -> AsyncIterator[bytes]:
        """All of it, as it comes."""
        if self.begun:
            yield self.begun
        async for chunk in self.rest.iter_any():
            yield chunk


async def read_body(request: web.BaseRequest, limit: int) -> bytes | TooLong:
    """The whole body, or the beginning of one that is longer than `limit` bytes."""
    content = request.content
    if content.is_eof():  # it came in one segment with the headers
        body = content.read_nowait()
        return body if len(body) <= limit else TooLong(body, content)
    length = request.content_length
    if length is not None and length > limit:
        return TooLong(b"", content)
    await continue_if_expected(request)
    parts = bytearray()
    async for chunk in content.iter_any():
        parts += chunk
        if len(parts) > limit:
            return TooLong(bytes(parts), content)
    return bytes(parts)


async def continue_if_expected(request: web.BaseRequest) -> None:
    """Tell a client that waits for it to send its body; the low-level server does not."""
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0


class _Server(web.Server):
    """Makes connections on which some requests are answered before they are handled."""

    answer_at_once: AnswerAtOnce

    def __call__(self) -> RequestHandler:
        connection = super().__call__()
        if fits(connection):
            connection._parser = cast(
                Any, Forestalling(connection, self.answer_at_once, self._loop.time)
            )
        return connection


def make_server(handler: Handler, answer_at_once: AnswerAtOnce) -> web.Server:
    """The low-level server: nothing decoded, nothing logged, no bound on bodies (they are bounded
    where they are kept), and a handler is cancelled when its client leaves.

    Args:
        answer_at_once: see `at_once`.
    """
    loop = asyncio.get_running_loop()

    def make_request(
        message: RawRequestMessage,
        payload: StreamReader,
        protocol: RequestHandler,
        writer: AbstractStreamWriter,
        task: asyncio.Task[None],
    ) -> web.BaseRequest:
        return web.BaseRequest(
            message, payload, protocol, writer, task, loop, client_max_size=_NO_LIMIT
        )

    server = _Server(
        handler,
        request_factory=make_request,
        handler_cancellation=True,
        access_log=None,
        logger=quiet,
        auto_decompress=False,
        keepalive_timeout=_KEEPALIVE_S,
        max_line_size=16_380,
        max_field_size=65_536,
    )
    server.answer_at_once = answer_at_once
    return server
