"""What closes a circuit where nobody asks: a quiet model's store is not called down for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from .breaker import Breaker, BreakerState

_LEAST_S: Final = 0.05


class IdleProbe:
    """Asks again what failed last, once after each of the breaker's pauses, while it is not closed.

    There is a task only meanwhile, and the pauses are the breaker's: jittered, growing to its
    longest. So a store that stays away is asked no more often than its clients would ask it.
    """

    def __init__(self, breaker: Breaker, monotonic: Callable[[], float]) -> None:
        """For `breaker`, by the clock that its permits are drawn with."""
        self._breaker = breaker
        self._monotonic = monotonic
        self._ask: Callable[[], Awaitable[object]] | None = None
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def failed(self, ask: Callable[[], Awaitable[object]]) -> None:
        """A call failed. If the circuit is open now, `ask` makes the call again, later.

        Args:
            ask: goes through the breaker, and never raises.
        """
        if self._closed or self._breaker.state is BreakerState.CLOSED:
            return
        self._ask = ask
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="llmcache-idle-probe")

    async def aclose(self) -> None:
        """Stop. Idempotent."""
        self._closed = True
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        while self._breaker.state is not BreakerState.CLOSED:
            left = self._breaker.pause_left(self._monotonic())
            if left <= 0 and self._ask is not None:
                await self._ask()
            else:
                await asyncio.sleep(max(left, _LEAST_S))
        self._task = self._ask = None
