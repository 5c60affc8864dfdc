"""Where vectors live, found by nearness inside a partition."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

from ..domain.ids import EntryId
from ..domain.purge import PurgeRecord
from ..domain.vectors import EmbeddingModel, Neighbour, PartitionId, Vector, VectorPoint


class VectorStoreError(Exception):
    """The store could not do what was asked; the message says why and what to check."""


class WrongDimensions(VectorStoreError):
    """The collection holds vectors of another length; the message names both."""


class VectorStore(Protocol):
    """Points of one embedding model, one at most for an entry.

    Every method may raise `VectorStoreError` and nothing else for trouble with the store. Deadlines
    and circuit breaking are the caller's business; coroutines yield to cancellation.
    """

    async def open(self, model: EmbeddingModel) -> None:
        """Make the collection of `model` where it is missing, and use it from now on. Idempotent.

        Raises:
            WrongDimensions: what is there has vectors of another length.
        """
        ...

    async def search(
        self, partition: PartitionId, vector: Vector, limit: int, now: float
    ) -> list[Neighbour]:
        """The nearest points of `partition` that have not expired at `now` (Unix time), nearest
        first, `limit` at most."""
        ...

    async def put_many(self, points: Sequence[VectorPoint]) -> int:
        """Store points, replacing those with the same id; how many fitted."""
        ...

    async def delete(self, ids: Sequence[EntryId]) -> None:
        """Remove these points; those that are not there are no error."""
        ...

    async def forget(self, record: PurgeRecord) -> None:
        """Remove every point that `record` names and whose position lies before the record's."""
        ...

    async def sweep(self, now: float) -> int:
        """Remove expired points; how many, where the store can tell, else 0."""
        ...

    async def count(self) -> int:
        """Points in the collection (about: servers may count late)."""
        ...

    async def check(self) -> None:
        """Raise `VectorStoreError` unless the store answers now."""
        ...

    async def aclose(self) -> None:
        """Release connections. Idempotent."""
        ...


class VectorSearch(Protocol):
    """A vector store behind a deadline, for the request path."""

    async def search(
        self,
        partition: PartitionId,
        vector: Vector,
        limit: int,
        now: float,
        *,
        within: float = math.inf,
    ) -> list[Neighbour]:
        """See `VectorStore`; nothing too when the store is in trouble or slow (counted).

        Args:
            within: seconds that the request has left, where those are fewer than the deadline.
        """
        ...


class PointWriter(Protocol):
    """Takes what is to be written to the vector store, off the client's path. Never waits."""

    def offer(self, point: VectorPoint) -> bool:
        """Take `point`; False when the queue is full."""
        ...

    def drop(self, ids: Sequence[EntryId]) -> None:
        """Remove these points sometime soon."""
        ...

    def forget(self, record: PurgeRecord) -> None:
        """Remove what `record` names sometime soon."""
        ...
