"""Kubernetes Events of an LLMCache, each thing once."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from llmcache_api.resource import GROUP, KIND, VERSION

from ..domain import FIELD_MANAGER, Telling
from .api import Api
from .kinds import EVENTS
from .store import CacheKey

QUIET_S: Final = 3600.0
"""The same thing is told again after this long."""

REMEMBERED: Final = 10_000


class EventLog:
    """Creates Events where the resource lives.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, api: Api, instance: str, clock: Callable[[], float]) -> None:
        self._api = api
        self._instance = instance
        self._clock = clock
        self._told: dict[tuple[str, Telling], float] = {}

    async def tell(self, cache: CacheKey, uid: str, telling: Telling) -> bool:
        """Create an Event, unless the same was told within the last hour. Returns whether it was.

        Raises:
            ClusterError: it could not be created.
        """
        now, key = self._clock(), (uid, telling)
        if (before := self._told.get(key)) is not None and now - before < QUIET_S:
            return False
        await self._api.create(self._event(cache, uid, telling))
        self._told.pop(key, None)
        self._told[key] = now
        while len(self._told) > REMEMBERED:
            del self._told[next(iter(self._told))]
        return True

    def _event(self, cache: CacheKey, uid: str, telling: Telling) -> dict[str, object]:
        now = datetime.now(UTC)
        return {
            "apiVersion": EVENTS.api_version,
            "kind": EVENTS.kind,
            "metadata": {
                "namespace": cache.namespace,
                "name": f"{cache.name}.{secrets.token_hex(8)}",
            },
            "involvedObject": {
                "apiVersion": f"{GROUP}/{VERSION}",
                "kind": KIND,
                "namespace": cache.namespace,
                "name": cache.name,
                "uid": uid,
            },
            "type": telling.type.value,
            "reason": telling.reason[:128],
            "message": telling.message[:1024],
            "source": {"component": FIELD_MANAGER},
            "reportingComponent": FIELD_MANAGER,
            "reportingInstance": self._instance[:128],
            "firstTimestamp": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "lastTimestamp": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "count": 1,
        }
