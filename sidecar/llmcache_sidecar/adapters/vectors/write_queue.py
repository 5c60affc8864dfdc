"""Points on their way to the store, and the way to a store that is not there yet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from random import random
from sys import getsizeof
from typing import Final

from ...domain.vectors import EmbeddingModel, VectorPoint
from ...ports.vector_store import VectorStore, VectorStoreError
from ..observing import Reason
from ..write_queue import BoundedQueue
from .observing import SilentVectors, VectorObserver, VectorOperation

_MIB: Final = 1024 * 1024
_FIXED: Final = 600
_FIRST_PAUSE_S: Final = 0.25
_LONGEST_PAUSE_S: Final = 5.0


class VectorWriteQueue(BoundedQueue[VectorPoint]):
    """A bounded queue in front of `VectorStore.put_many`, which also opens the store.

    A store that can't be opened is tried again, with growing pauses, for as long as the queue
    lives; a batch that comes meanwhile waits no longer than its deadline. One queue serves one
    model: another model gets a store and a queue of its own, so that vectors of two models can't
    meet on the way.

    Attributes:
        trouble: why the store could not be opened the last time; None before and after that.
    """

    def __init__(
        self,
        store: VectorStore,
        max_points: int = 4096,
        max_bytes: int = 32 * _MIB,
        *,
        batch_points: int = 64,
        deadline_s: float = 5.0,
        observer: VectorObserver | None = None,
        jitter: Callable[[], float] = random,
    ) -> None:
        """Queue for `store`.

        Args:
            max_points, max_bytes: the bounds of the queue, the batch on its way included.
            batch_points: the most that one `put_many` takes.
            deadline_s: seconds for a batch, waiting for the store to open included.
            jitter: draws from 0 to 1; pauses are shortened by up to half of themselves.
        """
        self._store = store
        self._jitter = jitter
        self._opening: asyncio.Task[None] | None = None
        self._opened = asyncio.Event()
        self.trouble: str | None = None
        count = (observer or SilentVectors()).count
        self._tell = count
        super().__init__(
            self._put_when_open,
            point_footprint,
            lambda point: point.tenant,
            VectorStoreError,
            lambda reason, amount: count(VectorOperation.PUT, reason, amount),
            max_entries=max_points,
            max_bytes=max_bytes,
            batch_entries=batch_points,
            batch_bytes=max_bytes,
            deadline_s=deadline_s,
        )

    @property
    def is_open(self) -> bool:
        """Whether the store has been opened."""
        return self._opened.is_set()

    def start(self, model: EmbeddingModel) -> None:
        """Begin to open the store for `model`; returns at once. Call inside the event loop."""
        if self._opening is None and not self._closed:
            self._opening = asyncio.create_task(self._open(model), name="llmcache-vectors-open")

    async def aclose(self, deadline_s: float = 1.0) -> None:
        """See `BoundedQueue`; gives up opening too."""
        if not self.is_open:
            deadline_s = 0.0  # what waits for a store that is not there has nothing to wait for
        await super().aclose(deadline_s)
        opening, self._opening = self._opening, None
        if opening is not None and not opening.done():
            opening.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.wait([opening], timeout=1.0)

    async def _put_when_open(self, points: list[VectorPoint]) -> int:
        await self._opened.wait()
        return await self._store.put_many(points)

    async def _open(self, model: EmbeddingModel) -> None:
        pause = _FIRST_PAUSE_S
        while True:
            try:
                await self._store.open(model)
            except VectorStoreError as error:
                self.trouble = str(error)
            except Exception as error:
                self.trouble = f"unexpected {type(error).__name__}"
                self._tell(VectorOperation.OPEN, Reason.DEFECT)
            else:
                self.trouble = None
                self._opened.set()
                return
            await asyncio.sleep(pause * (1.0 - 0.5 * self._jitter()))
            pause = min(2 * pause, _LONGEST_PAUSE_S)


def point_footprint(point: VectorPoint) -> int:
    """Bytes of the Python objects that a point consists of."""
    return (
        _FIXED
        + int(point.vector.nbytes)
        + getsizeof(point.payload)
        + sum(map(getsizeof, point.tags))
    )
