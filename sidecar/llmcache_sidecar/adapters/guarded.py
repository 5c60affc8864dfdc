"""A deadline and a circuit breaker around a store: the cache may never make a request wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import TypeVar

from ..domain.entry import Entry, EntryMeta
from ..domain.ids import EntryId, ExactKey
from ..ports.clock import Clock, SystemClock
from ..ports.exact_store import ExactStore, StoreError
from .breaker import Breaker, BreakerState, Permit
from .idle_probe import IdleProbe
from .observing import Operation, Reason, Silent, StoreObserver

_T = TypeVar("_T")


class GuardedStore:
    """An `ExactStore` whose `get` never raises and never takes longer than its deadline.

    Writes and look-ups of the admin plane raise `StoreError` as the port says, after a longer
    deadline. They have a breaker of their own: a store that is full refuses writes and still
    serves reads. While the circuit of reads is open and nobody asks, the `get` that failed last is
    asked again now and then; the circuit of writes waits for a write, which is all it keeps away.

    The inner store's coroutines must yield to cancellation, as those of every adapter here do; the
    deadline cancels them in place, so no task is left behind.

    Attributes:
        deadline_s: seconds for a `get`; another value holds from the next one on.
    """

    def __init__(
        self,
        inner: ExactStore,
        deadline_s: float = 0.05,
        breaker: Breaker | None = None,
        *,
        write_breaker: Breaker | None = None,
        slow_deadline_s: float = 2.0,
        clock: Clock | None = None,
        observer: StoreObserver | None = None,
    ) -> None:
        """Guard `inner`.

        Args:
            deadline_s: seconds for a `get`, waiting for a connection included.
            slow_deadline_s: seconds for everything else, except a scan, which is as long as the
                store is large.
            observer: told of every call that came to nothing.
        """
        self._inner = inner
        self.deadline_s = deadline_s
        self._slow_deadline = slow_deadline_s
        self._reads = breaker or Breaker()
        self._writes = write_breaker or Breaker()
        self._monotonic = (clock or SystemClock()).monotonic
        self._count = (observer or Silent()).count
        self._probe = IdleProbe(self._reads, self._monotonic)

    @property
    def state(self) -> BreakerState:
        """Of the breaker for `get`."""
        return self._reads.state

    @property
    def write_state(self) -> BreakerState:
        """Of the breaker for `put` and `put_many`."""
        return self._writes.state

    async def get(self, key: ExactKey) -> Entry | None:
        """The entry; None too when the store is in trouble (counted by reason)."""
        permit = self._reads.enter(self._monotonic())
        if permit is None:
            self._count(Operation.GET, Reason.CIRCUIT_OPEN)
            return None
        try:
            async with asyncio.timeout(self.deadline_s):
                entry = await self._inner.get(key)
        except TimeoutError:
            reason = Reason.DEADLINE
        except StoreError:
            reason = Reason.STORE_ERROR
        except Exception:
            reason = Reason.DEFECT
        except BaseException:
            self._reads.abandoned(permit)
            raise
        else:
            self._reads.succeeded(permit)
            return entry
        self._reads.failed(permit, self._monotonic())
        self._count(Operation.GET, reason)
        self._probe.failed(lambda: self.get(key))
        return None

    async def put(self, entry: Entry) -> bool:
        """See `ExactStore`; raises `StoreError` at once while the circuit is open."""
        permit = self._enter_write()
        return await self._write(permit, self._inner.put(entry))

    async def put_many(self, entries: list[Entry]) -> int:
        """See `ExactStore`; raises `StoreError` at once while the circuit is open."""
        permit = self._enter_write()
        return await self._write(permit, self._inner.put_many(entries))

    async def delete(self, key: ExactKey, only: EntryId | None = None) -> bool:
        """See `ExactStore`."""
        return await self._bounded(Operation.DELETE, self._inner.delete(key, only))

    async def find(self, entry_id: EntryId) -> EntryMeta | None:
        """See `ExactStore`."""
        return await self._bounded(Operation.FIND, self._inner.find(entry_id))

    def scan(self) -> AsyncIterator[EntryMeta]:
        """See `ExactStore`."""
        return self._inner.scan()

    async def check(self) -> None:
        """See `ExactStore`; asks the store itself, whatever the breakers say."""
        await self._bounded(Operation.CHECK, self._inner.check())

    async def aclose(self) -> None:
        """Release the inner store's connections."""
        await self._probe.aclose()
        await self._inner.aclose()

    def _enter_write(self) -> Permit:
        permit = self._writes.enter(self._monotonic())
        if permit is None:
            self._count(Operation.PUT, Reason.CIRCUIT_OPEN)
            raise StoreError("writes are paused after repeated failures of the store")
        return permit

    async def _write(self, permit: Permit, call: Awaitable[_T]) -> _T:
        try:
            result = await self._bounded(Operation.PUT, call)
        except StoreError:
            self._writes.failed(permit, self._monotonic())
            raise
        except BaseException:
            self._writes.abandoned(permit)
            raise
        self._writes.succeeded(permit)
        return result

    async def _bounded(self, operation: Operation, call: Awaitable[_T]) -> _T:
        try:
            async with asyncio.timeout(self._slow_deadline):
                return await call
        except TimeoutError:
            self._count(operation, Reason.DEADLINE)
            raise StoreError(f"the store did not answer within {self._slow_deadline:g} s") from None
        except StoreError:
            self._count(operation, Reason.STORE_ERROR)
            raise
