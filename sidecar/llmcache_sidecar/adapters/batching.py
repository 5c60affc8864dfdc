"""Look-ups of one moment share a round trip."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from ..ports.exact_store import StoreError

_K = TypeVar("_K")
_V = TypeVar("_V")


class Batcher(Generic[_K, _V]):
    """Collects the `get`s of one turn of the event loop and fetches them together.

    A batch belongs to nobody: who leaves early cancels only his own wait, and a batch that is slow
    or fails concerns only those who are in it; the next one is under way beside it. While
    `max_under_way` batches are, those who come wait and then leave together.
    """

    def __init__(
        self,
        fetch: Callable[[list[_K]], Awaitable[Sequence[_V | StoreError]]],
        *,
        max_keys: int = 32,
        max_under_way: int = 8,
        max_waiting: int = 4096,
    ) -> None:
        """Batch for `fetch`.

        Args:
            fetch: gives the values under some keys, in their order; raises `StoreError` if it has
                none of them.
            max_waiting: the most that may wait for a batch to begin.
        """
        self._fetch = fetch
        self._max_keys = max_keys
        self._max_under_way = max_under_way
        self._max_waiting = max_waiting
        self._waiting: deque[tuple[_K, asyncio.Future[_V]]] = deque()
        self._under_way: set[asyncio.Task[None]] = set()
        self._scheduled = False
        self._closed = False

    @property
    def idle(self) -> bool:
        """Whether nobody waits and nothing is under way."""
        return not self._waiting and not self._under_way

    async def get(self, key: _K) -> _V:
        """The value under `key`; raises `StoreError`."""
        if self._closed:
            raise StoreError("the store is closed")
        if len(self._waiting) >= self._max_waiting:
            self._forget_those_who_left()
            if len(self._waiting) >= self._max_waiting:
                raise StoreError("too many look-ups wait for the store")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_V] = loop.create_future()
        self._waiting.append((key, future))
        if not self._scheduled:
            self._scheduled = True
            loop.call_soon(self._start)
        return await future

    async def aclose(self) -> None:
        """End what is under way; those who wait get a `StoreError`."""
        self._closed = True
        for _, future in self._waiting:
            _fail(future, "the store is closed")
        self._waiting.clear()
        tasks = list(self._under_way)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _start(self) -> None:
        self._scheduled = False
        while self._waiting and len(self._under_way) < self._max_under_way:
            batch: list[tuple[_K, asyncio.Future[_V]]] = []
            while self._waiting and len(batch) < self._max_keys:
                key, future = self._waiting.popleft()
                if not future.done():
                    batch.append((key, future))
            if batch:
                task = asyncio.create_task(self._run(batch))
                self._under_way.add(task)
                task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if self._waiting and not self._closed:
            self._start()

    async def _run(self, batch: list[tuple[_K, asyncio.Future[_V]]]) -> None:
        try:
            values = await self._fetch([key for key, _ in batch])
        except StoreError as error:
            for _, future in batch:
                _fail(future, str(error))
        except BaseException as error:
            for _, future in batch:
                _fail(future, f"the look-up was ended by {type(error).__name__}")
            if not isinstance(error, Exception):
                raise
        else:
            for (_, future), value in zip(batch, values, strict=True):
                if isinstance(value, StoreError):
                    _fail(future, str(value))
                elif not future.done():
                    future.set_result(value)

    def _forget_those_who_left(self) -> None:
        still = [item for item in self._waiting if not item[1].done()]
        self._waiting.clear()
        self._waiting.extend(still)


def _fail(future: asyncio.Future[_V], message: str) -> None:
    """Each waiter gets an exception of its own: a shared one would collect their tracebacks."""
    if not future.done():
        future.set_exception(StoreError(message))
