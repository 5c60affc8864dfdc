"""A deadline, a circuit breaker and a count around calls to a store, whichever store it is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeVar

from .breaker import Breaker, BreakerState
from .idle_probe import IdleProbe
from .observing import Reason

_T = TypeVar("_T")
_Operation = TypeVar("_Operation", contravariant=True)


class Count(Protocol[_Operation]):
    """Told of every call that came to nothing."""

    def __call__(self, operation: _Operation, reason: Reason) -> None: ...


class Guard(Generic[_Operation]):
    """Calls of one kind to one store, and the circuit around them.

    Args:
        store, calls: what messages call them: "the vector store", "writes".
        error: what the store's port raises in trouble, and what is raised here.
        monotonic: seconds, of the clock that the breaker goes by.
    """

    def __init__(
        self,
        store: str,
        calls: str,
        error: type[Exception],
        breaker: Breaker,
        monotonic: Callable[[], float],
        count: Count[_Operation],
    ) -> None:
        self._store = store
        self._calls = calls
        self._error = error
        self._breaker = breaker
        self._monotonic = monotonic
        self._count = count
        self._probe = IdleProbe(breaker, monotonic)

    @property
    def state(self) -> BreakerState:
        """Of the circuit."""
        return self._breaker.state

    async def ask(
        self,
        operation: _Operation,
        call: Callable[[], Awaitable[_T]],
        deadline_s: float,
        otherwise: _T,
        again: Callable[[], Awaitable[object]],
        *,
        fair: bool = True,
    ) -> _T:
        """What the call gives, or `otherwise` when the store is in trouble. Never raises. While the
        circuit is open and nobody asks, what failed last is asked `again` now and then, by the deadline
        that holds then.

        Args:
            fair: the deadline is one that the store should keep; a shorter one (what a request has
                left) says nothing of it, and opens no circuit.
        """
        permit = self._breaker.enter(self._monotonic())
        if permit is None:
            self._count(operation, Reason.CIRCUIT_OPEN)
            return otherwise
        try:
            async with asyncio.timeout(deadline_s):
                answer = await call()
        except TimeoutError:
            reason = Reason.DEADLINE
        except self._error:
            reason = Reason.STORE_ERROR
        except Exception:
            reason = Reason.DEFECT
        except BaseException:
            self._breaker.abandoned(permit)
            raise
        else:
            self._breaker.succeeded(permit)
            return answer
        self._count(operation, reason)
        if fair or reason is not Reason.DEADLINE:
            self._breaker.failed(permit, self._monotonic())
            self._probe.failed(again)
        else:
            self._breaker.abandoned(permit)
        return otherwise

    async def do(
        self, operation: _Operation, call: Callable[[], Awaitable[_T]], deadline_s: float
    ) -> _T:
        """The call; the port's error when the store is in trouble, and at once while the circuit is
        open."""
        permit = self._breaker.enter(self._monotonic())
        if permit is None:
            self._count(operation, Reason.CIRCUIT_OPEN)
            raise self._error(f"{self._calls} are paused after repeated failures of {self._store}")
        try:
            answer = await self.within(operation, call, deadline_s)
        except self._error:
            self._breaker.failed(permit, self._monotonic())
            raise
        except BaseException:
            self._breaker.abandoned(permit)
            raise
        self._breaker.succeeded(permit)
        return answer

    async def within(
        self, operation: _Operation, call: Callable[[], Awaitable[_T]], deadline_s: float
    ) -> _T:
        """The call, whatever the circuit says; the port's error after the deadline."""
        try:
            async with asyncio.timeout(deadline_s):
                return await call()
        except TimeoutError:
            self._count(operation, Reason.DEADLINE)
            raise self._error(f"{self._store} did not answer within {deadline_s:g} s") from None
        except self._error:
            self._count(operation, Reason.STORE_ERROR)
            raise

    async def aclose(self) -> None:
        """Ask no more. Idempotent."""
        await self._probe.aclose()
