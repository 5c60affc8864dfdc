"""A deadline and a circuit breaker around leases: nobody waits for a store that does not answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ..domain.ids import ExactKey
from ..ports.clock import Clock, SystemClock
from ..ports.exact_store import StoreError
from ..ports.leases import Leases
from .breaker import Breaker
from .observing import Operation, Reason, Silent, StoreObserver


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
        self._breaker = breaker or Breaker()
        self._monotonic = (clock or SystemClock()).monotonic
        self._count = (observer or Silent()).count

    async def take(self, key: ExactKey, token: str, seconds: float) -> bool:
        """See `ports.leases.Leases`."""
        return await self._guarded(self._inner.take, key, token, seconds)

    async def renew(self, key: ExactKey, token: str, seconds: float) -> bool:
        """See `ports.leases.Leases`."""
        return await self._guarded(self._inner.renew, key, token, seconds)

    async def release(self, key: ExactKey, token: str) -> bool:
        """See `ports.leases.Leases`."""
        return await self._guarded(self._inner.release, key, token)

    async def held(self, key: ExactKey) -> bool:
        """See `ports.leases.Leases`."""
        return await self._guarded(self._inner.held, key)

    async def _guarded(self, call: Callable[..., Awaitable[bool]], *args: object) -> bool:
        permit = self._breaker.enter(self._monotonic())
        if permit is None:
            self._count(Operation.LEASE, Reason.CIRCUIT_OPEN)
            raise StoreError("leases are paused after repeated failures of the store")
        try:
            async with asyncio.timeout(self.deadline_s):
                answer = await call(*args)
        except (TimeoutError, StoreError) as error:
            self._breaker.failed(permit, self._monotonic())
            late = isinstance(error, TimeoutError)
            self._count(Operation.LEASE, Reason.DEADLINE if late else Reason.STORE_ERROR)
            raise StoreError("the store gave no lease") from None
        except BaseException:
            self._breaker.abandoned(permit)
            raise
        self._breaker.succeeded(permit)
        return answer
