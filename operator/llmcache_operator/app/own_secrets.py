"""The Secrets that we made. They may be looked up by name and not be watched (docs/decisions/0020), so
that one which somebody deleted is missed by asking for it now and then."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ..cluster.errors import ClusterError
from ..cluster.store import CacheKey
from ..domain import Manifest, ObjectKey

log = logging.getLogger(__name__)

LEAST_PAUSE_S: Final = 0.4
"""Between the questions for two resources: with more than 150 of them a round takes longer than a
minute, and not more of the API server."""

LookUp = Callable[[Iterable[ObjectKey]], Awaitable[Mapping[ObjectKey, Manifest]]]


@dataclass(frozen=True)
class _Held:
    essence: tuple[object, ...]
    found: Mapping[ObjectKey, Manifest]


class OwnSecrets:
    """What is known of them, so that not every pass asks.

    Args:
        look_up: metadata of those that are there; may raise `ClusterError`.
        changed: called with the key of a resource one of whose Secrets went or is another one.
        every_s: seconds between two questions for one resource, where there are not too many.
    """

    def __init__(
        self, look_up: LookUp, changed: Callable[[CacheKey], None], every_s: float
    ) -> None:
        self._look_up = look_up
        self._changed = changed
        self._every_s = every_s
        self._held: dict[CacheKey, _Held] = {}

    async def of(
        self, key: CacheKey, essence: tuple[object, ...], wanted: tuple[ObjectKey, ...]
    ) -> Mapping[ObjectKey, Manifest]:
        """Those of `wanted` that are there. They are asked for when the resource has changed, and as
        long as one of them is not there.

        Raises:
            ClusterError: whether one is there could not be found out.
        """
        held = self._held.get(key)
        if held is None or held.essence != essence or not held.found.keys() >= set(wanted):
            held = self._held[key] = _Held(essence, dict(await self._look_up(wanted)))
        return held.found

    def forget(self, key: CacheKey) -> None:
        """The resource is gone."""
        self._held.pop(key, None)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            keys = list(self._held)
            pause = max(self._every_s / max(1, len(keys)), LEAST_PAUSE_S)
            if not keys:
                await asyncio.sleep(pause)
            for key in keys:
                await asyncio.sleep(pause)
                await self._check(key)

    async def _check(self, key: CacheKey) -> None:
        held = self._held.get(key)
        if held is None:
            return
        try:
            found = await self._look_up(held.found)
        except ClusterError as error:
            log.info("%s: its Secrets could not be looked up: %s", key, error)
            return
        if found != held.found and self._held.get(key) is held:
            del self._held[key]
            self._changed(key)
