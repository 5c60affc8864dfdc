"""/healthz, /readyz and /metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from aiohttp import web

from .metrics import Metrics


@dataclass
class Health:
    """What the probes answer.

    Attributes:
        sickness: reads why the operator should be restarted; empty = it lives.
        unready: why it does not work yet; empty = it works, or stands by.
    """

    sickness: Callable[[], Iterable[str]] = tuple
    unready: str = field(default="it is starting")


async def serve(health: Health, metrics: Metrics, listen: tuple[str, int]) -> web.AppRunner:
    """Start the server, in the operator's own loop: one that hangs gives no answer."""

    async def healthz(request: web.Request) -> web.Response:
        return _answer("; ".join(health.sickness()))

    async def readyz(request: web.Request) -> web.Response:
        return _answer(health.unready)

    async def exposition(request: web.Request) -> web.Response:
        return web.Response(
            body=metrics.exposition(),
            headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"},
        )

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", exposition)
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    host, port = listen
    await web.TCPSite(runner, host or None, port).start()
    return runner


def _answer(wrong: str) -> web.Response:
    if wrong:
        return web.json_response({"status": "unavailable", "reason": wrong}, status=503)
    return web.json_response({"status": "ok"})
