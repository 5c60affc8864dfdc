"""A deadline and a circuit breaker around a store: the cache may never make a request wait."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

from ..domain.entry import Entry, EntryMeta
from ..domain.ids import EntryId, ExactKey
from ..ports.clock import Clock, SystemClock
from ..ports.exact_store import ExactStore, StoreError
from .breaker import Breaker, BreakerState
from .guarding import Guard
from .observing import Operation, Silent, StoreObserver


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
        monotonic = (clock or SystemClock()).monotonic
        count = (observer or Silent()).count
        self._reads = Guard[Operation](
            "the store", "reads", StoreError, breaker or Breaker(), monotonic, count
        )
        self._writes = Guard[Operation](
            "the store", "writes", StoreError, write_breaker or Breaker(), monotonic, count
        )

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
        call = partial(self._inner.get, key)
        again = partial(self.get, key)
        return await self._reads.ask(Operation.GET, call, self.deadline_s, None, again)

    async def put(self, entry: Entry) -> bool:
        """See `ExactStore`; raises `StoreError` at once while the circuit is open."""
        call = partial(self._inner.put, entry)
        return await self._writes.do(Operation.PUT, call, self._slow_deadline)

    async def put_many(self, entries: list[Entry]) -> int:
        """See `ExactStore`; raises `StoreError` at once while the circuit is open."""
        call = partial(self._inner.put_many, entries)
        return await self._writes.do(Operation.PUT, call, self._slow_deadline)

    async def delete(self, key: ExactKey, only: EntryId | None = None) -> bool:
        """See `ExactStore`."""
        call = partial(self._inner.delete, key, only)
        return await self._writes.within(Operation.DELETE, call, self._slow_deadline)

    async def find(self, entry_id: EntryId) -> EntryMeta | None:
        """See `ExactStore`."""
        call = partial(self._inner.find, entry_id)
        return await self._reads.within(Operation.FIND, call, self._slow_deadline)

    def scan(self) -> AsyncIterator[EntryMeta]:
        """See `ExactStore`."""
        return self._inner.scan()

    async def check(self) -> None:
        """See `ExactStore`; asks the store itself, whatever the breakers say."""
        await self._reads.within(Operation.CHECK, self._inner.check, self._slow_deadline)

    async def aclose(self) -> None:
        """Release the inner store's connections."""
        await self._reads.aclose()
        await self._inner.aclose()
