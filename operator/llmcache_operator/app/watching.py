"""kopf watches LLMCaches, and nothing else; we compare what it delivers with what there is.

Only kopf's low-level event handlers are used: they write nothing to the resource (no finalizer, no
annotation), so that an LLMCache can be deleted while the operator is down.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
from collections.abc import Iterator
from typing import Any, Final

import kopf

from llmcache_api.resource import GROUP, PLURAL, VERSION

from ..cluster.api import Api
from ..cluster.errors import ClusterError
from ..cluster.kinds import LLMCACHES
from ..cluster.store import CacheKey
from .caches import Caches, seen_of

log = logging.getLogger(__name__)

TOLERATED_CHECKS: Final = 3
"""So many checks in a row may find kopf's watch behind before it counts as silent."""


class _ForEver:
    """Waits between two attempts of a request: longer and longer, and never the last one."""

    def __iter__(self) -> Iterator[float]:
        return itertools.chain((0.5, 1, 2, 4, 8), itertools.repeat(15.0))


def registry(caches: Caches, api: Api) -> kopf.OperatorRegistry:
    """kopf's handlers."""
    handlers = kopf.OperatorRegistry()

    @kopf.on.startup(registry=handlers)
    async def configure(settings: kopf.OperatorSettings, **_: Any) -> None:
        settings.posting.enabled = False
        settings.scanning.disabled = True
        settings.networking.error_backoffs = _ForEver()
        settings.networking.request_timeout = 60
        settings.networking.connect_timeout = 10
        settings.watching.server_timeout = 300
        settings.watching.connect_timeout = 10
        settings.queueing.exit_timeout = 1.0

    @kopf.on.login(registry=handlers)
    async def log_in(**_: Any) -> kopf.ConnectionInfo:
        configuration = api.configuration
        header = await configuration.get_api_key_with_prefix("BearerToken") or ""
        scheme, _space, token = header.rpartition(" ")
        return kopf.ConnectionInfo(
            server=configuration.host,
            ca_path=configuration.ssl_ca_cert,
            insecure=not configuration.verify_ssl,
            scheme=scheme or None,
            token=token or None,
            certificate_path=configuration.cert_file,
            private_key_path=configuration.key_file,
        )

    @kopf.on.event(GROUP, VERSION, PLURAL, registry=handlers)
    async def seen(event: Any, body: kopf.Body, **_: Any) -> None:
        if event["type"] == "DELETED":
            caches.gone(body)
        else:
            caches.see(body)

    return handlers


class Canary:
    """Lists LLMCaches now and then, so that a watch that fell silent is noticed and costs nothing.

    What the listing has and the watch did not deliver is handed to `caches` all the same.

    Args:
        every_s: seconds between two listings, 20 % more or less.
    """

    def __init__(
        self, api: Api, caches: Caches, namespaces: tuple[str, ...], every_s: float
    ) -> None:
        self._api = api
        self._caches = caches
        self._namespaces: tuple[str | None, ...] = namespaces or (None,)
        self._every_s = every_s
        self.behind = 0

    @property
    def silent(self) -> bool:
        """Whether kopf's watch has not delivered for several checks."""
        return self.behind >= TOLERATED_CHECKS

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(self._every_s * random.uniform(0.8, 1.2))
            try:
                missed = await self.check()
            except ClusterError as error:
                log.info("LLMCaches could not be listed: %s", error)
                continue
            self.behind = self.behind + 1 if missed else 0
            if missed:
                log.warning("the watch of LLMCaches is behind by %d changes", missed)

    async def check(self) -> int:
        """Compare; the number of changes that the watch has not delivered."""
        before = {key: self._caches.get(key) for key in self._caches}
        bodies = [
            body
            for namespace in self._namespaces
            for body in (await self._api.list(LLMCACHES, namespace))[0]
        ]
        missed, there = 0, set()
        for body in bodies:
            seen = seen_of(body)
            there.add(seen.key)
            known = before.get(seen.key)
            if known is None or known.essence != seen.essence:
                now = self._caches.get(seen.key)
                if now is None or (now is known and now.essence != seen.essence):
                    missed += 1
                    self._caches.see(body)
        for key in before.keys() - there:
            if self._caches.get(key) is before[key]:
                missed += 1
                self._caches.drop(CacheKey(*key))
        return missed
