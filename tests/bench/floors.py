"""Floors: the least that any server on these libraries does for the same answer.

    server   aiohttp's low-level server: reads the body, answers prepared bytes
    app      the same in a web.Application
    get      the low-level server with one GET from Redis before the answer
    proxy    the low-level server that asks the engine with aiohttp's client
    relay    no HTTP at all: bytes to the engine and back, what another hop costs on this machine

What they answer is put there first (`PUT /path` with headers and body), so that a floor sends
what the sidecar sends. A body with Content-Type text/event-stream goes out chunked.
"""

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

import orjson
import uvloop
from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, web

if TYPE_CHECKING:
    from redis.asyncio import Redis

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

KINDS: Final = ("server", "app", "get", "proxy", "relay")
_NOT_COPIED: Final = frozenset(
    {"content-length", "transfer-encoding", "connection", "date", "server"}
)


def recipe(head: bytes, body: bytes) -> bytes:
    """What to PUT so that a floor answers as the server did whose answer this is."""
    lines = head.decode("latin-1").split("\r\n")[1:]
    headers = [line.split(": ", 1) for line in lines if line]
    kept = [[name, value] for name, value in headers if name.lower() not in _NOT_COPIED]
    return orjson.dumps({"headers": kept, "body": body.decode()})


class Floor:
    """Answers what it was told to, per path."""

    def __init__(self, store: "Redis | None") -> None:
        self._store = store
        self._answers: dict[str, tuple[dict[str, str], bytes, bool]] = {}

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        said = await request.read()
        if request.method == "PUT":
            return await self._learn(request.path, orjson.loads(said))
        headers, body, stream = self._answers[request.path]
        if self._store is not None:
            found = await self._store.get(request.path)
            assert isinstance(found, bytes), "learned before it is asked"
            body = found
        if not stream:
            return web.Response(body=body, headers=headers)
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        await response.write(body)
        await response.write_eof()
        return response

    async def _learn(self, path: str, told: dict[str, Any]) -> web.Response:
        headers = dict(told["headers"])
        body = told["body"].encode()
        stream = any("event-stream" in value for value in headers.values())
        self._answers[path] = (headers, body, stream)
        if self._store is not None:
            await self._store.set(path, body)
        return web.Response(text="learned")


class Proxy:
    """The least that a proxy on aiohttp does: read, ask, pass on; streams chunk by chunk."""

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._session = ClientSession(
            connector=TCPConnector(limit=0),
            timeout=ClientTimeout(total=None),
            auto_decompress=False,
            cookie_jar=DummyCookieJar(),
        )

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        kept = {
            name: request.headers[name]
            for name in ("Authorization", "Content-Type")
            if name in request.headers
        }
        url = self._engine + request.raw_path
        data = await request.read()
        asked = self._session.request(request.method, url, data=data or None, headers=kept)
        async with asked as answer:
            headers = {"Content-Type": answer.headers["Content-Type"]}
            if "event-stream" not in headers["Content-Type"]:
                body = await answer.read()
                return web.Response(status=answer.status, body=body, headers=headers)
            response = web.StreamResponse(headers=headers)
            await response.prepare(request)
            async for chunk in answer.content.iter_any():
                await response.write(chunk)
            await response.write_eof()
            return response


class _Relayed(asyncio.Protocol):
    """One side of a relayed connection."""

    def __init__(self) -> None:
        self.other: asyncio.Transport | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        assert self.other is not None
        self.other.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.other is not None:
            self.other.close()


class _Accepted(_Relayed):
    """The client's side: opens the engine's, and keeps what comes meanwhile."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__()
        self._address = (host, port)
        self._early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._opening = asyncio.ensure_future(self._open())

    async def _open(self) -> None:
        _, engine = await asyncio.get_running_loop().create_connection(_Relayed, *self._address)
        engine.other, self.other = self.transport, engine.transport
        assert self.other is not None
        self.other.writelines(self._early)

    def data_received(self, data: bytes) -> None:
        if self.other is None:
            self._early.append(data)
        else:
            self.other.write(data)


async def serve(kind: str, port: int, redis_url: str | None, engine: str) -> None:
    store = None
    if redis_url:
        from redis.asyncio import Redis  # 20 MB that the other floors do without

        store = Redis.from_url(redis_url)
    floor = Floor(store)
    if kind == "app":
        app = web.Application(client_max_size=2**24)
        app.router.add_route("*", "/{path:.*}", floor.handle)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, backlog=512).start()
    elif kind == "relay":
        parts = urlsplit(engine)
        host, engine_port = parts.hostname or "127.0.0.1", parts.port or 80
        await asyncio.get_running_loop().create_server(
            lambda: _Accepted(host, engine_port), "127.0.0.1", port, backlog=512
        )
    else:
        handle = Proxy(engine).handle if kind == "proxy" else floor.handle
        server = web.Server(handle, access_log=None)
        loop = asyncio.get_running_loop()
        await loop.create_server(server, "127.0.0.1", port, backlog=512)
    await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=KINDS, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--redis")
    parser.add_argument("--engine", default="", help="the URL that a proxy asks")
    said = parser.parse_args()
    uvloop.run(serve(said.kind, said.port, said.redis, said.engine))


if __name__ == "__main__":
    main()
