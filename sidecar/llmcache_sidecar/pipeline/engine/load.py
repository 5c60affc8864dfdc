"""How busy the engine is, by its own metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from ...ports.engine import Engine, EngineError, EngineRequest

_WAITING: Final = "vllm:num_requests_waiting"
_ASK_S: Final = 2.0
_LONGEST: Final = 8 * 1024**2


class EngineLoad:
    """Tells when the engine has nothing waiting.

    Args:
        working: requests that are on their way through this process: counts where the engine has no
            such metric.
    """

    def __init__(self, engine: Engine, working: Callable[[], int]) -> None:
        self._engine = engine
        self._working = working

    async def idle(self) -> bool:
        """Nobody waits for the engine right now. Never raises; a broken engine is not idle."""
        try:
            async with asyncio.timeout(_ASK_S):
                async with self._engine.send(EngineRequest("GET", "/metrics", [])) as response:
                    if response.status != 200:
                        return self._working() == 0
                    text = bytearray()
                    async for chunk in response.chunks():
                        text += chunk
                        if len(text) > _LONGEST:
                            break
        except (EngineError, TimeoutError):
            return False
        waiting = read_waiting(text.decode("utf-8", "replace"))
        return self._working() == 0 if waiting is None else waiting == 0


def read_waiting(metrics: str) -> float | None:
    """How many requests wait, over all of the engine's queues; None where it does not say."""
    found = None
    for line in metrics.splitlines():
        name, brace, rest = line.partition("{")
        if not brace:
            name, _, rest = line.partition(" ")
        if name != _WAITING:
            continue
        try:
            value = float(rest.rpartition("}")[2].split()[0])
        except (ValueError, IndexError):
            continue
        found = value if found is None else found + value
    return found
