"""A small server with /v1/embeddings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web

from llmcache_sidecar.domain.vectors import Vector
from llmcache_sidecar.ports.embedder import EmbeddingError, TextTooLong

Encode = Callable[[str], Vector]


class EndpointServer:
    """Answers like vLLM's.

    Attributes:
        status: 200, or what it answers with instead.
        delay: seconds that every answer takes.
        pace: seconds that each word takes besides.
        most_words: of the longest text that came.
        cuts_at: texts are cut to so many words, without a word about it; None = refused above 256.
        counts: tokens that it says every text has; None = as many as there are words.
        key: that it wants, if any.
    """

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self._runner: web.AppRunner | None = None
        self.url = ""
        self.status = 200
        self.delay = 0.0
        self.pace = 0.0
        self.cuts_at: int | None = None
        self.counts: int | None = None
        self.key: str | None = None
        self.body: bytes | None = None
        self.asked = 0
        self.most_words = 0

    async def start(self) -> None:
        application = web.Application()
        application.router.add_post("/v1/embeddings", self._embeddings)
        self._runner = web.AppRunner(application)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = site.name

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _embeddings(self, request: web.Request) -> web.Response:
        self.asked += 1
        asked = await request.json()
        words = asked["input"].split()
        self.most_words = max(self.most_words, len(words))
        await asyncio.sleep(self.delay + self.pace * len(words))
        if self.key is not None and request.headers.get("Authorization") != f"Bearer {self.key}":
            return web.json_response({"error": {"message": "no"}}, status=401)
        if self.status != 200:
            return web.json_response({"error": {"message": "out of order"}}, status=self.status)
        if self.body is not None:
            return web.Response(body=self.body)
        text: str = asked["input"]
        if self.cuts_at is not None:
            words = words[: self.cuts_at]
            text = " ".join(words)
        try:
            vector = self._encode(text)
        except TextTooLong:
            error = {"message": "This model's maximum context length is 256 tokens."}
            return web.json_response({"error": error}, status=400)
        except EmbeddingError:
            return web.json_response({"error": {"message": "can't"}}, status=400)
        counted = len(words) if self.counts is None else self.counts
        # Not of length 1, as some servers' are.
        row = {"index": 0, "embedding": [3.0 * float(value) for value in vector]}
        return web.json_response(
            {"model": asked["model"], "data": [row], "usage": {"prompt_tokens": counted}}
        )
