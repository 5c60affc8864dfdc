"""Passing a request on and its answer back, both as they come."""

from __future__ import annotations

import struct
import time
from collections.abc import AsyncIterator, Callable
from socket import SO_LINGER, SOL_SOCKET
from typing import Final

from aiohttp import web
from aiohttp.http import HttpVersion11

from ..pipeline.request.call import Whole
from ..ports.engine import Engine, EngineError, EngineRequest, EngineResponse, HeaderList
from .heads import close_after, passed_headers, whole_head
from .wire import PreparedResponse, can_send, date_line

_NOT_PASSED_ON: Final = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "llmcache-tags",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


_SHORT: Final = 64 * 1024
"""Bytes; an answer of known length up to it goes out in one piece."""


class Forwarder:
    """Passes requests on to the engine.

    Args:
        own_key: sent instead of the caller's key; None passes the caller's on.
        lost: told when the engine breaks an answer off.
    """

    def __init__(self, engine: Engine, own_key: str | None, lost: Callable[[], None]) -> None:
        self._engine = engine
        self._lost = lost
        self._own_key = own_key

    def headers(self, request: web.BaseRequest) -> HeaderList:
        """The headers that go on: end-to-end ones, and a key as the engine reads it (Bearer)."""
        # Several of one name read as one list (RFC 9110, section 5.3).
        named = ",".join(request.headers.getall("Connection", ())).lower()
        drop = _NOT_PASSED_ON
        if named and named not in ("keep-alive", "close"):
            drop = drop | {name.strip() for name in named.split(",")}
        headers = [(n, v) for n, v in request.headers.items() if n.lower() not in drop]
        if self._own_key is not None:
            headers = [
                (n, v) for n, v in headers if n.lower() not in ("authorization", "x-api-key")
            ]
            headers.append(("Authorization", f"Bearer {self._own_key}"))
        elif "Authorization" not in request.headers and "X-Api-Key" in request.headers:
            headers.append(("Authorization", f"Bearer {request.headers['X-Api-Key']}"))
        return headers

    async def pass_on(
        self,
        request: web.BaseRequest,
        body: bytes | AsyncIterator[bytes] | None,
        status: str,
        draining: bool,
        on_head: Callable[[int], None],
    ) -> web.StreamResponse:
        """Stream the engine's answer to the client.

        Args:
            status: the Cache-Status to add; empty for none.
            on_head: told the answer's status before its first byte goes out.

        Raises:
            EngineError: no answer's head came, so that another answer can still be given.
        """
        headers = self.headers(request)
        if body is not None and not isinstance(body, bytes):
            length = request.headers.get("Content-Length")
            if length is not None:
                headers.append(("Content-Length", length))
        outgoing = EngineRequest(request.method, request.raw_path, headers, body)
        async with self._engine.send(outgoing) as answer:
            on_head(answer.status)
            if request.method != "HEAD" and _is_short(answer):
                return self.whole(request, await _entire(answer, status), draining)
            response = web.StreamResponse(
                status=answer.status,
                reason=answer.reason,
                headers=passed_headers(answer.headers, status, keep_length=True),
            )
            close_after(response, draining)
            await response.prepare(request)
            try:
                async for chunk in answer.chunks():
                    await response.write(chunk)
            except EngineError:
                self._lost()
                break_off(request)
            return response

    async def fetch(self, request: web.BaseRequest, body: bytes) -> Whole:
        """The engine's answer, entire; `EngineError` when it did not come so far."""
        outgoing = EngineRequest(request.method, request.raw_path, self.headers(request), body)
        async with self._engine.send(outgoing) as answer:
            return await _entire(answer, "")

    def whole(self, request: web.BaseRequest, answer: Whole, draining: bool) -> web.StreamResponse:
        """An answer that is there entire."""
        if not draining and can_send(request):
            head = whole_head(
                answer.status,
                answer.reason,
                answer.headers,
                answer.cache_status,
                len(answer.body),
            )
            if head is not None:
                return PreparedResponse(
                    b"".join((head, date_line(time.time()), answer.body)), answer.status
                )
        response = web.Response(
            status=answer.status,
            reason=answer.reason,
            headers=passed_headers(answer.headers, answer.cache_status, keep_length=False),
            body=answer.body,
        )
        close_after(response, draining)
        return response


async def _entire(answer: EngineResponse, status: str) -> Whole:
    """The engine's answer read to its end; `status` is the Cache-Status to add."""
    body = b"".join([chunk async for chunk in answer.chunks()])
    return Whole(answer.status, answer.headers, body, status, answer.reason)


def _is_short(answer: EngineResponse) -> bool:
    """Whether an answer is better read whole and sent at once than passed on in pieces."""
    length = answer.header("Content-Length")
    return length.isdigit() and 0 < int(length[:9]) <= _SHORT and answer.status not in (204, 304)


def break_off(request: web.BaseRequest) -> None:
    """End the connection without ending the answer: the client must see that it is not whole."""
    transport = request.transport
    if request.version < HttpVersion11 and transport is not None:
        # Without chunks an orderly end of the connection would be the answer's own: reset it.
        socket = transport.get_extra_info("socket")
        socket.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    request.protocol.force_close()
