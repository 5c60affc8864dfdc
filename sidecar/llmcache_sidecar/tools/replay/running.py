"""The requests through a real sidecar in this process; a stand-in on loopback plays the engine."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from bisect import insort
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
import orjson
from aiohttp import web

from llmcache_api import CacheMode, SidecarConfig, TenancyScope, TenancySection

from ...app.sidecar import Sidecar
from ...server.admin.explain import make_call
from ..errors import ToolError
from .log import Line, starts_at

_CHAT: Final = "/v1/chat/completions"
_REFUSED: Final = re.compile(r"entry (\S+), similarity ([\d.]+): refused by ([\w-]+)(.*)")
_BELOW: Final = "similarity"
_KEPT: Final = 1_000
_EVERY_S: Final = 2.0
_READY_S: Final = 120.0
_TAUGHT_S: Final = 1_800.0
"""For the content classes: a model that is not bundled embeds thousands of examples."""
_DEADLINE_S: Final = 10.0
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
    """A whole run.

    Attributes:
        refused: by gate, the nearest first; no more than anybody would read.
        gates: how many each refused.
    """

    served: list[Served] = field(default_factory=list)
    refused: dict[str, list[Refused]] = field(default_factory=dict)
    gates: Counter[str] = field(default_factory=Counter)

    def refuse(self, one: Refused) -> None:
        """Note a refusal. A request may have five of them, and a log a million requests."""
        self.gates[one.gate] += 1
        kept = self.refused.setdefault(one.gate, [])
        insort(kept, one, key=lambda other: -other.similarity)
        del kept[_KEPT:]


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
    """The operator's cache, in memory, on ports of its own, in front of the stand-in.

    All lines are one tenant's, and a level that observes serves: what it would have served is asked.

    Raises:
        ConfigError: the document's cache section is not valid.
    """
    config = SidecarConfig.parse(
        {
            "listen": "127.0.0.1:0",
            "admin": {"listen": "127.0.0.1:0"},
            "auth": {"mode": "None"},
            "upstream": {"url": engine, "revision": "replay", "defaultTemperature": 0.0},
            "stores": {"memory": {"maxSize": "1Gi"}},
            "responseCache": document.get("responseCache", {}),
        }
    )
    cache = config.response_cache
    exact, semantic = cache.exact, cache.semantic
    changed = {
        "exact": exact.model_copy(update={"mode": _serving(exact.mode)}),
        "semantic": semantic.model_copy(
            update={
                "mode": _serving(semantic.mode),
                "threshold": semantic.threshold if threshold is None else threshold,
                "embedding": semantic.embedding.model_copy(update={"deadline": _DEADLINE_S}),
            }
        ),
        "tenancy": TenancySection(scope=TenancyScope.SHARED),
    }
    return config.model_copy(update={"response_cache": cache.model_copy(update=changed)})


def _serving(mode: CacheMode) -> CacheMode:
    return CacheMode.SERVE if mode is CacheMode.OBSERVE else mode


async def replay(
    lines: list[Line], document: dict[str, Any], threshold: float | None, *, explained: bool
) -> Replayed:
    """Ask everything once, in order.

    Args:
        document: a sidecar's configuration; its cache section counts.
        threshold: a floor for the cosine; None: as configured.
        explained: find out which gates refused what, which takes about twice as long.
    """
    async with AsyncExitStack() as stack:
        runner = web.AppRunner(_stand_in(), access_log=None)
        stack.push_async_callback(runner.cleanup)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        engine = f"http://127.0.0.1:{runner.addresses[0][1]}"
        clock = LogClock(starts_at(lines))
        sidecar = Sidecar(configured(document, engine, threshold), clock)
        stack.push_async_callback(sidecar.aclose)
        addresses = await sidecar.start()
        if sidecar.pipeline.settings.semantic.works:
            await _taught(sidecar)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        run = _Run(sidecar, session, f"http://{addresses.data}{_CHAT}", lines, explained)
        for number, line in enumerate(lines):
            clock.now = clock.now if line.time is None else max(clock.now, line.time)
            await run.ask(number, line)
        return run.found


async def _taught(sidecar: Sidecar) -> None:
    """Wait until what the operator's sidecar would know after its start is known here, too."""
    semantic = sidecar.semantic
    await _until(lambda: semantic.ready, _READY_S)
    if sidecar.pipeline.settings.semantic.cross_encoder:
        await _until(lambda: semantic.compares, _READY_S)
    if not sidecar.semantic.judge().by_meaning:
        print("    teaching the model the content classes", file=sys.stderr, flush=True)
    await _until(lambda: sidecar.semantic.judge().by_meaning, _TAUGHT_S)


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
            self.found.refuse(
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
