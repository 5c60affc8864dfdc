"""An engine that answers at the pace that a test sets."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

KEYS = frozenset({"one", "two"})


class Engine:
    """Chat answers, whole or as a stream; nothing else is scripted.

    Attributes:
        go: streams stop after their first event until this is set.
        streaming: streams that have begun.
        answers: how many were given.
    """

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.go.set()
        self.streaming = 0
        self.answers = 0
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen on a free port."""
        app = web.Application()
        app.router.add_get("/health", self._health)
        app.router.add_get("/version", self._version)
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/chat/completions", self._chat)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Stop."""
        self.go.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _health(self, _: web.Request) -> web.Response:
        return web.Response()

    async def _version(self, _: web.Request) -> web.Response:
        return web.json_response({"version": "0.11.0"})

    async def _models(self, _: web.Request) -> web.Response:
        return web.json_response({"data": [{"id": "llama", "root": "r", "max_model_len": 1}]})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body: dict[str, Any] = await request.json()
        self.answers += 1
        head = {"id": f"chatcmpl-{self.answers:032x}", "created": 1, "model": "llama"}
        if not body.get("stream"):
            padding = "x" * int(body.get("user", "0"))
            message = {"role": "assistant", "content": f"answer {self.answers}{padding}"}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
            return web.json_response(
                {**head, "object": "chat.completion", "choices": [choice], "usage": usage}
            )
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        self.streaming += 1
        head["object"] = "chat.completion.chunk"
        for word in ("one", "two", "three"):
            delta = {"role": "assistant", "content": word}
            await self._event(response, {**head, "choices": [{"index": 0, "delta": delta}]})
            await self.go.wait()
        end = {"index": 0, "delta": {}, "finish_reason": "stop"}
        await self._event(response, {**head, "choices": [end]})
        await response.write(b"data: [DONE]\n\n")
        return response

    async def _event(self, response: web.StreamResponse, document: dict[str, Any]) -> None:
        await response.write(b"data: " + json.dumps(document).encode() + b"\n\n")
