"""Vectors in this process, for a laptop, a single replica or a test."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from sys import getsizeof, intern
from typing import Final

import numpy as np

from ...domain.ids import EntryId, ExactKey, TenantId
from ...domain.purge import LogPosition, PurgeRecord, PurgeScope
from ...domain.vectors import EmbeddingModel, Neighbour, PartitionId, Vector, VectorPoint
from ...ports.turns import Turns
from ...ports.vector_store import VectorStoreError, WrongDimensions
from .blocks import Encoded, Rows
from .partition import Partition
from .scanning import Scan, begin, scan, work
from .sign_bits import Matrix, SignBits

DEFAULT_FLOOR: Final = 0.5

_KEY_BYTES: Final = 32
# The places in the index and the partition's list, and the objects of fixed size that a point
# consists of, as measured (test_memory_vectors.py).
_POINT_BYTES: Final = 360
_PARTITION_BYTES: Final = 750
_INLINE: Final = 1_400_000
"""Numbers that are read on the event loop: two thirds of a millisecond, about 10,000 points. The way to
a thread and back is no shorter, and on a busy machine many times as long (docs/vectors.md)."""

_PUT_SLICE: Final = 16
_WALK_SLICE: Final = 512


class _Held:
    """What is kept beside a vector. `record` is the key and then the payload."""

    __slots__ = (
        "created_at", "expires_at", "home", "id", "model", "position", "record", "row", "tags",
        "tenant",
    )  # fmt: skip

    def __init__(self, point: VectorPoint, home: _Home) -> None:
        self.id = point.id
        self.home = home
        self.row = -1
        self.tenant = TenantId(intern(point.tenant))
        self.model = intern(point.model)
        self.created_at = point.created_at
        self.expires_at = point.expires_at
        self.position: LogPosition = point.position
        self.tags = point.tags
        self.record = point.key + point.payload

    @property
    def nbytes(self) -> int:
        return (
            _POINT_BYTES
            + getsizeof(self.id)
            + getsizeof(self.record)
            + (getsizeof(self.tags) + sum(map(getsizeof, self.tags)) if self.tags else 0)
        )

    def neighbour(self, similarity: float) -> Neighbour:
        key, payload = ExactKey(self.record[:_KEY_BYTES]), self.record[_KEY_BYTES:]
        return Neighbour(self.id, key, similarity, self.created_at, self.expires_at, payload)


class _Home(Partition[_Held]):
    """A partition that knows its name."""

    __slots__ = ("name",)

    def __init__(self, name: PartitionId, dimensions: int) -> None:
        super().__init__(dimensions)
        self.name = name


class _Collection:
    """The points of one model, the least recently used first."""

    def __init__(self, model: EmbeddingModel, rng: np.random.Generator) -> None:
        self.dimensions = model.dimensions
        self.sketch = SignBits(model.dimensions, rng)
        self.homes: dict[PartitionId, _Home] = {}
        self.points: OrderedDict[EntryId, _Held] = OrderedDict()

    def add(self, point: VectorPoint, encoded: Encoded, at: int) -> int:
        """Store; how many bytes that takes."""
        home = self.homes.get(point.partition)
        before = 0
        if home is None:
            home = self.homes[point.partition] = _Home(point.partition, self.dimensions)
        else:
            before = home.nbytes + _PARTITION_BYTES
        bits = self.sketch.of(point.vector[np.newaxis])[:, 0] if home.wants_bits else None
        held = _Held(point, home)
        held.row = home.append(held, encoded, at, point.expires_at, bits)
        home.sketch_one(self.sketch)
        self.points[point.id] = held
        return home.nbytes + _PARTITION_BYTES - before + held.nbytes

    def remove(self, held: _Held) -> int:
        """Remove; how many bytes that frees."""
        home = held.home
        before = home.nbytes
        moved = home.remove(held.row)
        if moved is not None:
            moved.row = held.row
        del self.points[held.id]
        freed = held.nbytes + before
        if home.items:
            return freed - home.nbytes
        del self.homes[home.name]
        return freed + _PARTITION_BYTES


class MemoryVectorStore:
    """A `VectorStore` bounded in bytes: the least recently used point leaves first.

    Points of a model that is not in use leave before those of the one that is. A search through few
    points runs at once, on the event loop; through many, in a thread of the store's own. One event
    loop only.

    Attributes:
        max_bytes: the bound, over vectors, payloads and the store's own bookkeeping.
        bytes: the sum now.
    """

    def __init__(
        self,
        max_bytes: int,
        *,
        floor: float = DEFAULT_FLOOR,
        rng: np.random.Generator | None = None,
        turns: Turns | None = None,
    ) -> None:
        """Hold at most `max_bytes`.

        Args:
            floor: in partitions of more than 1,024 points, neighbours below this cosine may be left
                out. Below the lowest threshold at which anything is served, that costs nothing.
            rng: for the planes of the sketches; default: one that nobody can foresee.
            turns: of those who hold the event loop.
        """
        self.max_bytes = max_bytes
        self.bytes = 0
        self._floor = floor
        self._rng = rng or np.random.default_rng()
        self._turns = turns or Turns()
        self._collections: OrderedDict[str, _Collection] = OrderedDict()
        self._executor: ThreadPoolExecutor | None = None

    def __len__(self) -> int:
        return sum(len(collection.points) for collection in self._collections.values())

    @property
    def partitions(self) -> int:
        """How many partitions hold points, over all models."""
        return sum(len(collection.homes) for collection in self._collections.values())

    async def open(self, model: EmbeddingModel) -> None:
        """See `VectorStore`."""
        known = self._collections.get(model.identity)
        if known is None:
            # Planes and limits take some ten milliseconds.
            made = await asyncio.to_thread(_Collection, model, self._rng)
            known = self._collections.setdefault(model.identity, made)
        if known.dimensions != model.dimensions:
            raise WrongDimensions(
                f"model {model.name} ({model.identity}) makes vectors of {model.dimensions} "
                f"dimensions, and those in memory have {known.dimensions}"
            )
        self._collections.move_to_end(model.identity)

    async def search(
        self, partition: PartitionId, vector: Vector, limit: int, now: float
    ) -> list[Neighbour]:
        """See `VectorStore`; nearest of all, but for one in a million in large partitions."""
        collection = self._current()
        query = _checked(vector[np.newaxis], collection.dimensions)[0]
        home = collection.homes.get(partition)
        if home is None or limit < 1:
            return []
        snapshot, mark = home.snapshot()
        arguments = (snapshot, query, collection.sketch, limit, now, self._floor)
        try:
            if work(len(home), collection.dimensions) <= _INLINE:
                rows, scores = await self._here(begin(*arguments))
            else:
                loop = asyncio.get_running_loop()
                rows, scores = await loop.run_in_executor(self._threads(), scan, *arguments)
            found = home.finish(rows, scores, mark, query, limit, now)
        finally:
            home.leave()
        for held, _ in reversed(found):
            collection.points.move_to_end(held.id)
        return [held.neighbour(similarity) for held, similarity in found]

    async def _here(self, scan: Scan) -> tuple[Rows, Matrix]:
        """On the event loop, in pieces: what is due comes in between."""
        await self._turns.next(begun=True)
        while True:
            try:
                next(scan)
            except StopIteration as end:
                found: tuple[Rows, Matrix] = end.value
                return found
            await self._turns.pause()

    def put_now(self, points: Sequence[VectorPoint]) -> int:
        """The same as `put_many`, at once: about 0.02 ms a point."""
        collection = self._current()
        if not points:
            return 0
        for point in points:
            if len(point.key) != _KEY_BYTES:
                raise VectorStoreError(f"a key has {_KEY_BYTES} bytes, not {len(point.key)}")
        vectors = _checked(np.stack([point.vector for point in points]), collection.dimensions)
        encoded = Encoded(vectors)
        fitted = 0
        for at, point in enumerate(points):
            if (old := collection.points.get(point.id)) is not None:
                self.bytes -= collection.remove(old)
            self.bytes += collection.add(point, encoded, at)
            self._make_room()
            fitted += point.id in collection.points
        return fitted

    async def put_many(self, points: Sequence[VectorPoint]) -> int:
        """See `VectorStore`; lets others run between slices."""
        fitted = self.put_now(points[:_PUT_SLICE])
        for start in range(_PUT_SLICE, len(points), _PUT_SLICE):
            await asyncio.sleep(0)
            fitted += self.put_now(points[start : start + _PUT_SLICE])
        return fitted

    async def delete(self, ids: Sequence[EntryId]) -> None:
        """See `VectorStore`; of every model."""
        for entry_id in ids:
            for collection in self._collections.values():
                if (held := collection.points.get(entry_id)) is not None:
                    self.bytes -= collection.remove(held)

    async def forget(self, record: PurgeRecord) -> None:
        """See `VectorStore`; of every model."""
        named = _naming(record)
        before = record.position
        await self._remove_where(lambda held: held.position < before and named(held))

    async def sweep(self, now: float) -> int:
        """See `VectorStore`; of every model."""
        return await self._remove_where(lambda held: held.expires_at <= now)

    async def count(self) -> int:
        """See `VectorStore`."""
        return len(self._current().points)

    async def check(self) -> None:
        """Always well."""

    async def aclose(self) -> None:
        """End the thread; the points stay until the store is dropped."""
        executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=False, cancel_futures=True)

    def _current(self) -> _Collection:
        if not self._collections:
            raise VectorStoreError("no embedding model has been opened yet")
        return self._collections[next(reversed(self._collections))]

    def _threads(self) -> ThreadPoolExecutor:
        if self._executor is None:
            self._executor = ThreadPoolExecutor(1, thread_name_prefix="llmcache-vectors")
        return self._executor

    def _make_room(self) -> None:
        while self.bytes > self.max_bytes:
            for collection in self._collections.values():
                if collection.points:
                    oldest = next(iter(collection.points.values()))
                    self.bytes -= collection.remove(oldest)
                    break

    async def _remove_where(self, goes: Callable[[_Held], bool]) -> int:
        removed = 0
        for collection in list(self._collections.values()):
            for some in _slices(list(collection.points.values())):
                for held in some:
                    if goes(held) and collection.points.get(held.id) is held:
                        self.bytes -= collection.remove(held)
                        removed += 1
                await asyncio.sleep(0)
        return removed


def _slices(all_of_them: list[_Held]) -> Iterator[list[_Held]]:
    walk = iter(all_of_them)
    while some := list(islice(walk, _WALK_SLICE)):
        yield some


def _naming(record: PurgeRecord) -> Callable[[_Held], bool]:
    value = record.purge.value
    match record.purge.scope:
        case PurgeScope.ENTRY:
            return lambda held: held.id == value
        case PurgeScope.TAG:
            return lambda held: value in held.tags
        case PurgeScope.TENANT:
            return lambda held: held.tenant == value
        case PurgeScope.MODEL:
            return lambda held: held.model == value
        case PurgeScope.ALL:
            return lambda held: True


def _checked(vectors: Matrix, dimensions: int) -> Matrix:
    if vectors.shape[1:] != (dimensions,):
        raise WrongDimensions(
            f"the collection holds vectors of {dimensions} dimensions, not of {vectors.shape[1:]}"
        )
    return vectors.astype(np.float32, copy=False)
