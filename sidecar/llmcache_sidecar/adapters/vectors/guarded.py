"""A deadline and a circuit breaker around a vector store: a search may never make a request wait."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

from ...domain.ids import EntryId
from ...domain.purge import PurgeRecord
from ...domain.vectors import EmbeddingModel, Neighbour, PartitionId, Vector, VectorPoint
from ...ports.clock import Clock, SystemClock
from ...ports.vector_store import VectorStore, VectorStoreError
from ..breaker import Breaker, BreakerState
from ..guarding import Guard
from .observing import SilentVectors, VectorObserver, VectorOperation


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
        monotonic = (clock or SystemClock()).monotonic
        count = (observer or SilentVectors()).count
        self._reads = Guard[VectorOperation](
            "the vector store", "reads", VectorStoreError, breaker or Breaker(), monotonic, count
        )
        self._writes = Guard[VectorOperation](
            "the vector store",
            "writes",
            VectorStoreError,
            write_breaker or Breaker(),
            monotonic,
            count,
        )

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
        call = partial(self._inner.open, model)
        await self._reads.within(VectorOperation.OPEN, call, self._work_deadline)

    async def search(
        self,
        partition: PartitionId,
        vector: Vector,
        limit: int,
        now: float,
        *,
        within: float = math.inf,
    ) -> list[Neighbour]:
        """The nearest; nothing when the store is in trouble (counted by reason). With less than half
        of its deadline left, what it can't do is no sign of trouble."""
        call = partial(self._inner.search, partition, vector, limit, now)
        again = partial(self.search, partition, vector, limit, now)
        return await self._reads.ask(
            VectorOperation.SEARCH,
            call,
            min(self.deadline_s, max(0.0, within)),
            [],
            again,
            fair=within >= self.deadline_s / 2,
        )

    async def put_many(self, points: Sequence[VectorPoint]) -> int:
        """See `VectorStore`; raises `VectorStoreError` at once while the circuit is open."""
        call = partial(self._inner.put_many, points)
        return await self._writes.do(VectorOperation.PUT, call, self._slow_deadline)

    async def delete(self, ids: Sequence[EntryId]) -> None:
        """See `VectorStore`."""
        call = partial(self._inner.delete, ids)
        await self._writes.within(VectorOperation.DELETE, call, self._slow_deadline)

    async def forget(self, record: PurgeRecord) -> None:
        """See `VectorStore`."""
        call = partial(self._inner.forget, record)
        await self._writes.within(VectorOperation.FORGET, call, self._work_deadline)

    async def sweep(self, now: float) -> int:
        """See `VectorStore`."""
        call = partial(self._inner.sweep, now)
        return await self._writes.within(VectorOperation.SWEEP, call, self._work_deadline)

    async def count(self) -> int:
        """See `VectorStore`."""
        call = self._inner.count
        return await self._reads.within(VectorOperation.COUNT, call, self._slow_deadline)

    async def check(self) -> None:
        """See `VectorStore`; asks the store itself, whatever the breakers say."""
        await self._reads.within(VectorOperation.CHECK, self._inner.check, self._slow_deadline)

    async def aclose(self) -> None:
        """Release the inner store's connections."""
        await self._reads.aclose()
        await self._inner.aclose()
