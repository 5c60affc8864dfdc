"""How a lame duck parts from its clients."""

from __future__ import annotations

import asyncio
import fcntl
import struct
import termios
from collections.abc import Callable
from typing import Final

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

SILENT_S: Final = 1.0
"""Seconds without a request after which a connection is closed."""

_LOOK_S: Final = 0.1


class Parting:
    """Closes the connections on which nothing goes on; the others close after their next answer.

    Who sends a request on a connection that is being closed gets a reset instead of an answer. So
    what was in use a moment ago is left open for a while: its next request is answered, and asked to
    leave.
    """

    def __init__(self, server: web.Server, monotonic: Callable[[], float]) -> None:
        self._server = server
        self._monotonic = monotonic
        self._silent: dict[RequestHandler, tuple[float, float]] = {}

    async def run(self) -> None:
        """Part for ever: while nothing refuses newcomers, some may come and say nothing."""
        while True:
            self._close_silent()
            await asyncio.sleep(_LOOK_S)

    def _close_silent(self) -> None:
        """Close what has been silent since a look a second ago."""
        now = self._monotonic()
        before, self._silent = self._silent, {}
        for connection in self._server.connections:
            if _busy(connection):
                continue
            # Moves with every answer.
            mark = connection._next_keepalive_close_time
            known, since = before.get(connection, (mark, now))
            if known != mark:
                since = now
            if now - since >= SILENT_S and not _unread(connection):
                connection.close()
                connection.force_close()
            else:
                self._silent[connection] = (mark, since)

    @property
    def connected(self) -> int:
        """Connections that are still open."""
        return len(self._server.connections)

    @property
    def unfinished(self) -> int:
        """Connections whose answer is being made or is still on its way out."""
        return sum(map(_busy, self._server.connections))


def _busy(connection: RequestHandler) -> bool:
    if connection._request_in_progress or connection._messages:
        return True
    transport = connection.transport
    return transport is not None and transport.get_write_buffer_size() > 0


def _unread(connection: RequestHandler) -> bool:
    """Whether something has come that the event loop has not read yet."""
    transport = connection.transport
    if transport is None or transport.is_closing():
        return False
    try:
        socket = transport.get_extra_info("socket").fileno()
        waiting = fcntl.ioctl(socket, termios.FIONREAD, bytes(4))
    except OSError:
        return False  # its client has just left
    return bool(struct.unpack("i", waiting)[0])
