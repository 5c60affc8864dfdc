"""A small proxy in front of an API server, through which things go wrong on purpose."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import aiohttp
import yaml
from aiohttp import web

from tests.cluster.control_plane import ControlPlane

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Proxy:
    """Plain HTTP on loopback; behind it the API server as an administrator sees it.

    Attributes:
        refuse: asked before a write is passed on, with its number (from 1) and path; a status code
            is answered instead.
        refuse_read: the same before anything else is passed on.
        pause_s: seconds that every request waits before it is passed on.
        silent: whether a watch that is open delivers nothing, asked with its path; what came meanwhile
            is lost.
        passed: told after a write was passed on and answered, before the answer is handed back.
    """

    def __init__(self, cluster: ControlPlane, folder: Path) -> None:
        self.refuse: Callable[[int, str], int | None] = lambda number, path: None
        self.refuse_read: Callable[[int, str], int | None] = lambda number, path: None
        self.passed: Callable[[int, str], None] = lambda number, path: None
        self.pause_s = 0.0
        self.silent: Callable[[str], bool] = lambda path: False
        self.writes = 0
        self.reads = 0
        self.kubeconfig = folder / "proxy.kubeconfig"
        self._url = cluster.url
        self._context = ssl.create_default_context(cafile=str(cluster.authority.certificate))
        pair = cluster.admin.pair
        self._context.load_cert_chain(pair.certificate, pair.key)
        self._watches: set[asyncio.Transport] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Proxy:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(60)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(60)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(60)
        self._loop.close()

    def drop_watches(self) -> None:
        """Close every connection that a watch is open on."""
        self._loop.call_soon_threadsafe(self._drop_watches)

    def _drop_watches(self) -> None:
        for transport in self._watches:
            transport.abort()

    async def _start(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=self._context, limit=0), auto_decompress=False
        )
        application = web.Application(client_max_size=16 * 1024**2)
        application.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
            "users": [{"name": "u", "user": {}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
        self.kubeconfig.write_text(yaml.safe_dump(config), "utf-8")

    async def _stop(self) -> None:
        await self._runner.cleanup()
        await self._session.close()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        # Events are told last, and their number depends on the time.
        counts = request.method in WRITES and not request.path.endswith("/events")
        if counts:
            self.writes += 1
            number = self.writes
            status = self.refuse(number, request.path)
        else:
            self.reads += 1
            status = self.refuse_read(self.reads, request.path)
        if status is not None:
            return _refusal(status)
        await asyncio.sleep(self.pause_s)
        body = await request.read()
        headers = {
            name: value
            for name, value in request.headers.items()
            if name.lower() not in {"host", "content-length", "connection", "transfer-encoding"}
        }
        async with self._session.request(
            request.method, f"{self._url}{request.raw_path}", data=body or None, headers=headers,
            skip_auto_headers=("Content-Type",),
            timeout=aiohttp.ClientTimeout(total=None),
        ) as answer:  # fmt: skip
            response = web.StreamResponse(status=answer.status)
            for name in ("Content-Type", "Content-Encoding", "Retry-After"):
                if name in answer.headers:
                    response.headers[name] = answer.headers[name]
            if counts:
                content = await answer.read()
                self.passed(number, request.path)
                with contextlib.suppress(ConnectionError):
                    await response.prepare(request)
                    await response.write(content)
                return response
            with contextlib.suppress(ConnectionError):  # who asked may have been killed meanwhile
                await response.prepare(request)
                watch = request.query.get("watch") == "true"
                transport = request.transport
                if watch and transport is not None:
                    self._watches.add(transport)
                try:
                    async for chunk in answer.content.iter_any():
                        if not (watch and self.silent(request.path)):
                            await response.write(chunk)
                finally:
                    if transport is not None:
                        self._watches.discard(transport)
            return response


def _refusal(status: int) -> web.Response:
    reason = {
        403: "Forbidden",
        409: "Conflict",
        429: "TooManyRequests",
        500: "InternalError",
    }[status]
    body = {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "reason": reason,
        "message": f"{reason}, on purpose",
        "code": status,
    }
    headers = {"Retry-After": "1"} if status == 429 else {}
    return web.Response(
        status=status, text=json.dumps(body), content_type="application/json", headers=headers
    )
