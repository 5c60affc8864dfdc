"""A memory store that can be made to misbehave in every way that the port forbids or allows."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

from llmcache_sidecar.adapters.observing import Reason
from llmcache_sidecar.adapters.vectors.memory import MemoryVectorStore
from llmcache_sidecar.adapters.vectors.observing import VectorOperation
from llmcache_sidecar.domain.vectors import (
    EmbeddingModel,
    Neighbour,
    PartitionId,
    Vector,
    VectorPoint,
)


class Faulty(MemoryVectorStore):
    """Raises `trouble` or hangs until told otherwise."""

    def __init__(self) -> None:
        super().__init__(1 << 24)
        self.trouble: BaseException | None = None
        self.hanging = False
        self.opened = 0
        self.batches: list[int] = []

    async def open(self, model: EmbeddingModel) -> None:
        self.opened += 1
        await self._misbehave()
        await super().open(model)

    async def search(
        self, partition: PartitionId, vector: Vector, limit: int, now: float
    ) -> list[Neighbour]:
        await self._misbehave()
        return await super().search(partition, vector, limit, now)

    async def put_many(self, points: Sequence[VectorPoint]) -> int:
        self.batches.append(len(points))
        await self._misbehave()
        return await super().put_many(points)

    async def _misbehave(self) -> None:
        if self.hanging:
            await asyncio.sleep(3600)
        if self.trouble is not None:
            raise self.trouble


class VectorTally:
    """Keeps the sums."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[VectorOperation, Reason]] = Counter()

    def count(self, operation: VectorOperation, reason: Reason, amount: int = 1) -> None:
        self.counts[operation, reason] += amount
