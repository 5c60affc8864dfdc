"""The engine over HTTP."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Final
from urllib.parse import urlsplit

from ..ports.engine import EngineError, EngineRequest, HeaderList
from .http1 import Closed, Connection, Pool, RawHeaders, Server

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


def end_to_end(headers: RawHeaders) -> HeaderList:
    """`headers` as text, without hop-by-hop ones and those that their Connection header names."""
    drop = HOP_BY_HOP
    for name, value in headers:
        if len(name) == 10 and name.lower() == b"connection":
            drop = drop | {part.strip().lower() for part in _text(value).split(",")}
    texts = [(name.decode("latin-1"), _text(value)) for name, value in headers]
    return [pair for pair in texts if pair[0].lower() not in drop]


class Exchange:
    """One request and its answer: `async with engine.send(request) as answer`."""

    __slots__ = ("_by_name", "_connection", "_engine", "_request", "headers", "reason", "status")

    def __init__(self, engine: HttpEngine, request: EngineRequest) -> None:
        self._engine = engine
        self._request = request
        self._connection: Connection | None = None
        self._by_name: dict[bytes, bytes] = {}
        self.status = 0
        self.reason = ""
        self.headers: HeaderList = []

    async def __aenter__(self) -> Exchange:
        """Send, and wait for the answer's head; `EngineError` when none comes."""
        connection = self._connection = await self._engine.start(self._request)
        self.status, self.reason = connection.status, connection.reason
        self._by_name = {name.lower(): value for name, value in connection.headers}
        self.headers = end_to_end(connection.headers)
        if b"location" in self._by_name:
            outside = self._engine.seen_from_outside
            self.headers = [
                (name, outside(value) if name.lower() == "location" else value)
                for name, value in self.headers
            ]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """The connection is kept when the answer was read to its end, and closed otherwise."""
        if self._connection is not None:
            self._engine.pool.give_back(self._connection)

    def header(self, name: str) -> str:
        """One header's value, or an empty string."""
        return _text(self._by_name.get(name.lower().encode("ascii"), b""))

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes, in the pieces in which it was read."""
        connection = self._connection
        assert connection is not None
        try:
            while data := await connection.read():
                yield data
        except Closed as error:
            raise EngineError(f"the engine broke off its answer: {error}", connected=True) from None


class HttpEngine:
    """A way to one engine, over kept connections. Nothing is decoded, followed or timed out (an
    inference may take minutes; the client decides how long to wait).

    Args:
        base_url: scheme, host and port, and an optional path that is put before every target.
        ca_file: certificate authority for https; None = the system's.
        connect_timeout: seconds until a connection must stand.

    Attributes:
        reconnected: called when a kept connection turned out to be closed and a new one is made.
    """

    def __init__(self, base_url: str, ca_file: str | None, connect_timeout: float) -> None:
        self.reconnected: Callable[[], None] = lambda: None
        parts = urlsplit(base_url)
        tls = ssl.create_default_context(cafile=ca_file) if parts.scheme == "https" else None
        host = parts.hostname or ""
        self._prefix = parts.path.rstrip("/").encode("ascii")
        self._host = parts.netloc.encode("idna" if not parts.netloc.isascii() else "ascii")
        port = parts.port or (443 if tls is not None else 80)
        self.pool = Pool(Server(host, port, tls, connect_timeout))

    def send(self, request: EngineRequest) -> Exchange:
        """See `ports.engine.Engine`."""
        return Exchange(self, request)

    def seen_from_outside(self, location: str) -> str:
        """A Location header for the client. The engine makes it of the Host header, which is its own
        address: a path alone leads the client back to us, and an address elsewhere stays."""
        try:
            parts = urlsplit(location)
        except ValueError:
            return location
        host, prefix = self._host.decode("ascii"), self._prefix.decode("ascii")
        if parts.netloc.lower() not in ("", host.lower()):
            return location
        path = parts.path
        if prefix and path.startswith(f"{prefix}/"):
            path = path[len(prefix) :]
        # Without a host, two slashes would name another one; to a browser the other one is one, too.
        if not path.startswith("/") or path.startswith(("//", "/\\")):
            return location
        return parts._replace(scheme="", netloc="", path=path).geturl()

    async def start(self, request: EngineRequest) -> Connection:
        """A connection on which the head of the answer has come."""
        connection = await self._connect(fresh=False)
        try:
            return await self._send(connection, request)
        except Closed as error:
            # A kept connection that the engine closed while the request was on its way: it has not
            # been worked on. Like other proxies, try once more on a new connection.
            replayable = request.body is None or isinstance(request.body, bytes)
            if not (connection.kept and error.untouched and replayable):
                raise EngineError(f"no answer from the engine: {error}", connected=True) from None
        self.reconnected()
        connection = await self._connect(fresh=True)
        try:
            return await self._send(connection, request)
        except Closed as error:
            raise EngineError(f"no answer from the engine: {error}", connected=True) from None

    async def _connect(self, *, fresh: bool) -> Connection:
        try:
            return await self.pool.take(fresh=fresh)
        except TimeoutError:
            raise EngineError("the engine can't be reached: timeout", connected=False) from None
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise EngineError(f"the engine can't be reached: {reason}", connected=False) from None

    async def _send(self, connection: Connection, request: EngineRequest) -> Connection:
        body = request.body
        framing = b""
        chunked = False
        if isinstance(body, bytes):
            framing = b"Content-Length: %d\r\n" % len(body)
        elif body is not None and all(n.lower() != "content-length" for n, _ in request.headers):
            chunked = True
            framing = b"Transfer-Encoding: chunked\r\n"
        elif body is None and request.method in ("POST", "PUT", "PATCH"):
            framing = b"Content-Length: 0\r\n"
        head = b"%s %s%s HTTP/1.1\r\nHost: %s\r\n%s%s\r\n" % (
            request.method.encode("ascii"),
            self._prefix,
            _line(request.target.encode("utf-8", "surrogateescape")),
            self._host,
            b"".join([_header(name, value) for name, value in request.headers]),
            framing,
        )
        try:
            await connection.send(head, body, chunked, request.method == "HEAD")
        except BaseException:
            self.pool.drop(connection)
            raise
        return connection

    async def aclose(self) -> None:
        """Close every connection."""
        self.pool.close()


def _header(name: str, value: str) -> bytes:
    # Bytes that are no UTF-8 came as lone surrogates, and go out as they came.
    return b"%s: %s\r\n" % (
        _line(name.encode("latin-1")),
        _line(value.encode("utf-8", "surrogateescape")),
    )


def _line(text: bytes) -> bytes:
    """`text`, which must not end the line it stands in."""
    if b"\r" in text or b"\n" in text:
        raise EngineError("a header holds a line break", connected=False)
    return text


def _text(value: bytes) -> str:
    """A header's value: UTF-8 where it is, which is how it goes out again."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
