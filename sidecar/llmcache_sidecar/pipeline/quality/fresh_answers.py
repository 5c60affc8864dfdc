"""Asking the engine again, behind everybody else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

import orjson

from ...apis.registry import DIALECTS
from ...apis.saying import Said, said_in
from ...domain.api import Api
from ...domain.json import JsonObject
from ...ports.clock import Clock
from ...ports.engine import Engine, EngineError, EngineRequest, HeaderList
from .trials import Trial

_ANSWER_S: Final = 300.0
_LONGEST: Final = 8 * 1024**2
_WAIT_S: Final = 1.0
_PATIENCE_S: Final = 600.0
LAST_PRIORITY: Final = 1_000_000
"""vLLM takes the lowest number first; requests that name none have 0."""


class Abandoned(Exception):
    """A sample can't be judged; `reason` is one of a closed set of words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ShadowJournal(Protocol):
    """Counts what was asked for samples alone."""

    def shadowed(
        self, model: str, prompt_tokens: int, completion_tokens: int, engine_s: float
    ) -> None: ...


@dataclass(slots=True)
class FreshAnswers:
    """Gets whole answers that nobody waits for.

    Args:
        idle: whether the engine has nothing waiting; asked before every request, and waited for.
        last: the engine has priorities, and takes these requests last.
    """

    engine: Engine
    idle: Callable[[], Awaitable[bool]]
    journal: ShadowJournal
    clock: Clock
    last: bool = False

    async def to(self, trial: Trial, body: JsonObject) -> Said:
        """What the engine says to `body`. Raises `Abandoned`."""
        return await self._ask(trial, trial.facts.api, trial.target, body)

    async def to_chat(self, trial: Trial, messages: list[dict[str, str]]) -> str | None:
        """One short reply of the trial's model at temperature 0."""
        body: JsonObject = {"messages": messages, "temperature": 0, "max_tokens": 8}
        if trial.facts.model is not None:
            body["model"] = trial.facts.model
        said = await self._ask(trial, Api.CHAT, "/v1/chat/completions", body)
        return said.texts[0]

    async def _ask(self, trial: Trial, api: Api, target: str, body: JsonObject) -> Said:
        await self.turn(trial)
        if self.last and api is not Api.MESSAGES:
            body = {**body, "priority": LAST_PRIORITY}
        started = self.clock.monotonic()
        answer = await self._send(target, trial.headers, orjson.dumps(body))
        usage = DIALECTS[api].usage(answer)
        self.journal.shadowed(
            trial.model,
            usage.prompt_tokens,
            usage.completion_tokens,
            self.clock.monotonic() - started,
        )
        said = said_in(api, answer)
        if said is None:
            raise Abandoned("unreadable")
        return said

    async def turn(self, trial: Trial) -> None:
        """Wait until the engine has nothing better to do. Raises `Abandoned`."""
        while not await self.idle():
            if self.clock.monotonic() - trial.begun > _PATIENCE_S:
                raise Abandoned("busy")
            await asyncio.sleep(_WAIT_S)

    async def _send(self, target: str, headers: HeaderList, body: bytes) -> JsonObject:
        read = bytearray()
        try:
            async with asyncio.timeout(_ANSWER_S):
                request = EngineRequest("POST", target, headers, body)
                async with self.engine.send(request) as response:
                    if response.status != 200:
                        raise Abandoned("refused")
                    async for chunk in response.chunks():
                        read += chunk
                        if len(read) > _LONGEST:
                            raise Abandoned("too_long")
        except (EngineError, TimeoutError):
            raise Abandoned("engine") from None
        try:
            answer = orjson.loads(bytes(read))
        except orjson.JSONDecodeError:
            raise Abandoned("unreadable") from None
        if type(answer) is not dict:
            raise Abandoned("unreadable")
        return answer
