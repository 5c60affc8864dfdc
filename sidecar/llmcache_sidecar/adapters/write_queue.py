"""Writes to a store, off the client's path."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

from ..domain.entry import Entry
from ..ports.exact_store import ExactStore, StoreError
from .fair_lanes import FairLanes
from .footprint import footprint
from .observing import Operation, Reason, Silent, StoreObserver

_T = TypeVar("_T")

_MIB: Final = 1024 * 1024


class BoundedQueue(Generic[_T]):
    """A bounded queue in front of something that writes in batches.

    Under pressure it drops, and counts: what is offered, or, where another owner has more waiting, the
    newest of theirs, so that one owner's flood costs the others nothing. Owners are written in turns.
    What the store refuses is lost and counted, never tried again: the next miss writes it anew, and a
    queue that retries fills up just when the store is down.

    Attributes:
        bytes: of the items that wait or are on their way, by their footprint in memory.
        max_bytes: their bound; another value holds from the next offer on.
    """

    def __init__(
        self,
        write: Callable[[list[_T]], Awaitable[int]],
        footprint: Callable[[_T], int],
        owner: Callable[[_T], str],
        trouble: type[Exception],
        count: Callable[[Reason, int], None],
        *,
        max_entries: int,
        max_bytes: int,
        batch_entries: int,
        batch_bytes: int,
        deadline_s: float,
    ) -> None:
        """Queue for `write`, which tells how many of a batch fitted.

        Args:
            footprint: bytes of an item in memory.
            owner: whose an item is.
            trouble: what `write` raises when the store is in trouble.
            count: told why items were lost, and how many.
            max_entries, max_bytes: the bounds of the queue, the batch on its way included.
            batch_entries, batch_bytes: the most that one call takes (one item always may).
            deadline_s: seconds for a batch; after that it is given up.
        """
        self._put = write
        self._footprint = footprint
        self._owner = owner
        self._trouble = trouble
        self._count = count
        self._max_entries = max_entries
        self.max_bytes = max_bytes
        self._batch_entries = batch_entries
        self._batch_bytes = batch_bytes
        self._deadline = deadline_s
        self._waiting: FairLanes[_T] = FairLanes()
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

    def offer(self, entry: _T) -> bool:
        """Take `entry` for writing, or drop it; call inside the running event loop."""
        nbytes = self._footprint(entry)
        if self._closed:
            self._count(Reason.QUEUE_CLOSED, 1)
            return False
        owner = self._owner(entry)
        while self.entries >= self._max_entries or self.bytes + nbytes > self.max_bytes:
            self._count(Reason.QUEUE_FULL, 1)
            freed = self._waiting.make_room(owner, nbytes)
            if not freed:
                return False
            self.bytes -= freed
        self._waiting.put(owner, entry, nbytes)
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
            self._count(Reason.QUEUE_CLOSED, len(self._waiting))
            self.bytes -= self._waiting.bytes
            self._waiting.clear()
        self._idle.set()

    def _keep_working(self) -> None:
        """Start the worker, or start it again should anything have ended it."""
        if self._worker is None:
            self._worker = asyncio.create_task(self._work(), name="llmcache-write-queue")
        elif self._worker.done():
            self._count(Reason.WORKER_RESTARTED, 1)
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

    def _take(self) -> tuple[list[_T], int]:
        batch: list[_T] = []
        total = 0
        while self._waiting and len(batch) < self._batch_entries:
            if batch and total + self._waiting.peek() > self._batch_bytes:
                break
            entry, nbytes = self._waiting.take()
            batch.append(entry)
            total += nbytes
        return batch, total

    async def _write(self, batch: list[_T]) -> None:
        try:
            async with asyncio.timeout(self._deadline):
                stored = await self._put(batch)
        except TimeoutError:
            self._count(Reason.DEADLINE, len(batch))
        except self._trouble:
            self._count(Reason.STORE_ERROR, len(batch))
        except asyncio.CancelledError:
            self._count(Reason.QUEUE_CLOSED, len(batch))
            raise
        except Exception:
            self._count(Reason.DEFECT, len(batch))
        else:
            if stored < len(batch):
                self._count(Reason.TOO_LARGE, len(batch) - stored)


class WriteQueue(BoundedQueue[Entry]):
    """A bounded queue in front of `ExactStore.put_many`."""

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
        """Queue for `store`; see `BoundedQueue` for the bounds."""
        count = (observer or Silent()).count
        super().__init__(
            store.put_many,
            footprint,
            lambda entry: entry.meta.tenant,
            StoreError,
            lambda reason, amount: count(Operation.PUT, reason, amount),
            max_entries=max_entries,
            max_bytes=max_bytes,
            batch_entries=batch_entries,
            batch_bytes=batch_bytes,
            deadline_s=deadline_s,
        )
