"""Writes to the store, off the client's path."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from ..domain.entry import Entry
from ..ports.exact_store import ExactStore, StoreError
from .footprint import footprint
from .observing import Operation, Reason, Silent, StoreObserver

_MIB: Final = 1024 * 1024


class WriteQueue:
    """A bounded queue in front of `ExactStore.put_many`.

    Under pressure it drops what is offered, and counts it. What the store refuses is lost and
    counted, never tried again: the next miss writes it anew, and a queue that retries fills up just
    when the store is down.

    Attributes:
        bytes: of the entries that wait or are on their way, by their footprint in memory.
    """

    def __init__(
        self,
        store: ExactStore,
        max_entries: int = 1024,
        max_bytes: int = 64 * _MIB,
        *,
        batch_entries: int = 64,
        batch_bytes: int = 4 * _MIB,
        deadline_s: float = 2.0,
        observer: StoreObserver | None = None,
    ) -> None:
        """Queue for `store`.

        Args:
            max_entries, max_bytes: the bounds of the queue, the batch on its way included.
            batch_entries, batch_bytes: the most that one `put_many` takes (one entry always may).
            deadline_s: seconds for a batch; after that it is given up.
        """
        self._store = store
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._batch_entries = batch_entries
        self._batch_bytes = batch_bytes
        self._deadline = deadline_s
        self._count = (observer or Silent()).count
        self._waiting: deque[tuple[Entry, int]] = deque()
        self._under_way = 0
        self.bytes = 0
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._worker: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def entries(self) -> int:
        """How many wait or are on their way."""
        return len(self._waiting) + self._under_way

    def offer(self, entry: Entry) -> bool:
        """Take `entry` for writing, or drop it; call inside the running event loop."""
        nbytes = footprint(entry)
        if self._closed:
            self._count(Operation.PUT, Reason.QUEUE_CLOSED)
            return False
        if self.entries >= self._max_entries or self.bytes + nbytes > self._max_bytes:
            self._count(Operation.PUT, Reason.QUEUE_FULL)
            return False
        self._waiting.append((entry, nbytes))
        self.bytes += nbytes
        self._idle.clear()
        self._wake.set()
        self._keep_working()
        return True

    async def flush(self, deadline_s: float) -> int:
        """Wait until everything is written or lost, at most `deadline_s` seconds; what is left."""
        if self.entries and not self._closed:
            self._keep_working()
        try:
            async with asyncio.timeout(deadline_s):
                await self._idle.wait()
        except TimeoutError:
            pass
        return self.entries

    async def aclose(self, deadline_s: float = 1.0) -> None:
        """Take nothing more, flush for up to `deadline_s` seconds, stop. Idempotent.

        The store stays open: it belongs to whoever made it.
        """
        if not self._closed and self.entries:
            self._keep_working()
        self._closed = True
        await self.flush(deadline_s)
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.cancel()
            await asyncio.wait([worker], timeout=1.0)
        if self._waiting:
            self._count(Operation.PUT, Reason.QUEUE_CLOSED, len(self._waiting))
            self.bytes -= sum(nbytes for _, nbytes in self._waiting)
            self._waiting.clear()
        self._idle.set()

    def _keep_working(self) -> None:
        """Start the worker, or start it again should anything have ended it."""
        if self._worker is None:
            self._worker = asyncio.create_task(self._work(), name="llmcache-write-queue")
        elif self._worker.done():
            self._count(Operation.PUT, Reason.WORKER_RESTARTED)
            if not self._worker.cancelled():
                self._worker.exception()  # seen, so that the loop does not report it
            self._worker = asyncio.create_task(self._work(), name="llmcache-write-queue")

    async def _work(self) -> None:
        while True:
            if not self._waiting:
                self._wake.clear()
                await self._wake.wait()
            batch, nbytes = self._take()
            self._under_way = len(batch)
            try:
                await self._write(batch)
            finally:
                self._under_way = 0
                self.bytes -= nbytes
                if not self._waiting:
                    self._idle.set()

    def _take(self) -> tuple[list[Entry], int]:
        batch: list[Entry] = []
        total = 0
        while self._waiting and len(batch) < self._batch_entries:
            entry, nbytes = self._waiting[0]
            if batch and total + nbytes > self._batch_bytes:
                break
            self._waiting.popleft()
            batch.append(entry)
            total += nbytes
        return batch, total

    async def _write(self, batch: list[Entry]) -> None:
        try:
            async with asyncio.timeout(self._deadline):
                stored = await self._store.put_many(batch)
        except TimeoutError:
            self._count(Operation.PUT, Reason.DEADLINE, len(batch))
        except StoreError:
            self._count(Operation.PUT, Reason.STORE_ERROR, len(batch))
        except asyncio.CancelledError:
            self._count(Operation.PUT, Reason.QUEUE_CLOSED, len(batch))
            raise
        except Exception:
            self._count(Operation.PUT, Reason.DEFECT, len(batch))
        else:
            if stored < len(batch):
                self._count(Operation.PUT, Reason.TOO_LARGE, len(batch) - stored)
