"""A deadline and a circuit breaker around leases: nobody waits for a store that does not answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from ..domain.ids import ExactKey
from ..ports.clock import Clock, SystemClock
from ..ports.exact_store import StoreError
from ..ports.leases import Leases
from .breaker import Breaker
from .guarding import Guard
from .observing import Operation, Silent, StoreObserver


class GuardedLeases:
    """`Leases` that raise `StoreError` within the deadline, and at once while the circuit is open.

    Attributes:
        deadline_s: seconds for each call; another value holds from the next one on.
    """

    def __init__(
        self,
        inner: Leases,
        deadline_s: float = 0.05,
        breaker: Breaker | None = None,
        *,
        clock: Clock | None = None,
        observer: StoreObserver | None = None,
    ) -> None:
        """Guard `inner`; `deadline_s` seconds for each call."""
        self._inner = inner
        self.deadline_s = deadline_s
        self._guard = Guard[Operation](
            "the store",
            "leases",
            StoreError,
            breaker or Breaker(),
            (clock or SystemClock()).monotonic,
            (observer or Silent()).count,
        )

    async def take(self, key: ExactKey, token: str, seconds: float) -> bool:
        """See `ports.leases.Leases`."""
        return await self._do(partial(self._inner.take, key, token, seconds))

    async def renew(self, key: ExactKey, token: str, seconds: float) -> bool:
        """See `ports.leases.Leases`."""
        return await self._do(partial(self._inner.renew, key, token, seconds))

    async def release(self, key: ExactKey, token: str) -> bool:
        """See `ports.leases.Leases`."""
        return await self._do(partial(self._inner.release, key, token))

    async def held(self, key: ExactKey) -> bool:
        """See `ports.leases.Leases`."""
        return await self._do(partial(self._inner.held, key))

    async def _do(self, call: Callable[[], Awaitable[bool]]) -> bool:
        return await self._guard.do(Operation.LEASE, call, self.deadline_s)
