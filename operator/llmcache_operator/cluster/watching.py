"""List, then watch, and again: one task for each kind and namespace."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ..domain import Manifest, key_of
from ..domain.labels import MANAGED_BY
from .api import WATCH_SILENCE_S, Api
from .errors import ClusterError, NotFound, Refused
from .kinds import AUTOSCALERS, Kind
from .store import Store

log = logging.getLogger(__name__)

SELECTOR: Final = f"app.kubernetes.io/managed-by={MANAGED_BY}"
FIRST_WAIT_S: Final = 0.2
LONGEST_WAIT_S: Final = 30.0
WITHOUT_KIND_S: Final = 300.0
"""How often a kind that the cluster doesn't have, or doesn't let us see, is asked for again."""

SILENT_AFTER_S: Final = WATCH_SILENCE_S + LONGEST_WAIT_S + 60.0
"""Without any sign for so long a watch has died without noticing."""


@dataclass
class Watch:
    """One kind in one namespace, or in all.

    Attributes:
        synced: the first listing is in the store, or there is nothing to list.
        sign_of_life: when the task last heard of the API server or tried to.
    """

    kind: Kind
    namespace: str | None
    api: Api
    store: Store
    clock: Callable[[], float]

    def __post_init__(self) -> None:
        self.synced = asyncio.Event()
        self.sign_of_life = self.clock()
        self.selector = "" if self.kind is AUTOSCALERS else SELECTOR
        self._next_look_s = SILENT_AFTER_S

    def __str__(self) -> str:
        return f"{self.kind.plural} in {self.namespace or 'all namespaces'}"

    @property
    def silent(self) -> bool:
        """Whether it has stopped without noticing."""
        return self.clock() - self.sign_of_life > self._next_look_s

    async def run(self) -> None:
        """Until cancelled."""
        wait = FIRST_WAIT_S
        while True:
            self._alive()
            try:
                await self._once()
                wait = FIRST_WAIT_S
                continue
            except (NotFound, Refused) as error:
                # A kind that is not installed, or not allowed: the rest works on without it.
                quiet = self.kind.optional and isinstance(error, NotFound)
                log.log(
                    logging.DEBUG if quiet else logging.WARNING,
                    "can't watch %s: %s",
                    self,
                    error,
                )
                if self.kind.optional or self.kind is AUTOSCALERS:
                    self.synced.set()
                    self._next_look_s = WITHOUT_KIND_S + SILENT_AFTER_S
                    await asyncio.sleep(WITHOUT_KIND_S * random.uniform(0.8, 1.2))
                    continue
            except ClusterError as error:
                log.info("the watch of %s starts anew: %s", self, error)
            await asyncio.sleep(wait * random.uniform(0.5, 1.0))
            wait = min(wait * 2, LONGEST_WAIT_S)

    def _alive(self) -> None:
        self.sign_of_life = self.clock()
        self._next_look_s = SILENT_AFTER_S

    async def _once(self) -> None:
        """List and watch until the stream is over."""
        items, version = await self.api.list(self.kind, self.namespace, self.selector)
        gone = set(self.store.keys(self.kind.kind, self.namespace))
        for item in items:
            self._put(item)
            gone.discard(key_of(item))
        for key in gone:
            self.store.drop_autoscaler(key) if self.kind is AUTOSCALERS else self.store.drop(key)
        del items
        self.synced.set()
        self._alive()
        while True:
            heard = False
            async for event, live in self.api.watch(
                self.kind, self.namespace, version, self.selector
            ):
                heard = True
                self._alive()
                version = str(live["metadata"]["resourceVersion"])
                if event == "DELETED":
                    self._drop(live)
                elif event != "BOOKMARK":
                    self._put(live)
            if not heard:
                # Closed at once by whatever stands between: no tight loop.
                await asyncio.sleep(random.uniform(0.5, 1.5))
            self._alive()

    def _put(self, live: Manifest) -> None:
        if self.kind is AUTOSCALERS:
            self.store.put_autoscaler(live)
        else:
            self.store.put(live)

    def _drop(self, live: Manifest) -> None:
        if self.kind is AUTOSCALERS:
            self.store.drop_autoscaler(key_of(live))
        else:
            self.store.drop(key_of(live))
