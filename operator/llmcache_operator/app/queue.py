"""Keys that want a pass: never one key twice at once, later ones merge, failures back off."""

from __future__ import annotations

import asyncio
import heapq
import random
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=Hashable)

FIRST_BACKOFF_S: Final = 0.5
LONGEST_BACKOFF_S: Final = 300.0


class KeyedQueue(Generic[K]):
    """The queue of a controller.

    A key that is added while it is being worked on waits until that is done. A key that is added for
    later and for now comes now.

    Args:
        clock: monotonic seconds.
        draw: a random number from 0 to 1, so that a thousand failures do not come back together.
    """

    def __init__(
        self, clock: Callable[[], float], draw: Callable[[], float] = random.random
    ) -> None:
        self._clock = clock
        self._draw = draw
        self._ready: dict[K, float] = {}  # in order of arrival; since when
        self._working: set[K] = set()
        self._again: set[K] = set()
        self._later: list[tuple[float, int, K]] = []
        self._due: dict[K, float] = {}
        self._failures: dict[K, int] = {}
        self._count = 0
        self._news = asyncio.Event()

    def __len__(self) -> int:
        """Keys that wait for their turn now."""
        return len(self._ready) + len(self._again)

    @property
    def working(self) -> int:
        """Keys that are being worked on."""
        return len(self._working)

    def soon(self, within: float) -> int:
        """Keys that are due within so many seconds."""
        until = self._clock() + within
        return sum(1 for due in self._due.values() if due <= until)

    def add(self, key: K, delay: float = 0.0) -> None:
        """Ask for a pass, now or `delay` seconds from now, whichever was asked for earlier."""
        if delay > 0:
            due = self._clock() + delay
            if due < self._due.get(key, float("inf")):
                self._due[key] = due
                self._count += 1
                heapq.heappush(self._later, (due, self._count, key))
                self._news.set()
            return
        self._due.pop(key, None)
        if key in self._working:
            self._again.add(key)
        elif key not in self._ready:
            self._ready[key] = self._clock()
            self._news.set()

    def back_off(self, key: K, at_least: float = 0.0) -> float:
        """Ask for a pass after a failure: later each time. Returns the delay in seconds."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        delay = min(FIRST_BACKOFF_S * 2.0 ** min(failures, 16), LONGEST_BACKOFF_S)
        delay = max(delay * (0.5 + self._draw()), at_least)
        self.add(key, delay)
        return delay

    def forget_failures(self, key: K) -> None:
        """It went well: the next failure waits shortly again."""
        self._failures.pop(key, None)

    def forget(self, key: K) -> None:
        """There is nothing to do for this key any more."""
        self._failures.pop(key, None)
        self._due.pop(key, None)
        self._ready.pop(key, None)
        self._again.discard(key)

    async def take(self) -> K:
        """The next key; it is the caller's until `done`."""
        while True:
            self._wake_the_due()
            if self._ready:
                key = next(iter(self._ready))
                del self._ready[key]
                self._working.add(key)
                return key
            self._news.clear()
            wait = self._later[0][0] - self._clock() if self._later else None
            try:
                async with asyncio.timeout(wait):
                    await self._news.wait()
            except TimeoutError:
                continue

    def done(self, key: K) -> None:
        """The caller has worked on it."""
        self._working.discard(key)
        if key in self._again:
            self._again.discard(key)
            self.add(key)
        if self._ready:
            self._news.set()

    def _wake_the_due(self) -> None:
        now = self._clock()
        while self._later and self._later[0][0] <= now:
            due, _, key = heapq.heappop(self._later)
            if self._due.get(key) == due:
                self.add(key)
