"""Answers given in the very turn of the event loop in which a request came.

aiohttp wakes a task for each request, which makes another one for its handler. Where the answer is at
hand that is most of what the request costs. So something stands between a connection and its parser:
it sees each request as it has been parsed, and what it can answer at once the connection never learns
of. It touches nothing but requests that are whole, alone, and come on a connection that waits for
one, so that no answer overtakes another; all others go their usual way.

This leans on the inside of aiohttp's connections, as `app.draining` does. An aiohttp that is made
otherwise is left alone (`fits`), and everything goes the usual way.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

from aiohttp.http import RawRequestMessage
from aiohttp.streams import StreamReader
from aiohttp.web_protocol import RequestHandler

AnswerAtOnce = Callable[[RawRequestMessage, bytes], bytes | None]
"""The whole answer as bytes to a request and its body; None = not at once."""

_CONNECTION: Final = (
    "_parser",
    "_messages",
    "_waiter",
    "_paused",
    "_keepalive_handle",
    "_keepalive_timeout",
    "_next_keepalive_close_time",
)
_PAYLOAD: Final = ("_buffer", "_buffer_offset")

_log = logging.getLogger(__name__)


def fits(connection: RequestHandler) -> bool:
    """Whether this aiohttp is made the way that is needed."""
    return all(hasattr(connection, name) for name in _CONNECTION) and all(
        hasattr(StreamReader, name) for name in _PAYLOAD
    )


class Forestalling:
    """Stands in a connection's parser's place.

    Args:
        now: the event loop's time, by which the connection counts its silence.
    """

    __slots__ = ("_answer", "_connection", "_consumed", "_feed", "_now", "_parser")

    def __init__(
        self, connection: RequestHandler, answer: AnswerAtOnce, now: Callable[[], float]
    ) -> None:
        self._connection = connection
        parser: Any = connection._parser
        self._parser = parser
        self._feed = parser.feed_data
        # Since 3.14 a parser counts what was taken from it.
        self._consumed: Callable[[], None] | None = getattr(parser, "message_consumed", None)
        self._answer = answer
        self._now = now

    def __getattr__(self, name: str) -> Any:
        return getattr(self._parser, name)

    def feed_data(self, data: bytes) -> Any:
        """What the parser makes of `data`, without what is answered by now."""
        fed = self._feed(data)
        messages, upgraded, rest = fed
        if len(messages) == 1 and not upgraded and self._waits():
            message, payload = messages[0]
            body = _body(payload)
            if body is not None and self._answered(message, body):
                return (), upgraded, rest
        return fed

    def _waits(self) -> bool:
        """Whether the connection has nothing to do, its client takes what it is sent, and the timer
        runs that closes a connection which falls silent."""
        connection = self._connection
        waiter = connection._waiter
        return (
            waiter is not None
            and not waiter.done()
            and not connection._messages
            and not connection._paused
            and connection._keepalive_handle is not None
        )

    def _answered(self, message: RawRequestMessage, body: bytes) -> bool:
        connection = self._connection
        transport = connection.transport
        if transport is None or transport.is_closing():
            return False
        try:
            answer = self._answer(message, body)
        except Exception:
            _log.exception("an answer could not be given at once; the request goes its usual way")
            return False
        if answer is None:
            return False
        transport.write(answer)
        if self._consumed is not None:
            self._consumed()
        connection._next_keepalive_close_time = self._now() + connection._keepalive_timeout
        return True


def _body(payload: StreamReader) -> bytes | None:
    """The body, where all of it came with the head; it is left where it is."""
    if type(payload) is not StreamReader or not payload.is_eof():
        return None  # there is none (aiohttp's empty payload is of another kind), or not yet
    buffer = payload._buffer
    return buffer[0] if len(buffer) == 1 and not payload._buffer_offset else None
