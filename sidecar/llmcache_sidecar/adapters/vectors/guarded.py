"""A deadline and a circuit breaker around a vector store: a search may never make a request wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import TypeVar

from ...domain.ids import EntryId
from ...domain.purge import PurgeRecord
from ...domain.vectors import EmbeddingModel, Neighbour, PartitionId, Vector, VectorPoint
from ...ports.clock import Clock, SystemClock
from ...ports.vector_store import VectorStore, VectorStoreError
from ..breaker import Breaker, BreakerState
from ..idle_probe import IdleProbe
from ..observing import Reason
from .observing import SilentVectors, VectorObserver, VectorOperation

_T = TypeVar("_T")


class GuardedVectorStore:
    """A `VectorStore` whose `search` never raises and never takes longer than its deadline.

    Everything else raises `VectorStoreError` as the port says, after a longer deadline. Writes have
    a breaker of their own: a store that is full refuses writes and still finds things. While the
    circuit of searches is open and nobody asks, the search that failed last is asked again now and
    then.

    Attributes:
        deadline_s: seconds for a search; another value holds from the next one on.
    """

    def __init__(
        self,
        inner: VectorStore,
        deadline_s: float = 0.05,
        breaker: Breaker | None = None,
        *,
        write_breaker: Breaker | None = None,
        slow_deadline_s: float = 5.0,
        work_deadline_s: float = 60.0,
        clock: Clock | None = None,
        observer: VectorObserver | None = None,
    ) -> None:
        """Guard `inner`.

        Args:
            deadline_s: seconds for a search, waiting for a connection included.
            slow_deadline_s: seconds for writes, deletions by id, counts and checks.
            work_deadline_s: seconds for what may touch every point: opening, purging, sweeping.
            observer: told of every call that came to nothing.
        """
        self._inner = inner
        self.deadline_s = deadline_s
        self._slow_deadline = slow_deadline_s
        self._work_deadline = work_deadline_s
        self._reads = breaker or Breaker()
        self._writes = write_breaker or Breaker()
        self._monotonic = (clock or SystemClock()).monotonic
        self._count = (observer or SilentVectors()).count
        self._probe = IdleProbe(self._reads, self._monotonic)

    @property
    def state(self) -> BreakerState:
        """Of the breaker for `search`."""
        return self._reads.state

    @property
    def write_state(self) -> BreakerState:
        """Of the breaker for `put_many`."""
        return self._writes.state

    async def open(self, model: EmbeddingModel) -> None:
        """See `VectorStore`."""
        await self._bounded(VectorOperation.OPEN, self._inner.open(model), self._work_deadline)

    async def search(
        self, partition: PartitionId, vector: Vector, limit: int, now: float
    ) -> list[Neighbour]:
        """The nearest; nothing when the store is in trouble (counted by reason)."""
        permit = self._reads.enter(self._monotonic())
        if permit is None:
            self._count(VectorOperation.SEARCH, Reason.CIRCUIT_OPEN)
            return []
        try:
            async with asyncio.timeout(self.deadline_s):
                found = await self._inner.search(partition, vector, limit, now)
        except TimeoutError:
            reason = Reason.DEADLINE
        except VectorStoreError:
            reason = Reason.STORE_ERROR
        except Exception:
            reason = Reason.DEFECT
        except BaseException:
            self._reads.abandoned(permit)
            raise
        else:
            self._reads.succeeded(permit)
            return found
        self._reads.failed(permit, self._monotonic())
        self._count(VectorOperation.SEARCH, reason)
        self._probe.failed(lambda: self.search(partition, vector, limit, now))
        return []

    async def put_many(self, points: Sequence[VectorPoint]) -> int:
        """See `VectorStore`; raises `VectorStoreError` at once while the circuit is open."""
        permit = self._writes.enter(self._monotonic())
        if permit is None:
            self._count(VectorOperation.PUT, Reason.CIRCUIT_OPEN)
            raise VectorStoreError("writes are paused after repeated failures of the vector store")
        try:
            stored = await self._bounded(
                VectorOperation.PUT, self._inner.put_many(points), self._slow_deadline
            )
        except VectorStoreError:
            self._writes.failed(permit, self._monotonic())
            raise
        except BaseException:
            self._writes.abandoned(permit)
            raise
        self._writes.succeeded(permit)
        return stored

    async def delete(self, ids: Sequence[EntryId]) -> None:
        """See `VectorStore`."""
        call = self._inner.delete(ids)
        await self._bounded(VectorOperation.DELETE, call, self._slow_deadline)

    async def forget(self, record: PurgeRecord) -> None:
        """See `VectorStore`."""
        call = self._inner.forget(record)
        await self._bounded(VectorOperation.FORGET, call, self._work_deadline)

    async def sweep(self, now: float) -> int:
        """See `VectorStore`."""
        call = self._inner.sweep(now)
        return await self._bounded(VectorOperation.SWEEP, call, self._work_deadline)

    async def count(self) -> int:
        """See `VectorStore`."""
        call = self._inner.count()
        return await self._bounded(VectorOperation.COUNT, call, self._slow_deadline)

    async def check(self) -> None:
        """See `VectorStore`; asks the store itself, whatever the breakers say."""
        await self._bounded(VectorOperation.CHECK, self._inner.check(), self._slow_deadline)

    async def aclose(self) -> None:
        """Release the inner store's connections."""
        await self._probe.aclose()
        await self._inner.aclose()

    async def _bounded(
        self, operation: VectorOperation, call: Awaitable[_T], deadline_s: float
    ) -> _T:
        try:
            async with asyncio.timeout(deadline_s):
                return await call
        except TimeoutError:
            self._count(operation, Reason.DEADLINE)
            raise VectorStoreError(
                f"the vector store did not answer within {deadline_s:g} s"
            ) from None
        except VectorStoreError:
            self._count(operation, Reason.STORE_ERROR)
            raise
