"""The requests through a real sidecar in this process; a stand-in on loopback plays the engine."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
import orjson
from aiohttp import web

from llmcache_api import SidecarConfig

from ...app.sidecar import Sidecar
from ...server.admin.explain import make_call
from ..errors import ToolError
from .log import Line, starts_at

_CHAT: Final = "/v1/chat/completions"
_REFUSED: Final = re.compile(r"entry (\S+), similarity ([\d.]+): refused by (\w+)(.*)")
_BELOW: Final = "similarity"
_EVERY_S: Final = 2.0
_READY_S: Final = 120.0
_DEADLINE: Final = "10s"
"""Of one embedding: nobody waits here, and a busy machine must not change the figures."""


@dataclass(frozen=True, slots=True)
class Served:
    """What became of one request.

    Attributes:
        how: exact, semantic, miss or bypass.
        source: the line whose answer was served; None where none was.
        similarity: of a semantic hit.
        detail: why it was a bypass.
    """

    how: str
    source: int | None = None
    similarity: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A candidate that a gate refused: two lines, the gate and what it found."""

    asked: int
    stored: int
    similarity: float
    gate: str
    reason: str


@dataclass(slots=True)
class Replayed:
    """A whole run."""

    served: list[Served] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    gates: Counter[str] = field(default_factory=Counter)


class LogClock:
    """The log's time for what ages; the machine's for what waits."""

    def __init__(self, now: float) -> None:
        self.now = now

    def time(self) -> float:
        """Unix seconds."""
        return self.now

    def monotonic(self) -> float:
        """The machine's own."""
        return time.monotonic()


def configured(document: dict[str, Any], engine: str, threshold: float | None) -> SidecarConfig:
    """The operator's cache, in memory, on ports of its own, in front of the stand-in."""
    cache = dict(document.get("responseCache", {}))
    semantic = dict(cache.get("semantic", {}))
    semantic["embedding"] = {**semantic.get("embedding", {}), "deadline": _DEADLINE}
    if threshold is not None:
        semantic["threshold"] = threshold
    cache["semantic"] = semantic
    return SidecarConfig.parse(
        {
            "listen": "127.0.0.1:0",
            "admin": {"listen": "127.0.0.1:0"},
            "auth": {"mode": "None"},
            "upstream": {"url": engine, "revision": "replay", "defaultTemperature": 0.0},
            "stores": {"memory": {"maxSize": "1Gi"}},
            "responseCache": cache,
        }
    )


async def replay(
    lines: list[Line], document: dict[str, Any], threshold: float | None, *, explained: bool
) -> Replayed:
    """Ask everything once, in order.

    Args:
        document: a sidecar's configuration; its cache section counts.
        threshold: a floor for the cosine; None: as configured.
        explained: find out which gates refused what, which takes about twice as long.
    """
    runner = web.AppRunner(_stand_in(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    clock = LogClock(starts_at(lines))
    sidecar = Sidecar(configured(document, f"http://127.0.0.1:{port}", threshold), clock)
    try:
        addresses = await sidecar.start()
        if sidecar.pipeline.settings.semantic.works:
            await _until(lambda: sidecar.semantic.ready, _READY_S)
        async with aiohttp.ClientSession() as session:
            run = _Run(sidecar, session, f"http://{addresses.data}{_CHAT}", lines, explained)
            for number, line in enumerate(lines):
                clock.now = clock.now if line.time is None else max(clock.now, line.time)
                await run.ask(number, line)
        return run.found
    finally:
        await sidecar.aclose()
        await runner.cleanup()


def _stand_in() -> web.Application:
    """Answers with what the request says of itself in a header: the number of its line."""

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        said = request.headers.get("X-Replay-Line", "")
        message = {"role": "assistant", "content": said}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        return web.json_response(
            {
                "id": f"chatcmpl-{said}",
                "object": "chat.completion",
                "created": 1,
                "model": "replayed",
                "choices": [choice],
                "usage": usage,
            }
        )

    application = web.Application(client_max_size=2**26)
    application.router.add_post(_CHAT, answer)
    return application


class _Run:
    """One pass over the log."""

    def __init__(
        self,
        sidecar: Sidecar,
        session: aiohttp.ClientSession,
        url: str,
        lines: list[Line],
        explained: bool,
    ) -> None:
        self.found = Replayed()
        self._sidecar = sidecar
        self._session = session
        self._url = url
        self._total = len(lines)
        self._explained = explained
        self._line_of: dict[str, int] = {}
        self._told = time.monotonic()

    async def ask(self, number: int, line: Line) -> None:
        """One request, as a client sends it, and what is noted of it."""
        body = line.body()
        if self._explained:
            await self._explain(number, body)
        headers = {"Content-Type": "application/json", "X-Replay-Line": str(number)}
        async with self._session.post(self._url, data=body, headers=headers) as response:
            said = await response.read()
            if response.status >= 500:
                raise ToolError(f"request {number + 1} ended with status {response.status}")
            served = _served(response, said)
        self.found.served.append(served)
        if served.how == "miss":
            await _until(self._written, _READY_S)
            if self._explained:
                decision = await self._sidecar.pipeline.explain(make_call(_CHAT, "", {}, body))
                if decision.found is not None:
                    self._line_of[decision.found.meta.id] = number
        self._tell(number + 1)

    def _written(self) -> bool:
        return not self._sidecar.semantic.figures().get("vectors.writeQueuePoints", 0)

    async def _explain(self, number: int, body: bytes) -> None:
        decision = await self._sidecar.pipeline.explain(make_call(_CHAT, "", {}, body))
        for step in decision.trace or ():
            match = _REFUSED.match(step.result)
            if match is None or match[3] == _BELOW or match[1] not in self._line_of:
                continue
            self.found.gates[match[3]] += 1
            self.found.refused.append(
                Refused(
                    number,
                    self._line_of[match[1]],
                    float(match[2]),
                    match[3],
                    match[4].strip(" ()"),
                )
            )

    def _tell(self, done: int) -> None:
        """A line now and then, for people who wait; on the error stream, so that reports stay clean."""
        if time.monotonic() - self._told >= _EVERY_S:
            self._told = time.monotonic()
            print(f"    {done:,} of {self._total:,} requests", file=sys.stderr, flush=True)


def _served(response: aiohttp.ClientResponse, body: bytes) -> Served:
    status = response.headers.get("Cache-Status", "")
    if "; hit" in status:
        source = int(orjson.loads(body)["choices"][0]["message"]["content"])
        if "detail=semantic" not in status:
            return Served("exact", source)
        return Served("semantic", source, float(response.headers.get("LLMCache-Similarity", "nan")))
    if "fwd=bypass" in status:
        return Served("bypass", detail=status.partition("detail=")[2].split(";")[0].strip('"'))
    return Served("miss")


async def _until(holds: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() >= deadline:
            raise ToolError("the embedding model or the vectors are not ready: see the log above")
        await asyncio.sleep(0.001)
