"""The exact look-up: in process, then in the store."""

from __future__ import annotations

from dataclasses import dataclass

from ..domain.entry import EntryMeta
from ..domain.ids import ExactKey
from ..ports.clock import Clock
from ..ports.exact_store import ExactStore
from ..ports.hot_entries import HotEntries, HotEntry
from .purges import Purges
from .settings import CacheSettings


@dataclass(slots=True)
class Found:
    """An entry that is alive.

    Attributes:
        age_s: seconds since its inference.
        ttl_s: seconds that it is fresh for; negative when it is stale.
    """

    hot: HotEntry
    age_s: float
    ttl_s: float

    @property
    def meta(self) -> EntryMeta:
        return self.hot.meta


class LookUp:
    """Finds entries that may still be served.

    Args:
        store: guarded: it answers None within its deadline, whatever happens.
    """

    def __init__(self, hot: HotEntries, store: ExactStore, purges: Purges, clock: Clock) -> None:
        self._hot = hot
        self._store = store
        self._purges = purges
        self._clock = clock

    async def find(self, key: ExactKey, settings: CacheSettings) -> Found | None:
        """The entry under `key`, no older than the settings allow for any purpose (fresh, stale
        while revalidating, stale on error), and not purged."""
        monotonic = self._clock.monotonic()
        if not self._purges.in_contact(monotonic):
            return None
        hot = self._hot.get(key, monotonic)
        if hot is None or self._dead(hot):
            entry = await self._store.get(key)
            if entry is None:
                return None
            hot = self._hot.put(entry, monotonic)
            if self._dead(hot):
                return None
        # Another machine's clock may be ahead: nothing is younger than new.
        age = max(0.0, self._clock.time() - hot.meta.created_at)
        return Found(hot, age, settings.ttl - age) if age <= settings.keep else None

    def _dead(self, hot: HotEntry) -> bool:
        version = self._purges.version
        if hot.judged == version:
            return False
        if self._purges.is_dead(hot.meta):
            self._hot.drop(hot.meta.key, hot.meta.id)
            return True
        hot.judged = version
        return False
