"""The engine over HTTP."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from ..ports.engine import EngineError, EngineRequest, HeaderList

HOP_BY_HOP: Final = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""RFC 9110, section 7.6.1: these concern one connection and are never passed on."""

_KEEPALIVE_S: Final = 3.0
"""uvicorn, in front of vLLM, closes idle connections after 5 s; one that we drop earlier can't be
closed under a request on its way."""


def end_to_end(headers: HeaderList) -> HeaderList:
    """`headers` without hop-by-hop ones, nor those that their Connection header names."""
    named = {
        name.strip().lower()
        for key, value in headers
        if key.lower() == "connection"
        for name in value.split(",")
    }
    drop = HOP_BY_HOP | named
    return [(name, value) for name, value in headers if name.lower() not in drop]


class HttpResponse:
    """An answer of the engine whose head has come."""

    __slots__ = ("_response", "headers", "reason", "status")

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self.status = response.status
        self.reason = response.reason or ""
        self.headers: HeaderList = end_to_end(
            [
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in response.raw_headers
            ]
        )

    def header(self, name: str) -> str:
        """One header's value, or an empty string."""
        return self._response.headers.get(name, "")

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes, in the pieces in which it was read."""
        try:
            async for chunk in self._response.content.iter_any():
                yield chunk
        except (aiohttp.ClientError, OSError) as error:
            raise EngineError(f"the engine broke off its answer: {error}", connected=True) from None


class HttpEngine:
    """aiohttp's client, set up as a proxy: nothing is decoded, followed, retried or timed out on
    its own (an inference may take minutes; the client decides how long to wait).

    Args:
        base_url: scheme, host and port, and an optional path that is put before every target.
        ca_file: certificate authority for https; None = the system's.
        connect_timeout: seconds until a connection must stand.
    """

    def __init__(self, base_url: str, ca_file: str | None, connect_timeout: float) -> None:
        self._base = base_url.rstrip("/")
        context: ssl.SSLContext | bool = True
        if ca_file is not None:
            context = ssl.create_default_context(cafile=ca_file)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0, keepalive_timeout=_KEEPALIVE_S, ssl=context, ttl_dns_cache=5
            ),
            timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=connect_timeout),
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("User-Agent", "Accept-Encoding", "Accept", "Content-Type"),
            read_bufsize=2**18,
        )

    @asynccontextmanager
    async def send(self, request: EngineRequest) -> AsyncIterator[HttpResponse]:
        """See `ports.engine.Engine`."""
        response = await self._request(request)
        try:
            yield HttpResponse(response)
        finally:
            # Closes the connection unless the answer was read to its end.
            response.close() if not response.content.at_eof() else response.release()

    async def _request(self, request: EngineRequest) -> aiohttp.ClientResponse:
        replayable = request.body is None or isinstance(request.body, bytes)
        try:
            return await self._once(request)
        except aiohttp.ServerDisconnectedError as error:
            # A kept connection that the engine closed while the request was on its way: it has not
            # been worked on. Like other proxies, try once more on a new connection.
            if not replayable:
                raise EngineError(f"the engine hung up: {error}", connected=True) from None
        except aiohttp.ClientConnectorError as error:
            raise EngineError(f"the engine can't be reached: {error}", connected=False) from None
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise EngineError(f"no answer from the engine: {error!r}", connected=True) from None
        try:
            return await self._once(request)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise EngineError(f"no answer from the engine: {error!r}", connected=True) from None

    async def _once(self, request: EngineRequest) -> aiohttp.ClientResponse:
        return await self._session.request(
            request.method,
            URL(self._base + request.target, encoded=True),
            headers=CIMultiDict(request.headers),
            data=request.body,
            allow_redirects=False,
        )

    async def aclose(self) -> None:
        """Close every connection."""
        await self._session.close()
