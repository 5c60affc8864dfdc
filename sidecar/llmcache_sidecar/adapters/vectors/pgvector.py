"""Vectors in PostgreSQL with pgvector, shared by replicas and kept across restarts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Final, TypeVar

import asyncpg

from ...domain.ids import EntryId, ExactKey
from ...domain.purge import PurgeRecord, PurgeScope
from ...domain.vectors import EmbeddingModel, Neighbour, PartitionId, Vector, VectorPoint
from ...ports.clock import Clock, SystemClock
from ...ports.vector_store import VectorStoreError, WrongDimensions
from .checking import check_dimensions, sayable
from .partition_sizes import PartitionSizes
from .pgvector_errors import NoTableError, explain
from .pgvector_settings import PgVectorSettings
from .pgvector_sql import LOCK, SWEPT_AT_ONCE, Statements, quoted, statements

_T = TypeVar("_T")
_Work = Callable[[Any], Awaitable[_T]]

_QUICK_S: Final = 0.5e-6
"""For one point of a partition that is compared whole: a little less than it takes. A partition whose
search is quicker is not counted."""

_LEISURE_S: Final = 60.0
_OLDEST: Final = (0, 8)
_SESSION: Final = """
    SET plan_cache_mode = force_custom_plan;
    SET hnsw.ef_search = 200;
    SET hnsw.iterative_scan = strict_order;
"""


class PgVectorStore:
    """A `VectorStore` in PostgreSQL: a table for each embedding model.

    Every vector of a small partition is compared, so that nothing near is missed; a large one (see
    `PgVectorSettings.exact_up_to`) is searched through a graph (HNSW) over the whole table, which
    goes on until enough points of the partition were met. Which are large is learnt when a search
    took long.

    A statement that its caller no longer waits for ends by itself, on its own connection, within
    the statement's time; a connection is never broken off for it.
    """

    def __init__(self, settings: PgVectorSettings, clock: Clock | None = None) -> None:
        """Opens nothing until it is used."""
        self._settings = settings
        self._monotonic = (clock or SystemClock()).monotonic
        self._pool: Any = None
        self._model: EmbeddingModel | None = None
        self._sql: Statements | None = None
        self._sizes = PartitionSizes(settings.exact_up_to, self._monotonic)
        self._slow_s = settings.exact_up_to * _QUICK_S
        self._analyzed = False
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False

    async def open(self, model: EmbeddingModel) -> None:
        """See `VectorStore`; several replicas may do so at once."""
        table = self._settings.table(model.identity)
        sql = statements(table, model.dimensions, self._settings.hnsw)

        async def make(connection: Any) -> None:
            await self._make(connection, model, table, sql)

        await self._run(make)
        self._model = model
        self._sql = sql
        self._sizes.clear()
        self._analyzed = False

    async def search(
        self, partition: PartitionId, vector: Vector, limit: int, now: float
    ) -> list[Neighbour]:
        """See `VectorStore`; exact in partitions of up to `exact_up_to` points."""
        model, sql = self._opened()
        check_dimensions(vector, model)
        if limit < 1:
            return []
        arguments = (partition, vector.tolist(), limit, now)
        if self._sizes.is_large(partition):
            rows = await self._in_table(lambda each: each.fetch(sql.near, *arguments))
            if len(rows) == limit:
                return list(map(_neighbour, rows))
            self._sizes.shrank(partition)  # or lies where the graph does not lead
        began = self._monotonic()
        rows = await self._in_table(lambda each: each.fetch(sql.exact, *arguments))
        if self._settings.hnsw and self._monotonic() - began >= self._slow_s:
            self._learn_size(partition, sql)
        return list(map(_neighbour, rows))

    async def put_many(self, points: Sequence[VectorPoint]) -> int:
        """See `VectorStore`; all or none."""
        model, sql = self._opened()
        for point in points:
            check_dimensions(point.vector, model)
        if points:
            rows = list(map(_row, points))
            await self._in_table(lambda each: each.executemany(sql.put, rows))
        return len(points)

    async def delete(self, ids: Sequence[EntryId]) -> None:
        """See `VectorStore`."""
        _, sql = self._opened()
        known = list(filter(sayable, ids))
        if known:
            await self._in_table(lambda each: each.execute(sql.delete, known))

    async def forget(self, record: PurgeRecord) -> None:
        """See `VectorStore`; of the table in use."""
        _, sql = self._opened()
        scope, value = record.purge.scope, record.purge.value
        if not sayable(value):
            return
        position = record.position
        arguments: list[Any] = [position.milliseconds, position.sequence]
        if scope is not PurgeScope.ALL:
            arguments.append(value)
        await self._in_table(lambda each: _at_leisure(each, sql.forget[scope], *arguments))

    async def sweep(self, now: float) -> int:
        """See `VectorStore`."""
        _, sql = self._opened()
        removed = 0
        while True:
            done = await self._in_table(lambda each: each.execute(sql.sweep, now))
            some = int(done.rpartition(" ")[2])
            removed += some
            if some < SWEPT_AT_ONCE:
                return removed

    async def count(self) -> int:
        """See `VectorStore`."""
        _, sql = self._opened()
        return int(await self._in_table(lambda each: each.fetchval(sql.count)))

    async def check(self) -> None:
        """See `VectorStore`."""
        await self._run(lambda each: each.fetchval("SELECT 1"))

    async def aclose(self) -> None:
        """See `VectorStore`; does not wait for statements that are under way."""
        self._closed = True
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.terminate()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=1.0)

    def _learn_size(self, partition: PartitionId, sql: Statements) -> None:
        """Count the points of a partition whose search took long, behind the searcher's back.

        Counting in the search itself would cost three times the search.
        """
        if not self._sizes.begin_count(partition):
            return
        most = self._settings.exact_up_to + 1

        async def count(connection: Any) -> None:
            self._sizes.counted(partition, await connection.fetchval(sql.size, partition, most))
            # Of a table that is new or restored the planner knows nothing for a minute or for ever:
            # it takes a large partition for a small one, and sorts it whole.
            if self._sizes.is_large(partition) and not self._analyzed:
                self._analyzed = True
                await _at_leisure(connection, sql.analyze)

        self._begin(count, asyncio.Event())

    def _opened(self) -> tuple[EmbeddingModel, Statements]:
        if self._model is None or self._sql is None:
            raise VectorStoreError("no embedding model has been opened yet")
        return self._model, self._sql

    async def _in_table(self, work: _Work[_T]) -> _T:
        model, _ = self._opened()
        try:
            return await self._run(work)
        except NoTableError:
            await self.open(model)
            return await self._run(work)

    async def _run(self, work: _Work[_T]) -> _T:
        """Run `work` on a connection, in a task that goes on when the caller leaves it.

        Leaving a statement half-way means another connection to cancel it and a wait for that:
        neither belongs into a caller's deadline.
        """
        if self._closed:
            raise VectorStoreError("closed")
        began = asyncio.Event()
        task = self._begin(work, began)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if not began.is_set():
                task.cancel()
            if task.cancelled() and self._is_closed():  # by `aclose`, not by who waits
                raise VectorStoreError("closed") from None
            raise
        except Exception as error:
            raise explain(error, self._settings.shown) from None

    def _begin(self, work: _Work[_T], began: asyncio.Event) -> asyncio.Task[_T]:
        task = asyncio.create_task(self._on_connection(work, began))
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _is_closed(self) -> bool:
        return self._closed

    async def _on_connection(self, work: _Work[_T], began: asyncio.Event) -> _T:
        pool = await self._connected()
        connection = await pool.acquire(timeout=self._settings.connect_timeout_s)
        began.set()
        try:
            return await work(connection)
        finally:
            await pool.release(connection, timeout=self._settings.connect_timeout_s)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # seen: whoever still waits gets it too

    async def _connected(self) -> Any:
        if self._pool is None:
            settings = self._settings
            options: dict[str, Any] = {}
            if settings.password_file is not None:
                options["password"] = settings.password
            if (tls := settings.tls()) is not None:
                options["ssl"] = tls
            pool = asyncpg.create_pool(
                settings.dsn,
                min_size=0,
                max_size=settings.max_connections,
                max_inactive_connection_lifetime=300.0,
                timeout=settings.connect_timeout_s,
                command_timeout=settings.statement_timeout_s,
                init=self._prepare,
                # What runs between two uses of a connection; nothing of ours needs undoing.
                reset=_nothing,
                **options,
            )
            await pool
            if self._pool is None and not self._closed:
                self._pool = pool
            else:  # another was faster
                pool.terminate()
                if self._pool is None:
                    raise VectorStoreError("closed")
        return self._pool

    async def _prepare(self, connection: Any) -> None:
        milliseconds = int(self._settings.statement_timeout_s * 1000)
        await connection.execute(f"SET statement_timeout = {milliseconds}; {_SESSION}")

    async def _make(
        self, connection: Any, model: EmbeddingModel, table: str, sql: Statements
    ) -> None:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
            await self._extension(connection)
            size = await connection.fetchval(sql.dimensions, quoted(table))
            if size is not None and size != model.dimensions:
                raise WrongDimensions(
                    f"the table {table} at {self._settings.shown} holds vectors of {size} "
                    f"dimensions, and the model {model.name} makes {model.dimensions}: drop the "
                    "table, or use another namespace"
                )
            if size is None:
                for statement in sql.make:
                    await connection.execute(statement)

    async def _extension(self, connection: Any) -> None:
        ask = "SELECT extversion FROM pg_extension WHERE extname = 'vector'"
        version = await connection.fetchval(ask)
        if version is None:
            try:
                await connection.execute("CREATE EXTENSION vector")
            except asyncpg.PostgresError as error:
                raise VectorStoreError(
                    f"PostgreSQL at {self._settings.shown}: the extension vector (pgvector) is not "
                    f"in this database and can't be made ({error.sqlstate}): install it on the "
                    "server, or let an administrator run CREATE EXTENSION vector"
                ) from None
            version = await connection.fetchval(ask)
        with suppress(ValueError):
            if tuple(map(int, str(version).split(".")[:2])) < _OLDEST:
                raise VectorStoreError(
                    f"PostgreSQL at {self._settings.shown}: pgvector {version} is too old, 0.8 is "
                    "needed"
                )


async def _at_leisure(connection: Any, statement: str, *arguments: Any) -> None:
    """For what reads the whole table."""
    async with connection.transaction():
        await connection.execute(f"SET LOCAL statement_timeout = {int(_LEISURE_S * 1000)}")
        await connection.execute(statement, *arguments, timeout=_LEISURE_S)


async def _nothing(_: Any) -> None:
    return None


def _row(point: VectorPoint) -> tuple[Any, ...]:
    return (
        point.id,
        bytes(point.key),
        bytes(point.partition),
        point.tenant,
        point.model,
        list(point.tags),
        point.created_at,
        point.expires_at,
        point.position.milliseconds,
        point.position.sequence,
        point.payload,
        point.vector.tolist(),
    )


def _neighbour(row: Any) -> Neighbour:
    similarity = 1.0 - float(row[5])
    return Neighbour(
        EntryId(row[0]),
        ExactKey(row[1]),
        min(max(similarity, -1.0), 1.0),
        row[2],
        row[3],
        row[4],
    )
