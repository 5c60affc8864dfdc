"""One of several operators leads: a Lease of coordination.k8s.io, as Kubernetes' own controllers use.

Whoever holds the Lease renews it; others watch its edition and take it when it has not changed for as
long as it was promised, by their own clock, so that clocks need not agree. Who can't renew in time must
end itself before others start. (The official client has an election too; it raises on a lost connection,
compares wall clocks and does not release.)
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from ..domain import Manifest, ObjectKey
from .api import Api
from .errors import ClusterError, Conflict, NotFound
from .kinds import LEASES

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LeaseTimes:
    """In seconds: how long a lease is good, by when it must be renewed, how often that is tried."""

    duration: float = 15.0
    deadline: float = 10.0
    retry: float = 2.0


class Election:
    """Take part in it.

    Args:
        identity: a name that no other candidate has.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        api: Api,
        namespace: str,
        name: str,
        identity: str,
        *,
        times: LeaseTimes | None = None,
        clock: Callable[[], float],
    ) -> None:
        self._api = api
        self._key = ObjectKey(LEASES.api_version, LEASES.kind, namespace, name)
        self._identity = identity
        self._times = times or LeaseTimes()
        self._clock = clock
        self._seen: tuple[str, float] | None = None
        self._renewed = clock()
        self.leading = False

    async def won(self) -> None:
        """Wait until this candidate leads."""
        while not await self._try(self._times.deadline):  # noqa: ASYNC110 - a Lease tells nobody
            await asyncio.sleep(self._times.retry * random.uniform(0.8, 1.2))
        self.leading = True
        log.info("leading, by Lease %s/%s", self._key.namespace, self._key.name)

    async def lost(self) -> None:
        """Renew until that fails for too long, or somebody else holds the Lease. Ends by the deadline,
        whatever the API server does: others count from the same renewal."""
        while (left := self._left()) > 0:
            await asyncio.sleep(min(self._times.retry, left))
            if not await self._try(self._left()) and self._held_by_another():
                break
        self.leading = False

    def _left(self) -> float:
        return self._renewed + self._times.deadline - self._clock()

    async def release(self) -> None:
        """Let others lead at once."""
        if not self.leading:
            return
        self.leading = False
        try:
            lease = await self._api.get_latest(self._key)
            if lease["spec"].get("holderIdentity") == self._identity:
                lease["spec"] |= {"holderIdentity": "", "leaseDurationSeconds": 1}
                await self._api.replace(lease)
        except ClusterError as error:
            log.info("the Lease was not released: %s", error)

    def _held_by_another(self) -> bool:
        return self._seen is not None and self._seen[0] != ""

    async def _try(self, left: float) -> bool:
        asked = self._clock()
        try:
            # One that hangs must leave time for another one.
            async with asyncio.timeout(min(self._times.deadline / 2, left)):
                done = await self._take_or_renew()
        except TimeoutError:
            return False
        except (Conflict, NotFound):
            return False  # another one was faster
        except ClusterError as error:
            log.warning("Lease %s/%s: %s", self._key.namespace, self._key.name, error)
            return False
        if done:
            self._renewed = asked
        return done

    async def _take_or_renew(self) -> bool:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        mine = {
            "holderIdentity": self._identity,
            "leaseDurationSeconds": round(self._times.duration),
            "renewTime": now,
        }
        try:
            lease = await self._api.get_latest(self._key)
        except NotFound:
            await self._api.create(self._new(mine | {"acquireTime": now, "leaseTransitions": 0}))
            self._seen = None
            return True
        spec = lease.setdefault("spec", {})
        holder = spec.get("holderIdentity") or ""
        if holder != self._identity and holder:
            version = str(lease["metadata"]["resourceVersion"])
            if self._seen is None or self._seen[0] != version:
                self._seen = (version, self._clock())
            if self._clock() - self._seen[1] < float(spec.get("leaseDurationSeconds") or 0):
                return False
        if holder != self._identity:
            mine |= {
                "acquireTime": now,
                "leaseTransitions": int(spec.get("leaseTransitions") or 0) + 1,
            }
        spec |= mine
        await self._api.replace(lease)
        self._seen = None
        return True

    def _new(self, spec: dict[str, object]) -> Manifest:
        return {
            "apiVersion": self._key.api_version,
            "kind": self._key.kind,
            "metadata": {"namespace": self._key.namespace, "name": self._key.name},
            "spec": spec,
        }
