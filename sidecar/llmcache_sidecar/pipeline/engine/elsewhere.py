"""Single flight across replicas: who holds the lease on a key asks the engine, the others look out
for the answer in the store.

Only whole answers are waited for: the first byte of a stream would come later from the store than
from the engine. A wait ends with the entry, with the end of the lease (its holder failed, may not
store its answer, or is gone), or at the deadline; then the request goes to the engine as it would
have gone without all this. Trouble with the store means no lease and no wait.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

from ...domain.ids import ExactKey
from ...ports.exact_store import StoreError
from ...ports.journal import Journal
from ...ports.leases import Leases
from .flight import Flight

LEASE_S: Final = 2.0
"""How long a lease outlives its holder, who renews it three times meanwhile."""

_RENEWALS: Final = 3
_LOOKS_S: Final = (0.02, 0.05, 0.1, 0.25)
"""Pauses between two looks; the last one repeats."""
_AFTERWARDS_S: Final = 0.3
"""After the answer was handed to the write queue: by then those who wait have found it there."""

Look = Callable[[], Awaitable[bool]]
"""Whether the answer is in the store now."""


class Elsewhere:
    """What other replicas have under way.

    Args:
        leases: guarded: each call answers within its deadline. None: this replica is alone.
        wait_s: longest wait, in seconds; 0 = never.
        new_token: gives random tokens.

    Attributes:
        wait_s: as given; another value holds from the next request on.
    """

    def __init__(
        self,
        leases: Leases | None,
        wait_s: float,
        journal: Journal,
        new_token: Callable[[], str],
    ) -> None:
        self._guarded = leases
        self.wait_s = wait_s
        self._journal = journal
        self._new_token = new_token
        self._asking: dict[ExactKey, asyncio.Task[bool]] = {}
        self._tokens: dict[ExactKey, str] = {}
        self._holding: Counter[ExactKey] = Counter()
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def _leases(self) -> Leases | None:
        return self._guarded if self.wait_s > 0 else None

    async def came(self, key: ExactKey, look: Look) -> bool:
        """Take the lease on `key`, or wait for the answer of who holds it.

        Returns:
            True when the answer is in the store now; False when the caller should ask the engine.
        """
        if self._leases is None:
            return False
        asking = self._asking.get(key)
        if asking is None:
            if key in self._tokens or key in self._holding:
                return False  # ours: what is under way here is shared here
            asking = self._asking[key] = self._spawn(self._ask(self._leases, key, look))
        # Shared by all who ask the same here: whoever leaves must not end it for the others.
        return await asyncio.shield(asking)

    def lead(self, key: ExactKey, flight: Flight) -> None:
        """This replica asks the engine: hold the lease while it does."""
        if self._leases is not None:
            self._spawn(self._hold(self._leases, key, flight))

    async def aclose(self) -> None:
        """Give up every wait and let go of every lease."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, work: Coroutine[Any, Any, bool]) -> asyncio.Task[bool]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _ask(self, leases: Leases, key: ExactKey, look: Look) -> bool:
        try:
            if await self._take(leases, key):
                return False
            self._journal.count("waited_for_another_replica")
            async with asyncio.timeout(self.wait_s):
                return await self._look_out(leases, key, look)
        except (StoreError, TimeoutError):
            return False
        finally:
            del self._asking[key]

    async def _take(self, leases: Leases, key: ExactKey) -> bool:
        token = self._new_token()
        if not await leases.take(key, token, LEASE_S):
            return False
        self._tokens[key] = token
        # Should nobody take off with it: it has ended by then.
        asyncio.get_running_loop().call_later(LEASE_S, self._forget, key, token)
        return True

    def _forget(self, key: ExactKey, token: str) -> None:
        if self._tokens.get(key) == token:
            del self._tokens[key]

    async def _look_out(self, leases: Leases, key: ExactKey, look: Look) -> bool:
        looks = 0
        while True:
            await asyncio.sleep(_LOOKS_S[min(looks, len(_LOOKS_S) - 1)])
            looks += 1
            # The lease first: what was stored before it ended is seen by the look after it.
            held = await leases.held(key)
            if await look():
                self._journal.count("answered_by_another_replica")
                return True
            if not held:
                return False

    async def _hold(self, leases: Leases, key: ExactKey, flight: Flight) -> bool:
        token = self._tokens.pop(key, "")
        stored = False
        self._holding[key] += 1  # a stream and a whole answer to the same may be under way
        try:
            if not token:
                token = self._new_token()
                if not await leases.take(key, token, LEASE_S):
                    return False
            stored = await self._renew(leases, key, token, flight)
            if stored:
                await asyncio.sleep(_AFTERWARDS_S)
        except StoreError:
            return stored
        finally:
            self._holding[key] -= 1
            if not self._holding[key]:
                del self._holding[key]
            await self._let_go(leases, key, token)
        return stored

    @staticmethod
    async def _renew(leases: Leases, key: ExactKey, token: str, flight: Flight) -> bool:
        """Renew until the flight has landed; whether its answer is stored. A store that is late once
        has two more renewals to hold the lease by."""
        landed = asyncio.ensure_future(flight.landed())
        try:
            while True:
                done, _ = await asyncio.wait([landed], timeout=LEASE_S / _RENEWALS)
                if done:
                    return landed.result() is not None
                with contextlib.suppress(StoreError):
                    if not await leases.renew(key, token, LEASE_S):
                        return False
        finally:
            landed.cancel()

    @staticmethod
    async def _let_go(leases: Leases, key: ExactKey, token: str) -> None:
        try:
            await leases.release(key, token)
        except StoreError:
            return  # it ends by itself
