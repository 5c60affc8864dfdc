"""Points out of the store again: those whose entry is gone, those that a purge names, expired ones.

None of it is needed for a right answer (an entry that may not be served is not, whatever points to
it); it keeps the store small, and what was purged out of it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from typing import Final

from ...domain.ids import EntryId
from ...domain.purge import PurgeRecord
from ...domain.vectors import VectorPoint
from ...ports.clock import Clock
from ...ports.vector_store import VectorStore, VectorStoreError
from .write_queue import VectorWriteQueue

_SWEEP_EVERY_S: Final = 60.0
_RETRY_S: Final = 2.0
_MOST_IDS: Final = 10_000
_MOST_RECORDS: Final = 1_000
_BATCH: Final = 256


class Upkeep:
    """Implements `ports.vector_store.PointWriter` over a queue for what goes in and a task for what
    goes out. Removals that fail are tried again; too many of them push out the oldest."""

    def __init__(
        self,
        store: VectorStore,
        queue: VectorWriteQueue,
        clock: Clock,
        *,
        sweep_every_s: float = _SWEEP_EVERY_S,
    ) -> None:
        """Look after `store`, whose writes wait in `queue`.

        Args:
            sweep_every_s: seconds between two sweeps, whatever else is to be removed.
        """
        self._sweep_every = sweep_every_s
        self._store = store
        self._queue = queue
        self._clock = clock
        self._ids: deque[EntryId] = deque(maxlen=_MOST_IDS)
        self._records: deque[PurgeRecord] = deque(maxlen=_MOST_RECORDS)
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def pending(self) -> int:
        """Removals that wait."""
        return len(self._ids) + len(self._records)

    def start(self) -> None:
        """Begin; call inside the running event loop."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="llmcache-vectors-upkeep")

    def offer(self, point: VectorPoint) -> bool:
        """See `ports.vector_store.PointWriter`."""
        return self._queue.offer(point)

    def drop(self, ids: Sequence[EntryId]) -> None:
        """See `ports.vector_store.PointWriter`."""
        self._ids.extend(ids)
        self._wake.set()

    def forget(self, record: PurgeRecord) -> None:
        """See `ports.vector_store.PointWriter`."""
        self._records.append(record)
        self._wake.set()

    async def aclose(self) -> None:
        """Stop. Idempotent."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        swept = self._clock.monotonic()
        while True:
            left = swept + self._sweep_every - self._clock.monotonic()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, left)):
                    await self._wake.wait()
            self._wake.clear()
            due = self._clock.monotonic() - swept >= self._sweep_every
            if due:
                swept = self._clock.monotonic()
            if not self._queue.is_open:
                continue  # what is pending goes once it is
            try:
                if due:
                    await self._store.sweep(self._clock.time())
                await self._remove()
            except VectorStoreError:
                await asyncio.sleep(_RETRY_S)
                if self.pending:
                    self._wake.set()

    async def _remove(self) -> None:
        while self._records:
            record = self._records[0]
            await self._store.forget(record)
            if self._records and self._records[0] is record:
                self._records.popleft()
        while self._ids:
            ids = [self._ids.popleft() for _ in range(min(_BATCH, len(self._ids)))]
            try:
                await self._store.delete(ids)
            except BaseException:
                self._ids.extendleft(reversed(ids))
                raise
