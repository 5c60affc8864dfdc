"""What a lame duck does with its connections."""

from __future__ import annotations

from aiohttp import web
from aiohttp.web_protocol import RequestHandler


def close_idle(server: web.Server) -> None:
    """Close the connections on which nothing is going on; the others close after their answer.

    `web.Server.pre_shutdown` alone ends the handlers of idle connections and leaves the connections
    open: what a client sent on one of them would never be answered.
    """
    for connection in server.connections:
        idle = not _busy(connection)
        connection.close()
        if idle:
            connection.force_close()


def unfinished(server: web.Server) -> int:
    """Connections whose answer is being made or is still on its way out."""
    return sum(map(_busy, server.connections))


def _busy(connection: RequestHandler) -> bool:
    if connection._request_in_progress or connection._messages:
        return True
    transport = connection.transport
    return transport is not None and transport.get_write_buffer_size() > 0
