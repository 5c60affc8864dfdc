"""The exact look-up: in process, then in the store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ...domain.entry import EntryMeta
from ...domain.ids import ExactKey
from ...ports.clock import Clock
from ...ports.exact_store import ExactStore
from ...ports.hot_entries import HotEntries, HotEntry
from .purges import Purges

_ROUNDING_S: Final = 0.001
_MOST_AHEAD_S: Final = 60.0
"""Clocks of machines differ by less. An entry from further ahead was made under a clock that was set
back since: nobody knows its age, and by the present time it would outlive its TTL."""


@dataclass(slots=True)
class Found:
    """An entry that is alive.

    Attributes:
        age_s: seconds since its inference.
        ttl_s: seconds that it is fresh for; negative when it is stale.
        similarity: of the question to the entry's own; None where they are the same request.
        question: the entry's own; None where they are the same request.
        score: the verifier's probability that the answer fits; 1 where the texts are the same.
        close: it would pass clearly tighter thresholds (`verify.chain.is_close`).
    """

    hot: HotEntry
    age_s: float
    ttl_s: float
    similarity: float | None = None
    question: str | None = None
    score: float = 1.0
    close: bool = True

    @property
    def meta(self) -> EntryMeta:
        return self.hot.meta

    def shorten(self, longest: float | None) -> None:
        """It is fresh for no more than `longest` seconds of its age; None shortens nothing."""
        if longest is not None:
            self.ttl_s = min(self.ttl_s, longest - self.age_s)

    def lives(self, seconds: float) -> bool:
        """Whether no class of its question shortens its life to less than that."""
        life = self.meta.expires_at - self.meta.created_at
        return self.hot.longest is None and life > seconds - _ROUNDING_S


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

    async def find(self, key: ExactKey, ttl: float, keep: float) -> Found | None:
        """The entry under `key`, no older than `keep` seconds (what any purpose allows: fresh,
        stale while revalidating, stale on error), and not purged; fresh for `ttl` seconds."""
        monotonic = self._clock.monotonic()
        if not self._purges.in_contact(monotonic) and not await self._purges.regain_contact():
            return None
        hot = self._hot.get(key, monotonic)
        if hot is None or self._dead(hot):
            entry = await self._store.get(key)
            if entry is None:
                return None
            hot = self._hot.put(entry, monotonic)
            if self._dead(hot):
                return None
        return self._alive(hot, ttl, keep)

    def read_anew(self, found: Found) -> None:
        """The next `find` reads it from the store: another replica may have replaced it there."""
        self._hot.drop(found.meta.key, found.meta.id)

    @property
    def empty_handed(self) -> bool:
        """Whether nothing at all may be served from this process."""
        return not self._hot.serves

    def at_hand(self, key: ExactKey, ttl: float, keep: float) -> Found | None:
        """The same without waiting for anything: what is in process, while the purge log is known."""
        monotonic = self._clock.monotonic()
        if not self._purges.in_contact(monotonic):
            return None
        hot = self._hot.get(key, monotonic)
        if hot is None or self._dead(hot):
            return None
        return self._alive(hot, ttl, keep)

    def _alive(self, hot: HotEntry, ttl: float, keep: float) -> Found | None:
        # Another machine's clock may be ahead: nothing is younger than new.
        meta = hot.meta
        age = self._clock.time() - meta.created_at
        if age < 0.0:
            if age < -_MOST_AHEAD_S:
                return None
            age = 0.0
        # An entry's own life may be shorter than that of its level (a class with a short ttl).
        life = meta.expires_at - meta.created_at
        if age > keep or age > life:
            return None
        return Found(hot, age, (ttl if life > ttl - _ROUNDING_S else life) - age)

    def _dead(self, hot: HotEntry) -> bool:
        version = self._purges.version
        if hot.judged == version:
            return False
        if self._purges.is_dead(hot.meta):
            self._hot.drop(hot.meta.key, hot.meta.id)
            return True
        hot.judged = version
        return False
