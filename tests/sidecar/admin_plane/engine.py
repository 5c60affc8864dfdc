"""An engine whose every move the test decides."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

MODEL = "llama"


class ScriptedEngine:
    """Answers like vLLM, as far as the sidecar looks.

    Attributes:
        health: status of /health; None hangs.
        models: status of /v1/models.
        hold: while set, answers of /v1/chat/completions wait for `release`.
        asked: bodies that reached an inference.
        url: where it listens, once started.
    """

    def __init__(self) -> None:
        self.health: int | None = 200
        self.models = 200
        self.metrics = "vllm:prefix_cache_hits_total 3.0\n"
        self.hang_metrics = False
        self.status = 200
        self.hold = False
        self.release = asyncio.Event()
        self.asked: list[dict[str, Any]] = []
        self.seen: list[str] = []
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen on a free port."""
        app = web.Application(middlewares=[self._note])
        app.add_routes(
            [
                web.get("/health", self._health),
                web.get("/version", self._version),
                web.get("/metrics", self._metrics),
                web.get("/v1/models", self._models),
                web.post("/v1/chat/completions", self._chat),
                web.post("/v1/responses", self._responses),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        self.release.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @web.middleware
    async def _note(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.seen.append(f"{request.method} {request.path}")
        response: web.StreamResponse = await handler(request)
        return response

    async def _health(self, _: web.Request) -> web.Response:
        if self.health is None:
            await asyncio.sleep(60)
        return web.Response(status=self.health or 200)

    async def _version(self, _: web.Request) -> web.Response:
        return web.json_response({"version": "0.11.0"})

    async def _metrics(self, _: web.Request) -> web.Response:
        if self.hang_metrics:
            await asyncio.sleep(60)
        return web.Response(text=self.metrics)

    async def _models(self, _: web.Request) -> web.Response:
        cards = [{"id": MODEL, "root": "meta/llama", "parent": None, "max_model_len": 8192}]
        return web.json_response({"object": "list", "data": cards}, status=self.models)

    async def _responses(self, _: web.Request) -> web.Response:
        return web.json_response({"temperature": 0.5})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked.append(body)
        number = len(self.asked)
        if self.hold:
            await self.release.wait()
        if self.status != 200:
            return web.json_response({"error": {"message": "no"}}, status=self.status)
        message = {"role": "assistant", "content": f"answer {number}"}
        return web.json_response(
            {
                "id": f"chatcmpl-{number:032x}",
                "object": "chat.completion",
                "created": 1_700_000_000,
                "model": body.get("model", MODEL),
                "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
            }
        )
