"""Asking a question over HTTP and timing the answer."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from .questions import SYSTEM


@dataclass(frozen=True)
class Heard:
    """One answer.

    Attributes:
        first_s, total_s: seconds to the first and the last byte.
        cache_status: the Cache-Status header; empty when there is none.
        events: how many server-sent events it came in; 0 for a whole answer.
    """

    status: int
    text: str
    first_s: float
    total_s: float
    cache_status: str
    headers: dict[str, str] = field(default_factory=dict)
    events: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def hit(self) -> bool:
        """It came from the cache."""
        return "; hit" in self.cache_status


@dataclass(frozen=True)
class Line:
    """A way to a server.

    Attributes:
        key: the caller's API key.
    """

    client: aiohttp.ClientSession
    url: str
    model: str
    key: str = "demo-key"

    def body(self, question: str, temperature: float = 0.0) -> dict[str, Any]:
        """The request's body."""
        return {
            "model": self.model,
            "messages": [
                {"role": "system", "content": SYSTEM},
                {"role": "user", "content": question},
            ],
            "temperature": temperature,
            "max_tokens": 64,
        }

    async def ask(
        self,
        question: str,
        *,
        stream: bool = False,
        temperature: float = 0.0,
        headers: dict[str, str] | None = None,
    ) -> Heard:
        """Ask with the bot's system prompt."""
        body = self.body(question, temperature)
        if stream:
            body |= {"stream": True, "stream_options": {"include_usage": True}}
        sent = {"Authorization": f"Bearer {self.key}", **(headers or {})}
        started = time.perf_counter()
        first: float | None = None
        received = bytearray()
        async with self.client.post(
            f"{self.url}/v1/chat/completions", json=body, headers=sent
        ) as answer:
            async for part in answer.content.iter_any():
                if first is None:
                    first = time.perf_counter() - started
                received += part
        total = time.perf_counter() - started
        text, usage, events = (
            read_stream(bytes(received)) if stream else read_whole(bytes(received))
        )
        return Heard(
            answer.status,
            text,
            total if first is None else first,
            total,
            answer.headers.get("Cache-Status", ""),
            dict(answer.headers),
            events,
            int(usage.get("prompt_tokens", 0)),
            int(usage.get("completion_tokens", 0)),
        )


def read_whole(body: bytes) -> tuple[str, dict[str, Any], int]:
    """Text and usage of a whole answer, or the error's message."""
    document = json.loads(body)
    if "choices" not in document:
        return str(document.get("error")), {}, 0
    return document["choices"][0]["message"].get("content") or "", document.get("usage") or {}, 0


def read_stream(body: bytes) -> tuple[str, dict[str, Any], int]:
    """Text, usage and number of events of a streamed answer."""
    text, events = "", 0
    usage: dict[str, Any] = {}
    for line in body.decode("utf-8", "replace").split("\n"):
        if not line.startswith("data: "):
            continue
        events += 1
        if line == "data: [DONE]":
            continue
        document = json.loads(line[6:])
        usage = document.get("usage") or usage
        for choice in document.get("choices", ()):
            text += choice["delta"].get("content") or ""
    return text, usage, events
