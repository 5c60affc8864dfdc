"""Purges: following the log, adding to it, and sweeping out what it names."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final

from ...domain.entry import EntryMeta
from ...domain.ids import EntryId
from ...domain.purge import LogPosition, Purge, PurgeRecord, PurgeScope
from ...ports.clock import Clock
from ...ports.exact_store import ExactStore, StoreError
from ...ports.hot_entries import HotEntries
from ...ports.purge_log import PurgeLog
from ...purging import Freshness, PurgeIndex

_LOG_S: Final = 2.0
_TURN_S: Final = 0.002
"""A sweep lets requests in between this often."""
_POLL_S: Final = 0.25
"""Between two readings of a shared log: a purge is seen everywhere well within a second."""

_REPEAT_S: Final = (0.25, 30.0)
"""The first pause before a purge that could not be written is tried again, and the longest."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PurgeReport:
    """What a purge did, or would do.

    Attributes:
        matched: how many entries it names, of those that were looked at.
        examined: how many were looked at.
        complete: every entry was looked at; False when there were too many.
        position: its place in the log; None for a dry run.
        removed: how many bodies were deleted at once. The others can't be served any more and go
            with their lifetime.
    """

    matched: int
    examined: int
    complete: bool
    position: str | None
    removed: int


class Purges:
    """What this replica knows of purges.

    Args:
        shared: the log is shared with other replicas, so that it must be followed; otherwise it is
            this process's own and always up to date.
        patience: seconds that a request may wait for a reading of its own.
        forget: told every purge, so that whatever else it names goes too.
        sweep_limit: most entries that one purge looks at in the store.
        sweep_s: longest time that it looks, in seconds: somebody waits for its answer.

    Attributes:
        trouble: why the shared log could not be read the last time, for people; empty when it could.
    """

    def __init__(
        self,
        log: PurgeLog,
        store: ExactStore,
        hot: HotEntries,
        clock: Clock,
        *,
        shared: bool,
        longest_life: Callable[[], float],
        patience: Callable[[], float],
        forget: Callable[[PurgeRecord], None] = lambda _: None,
        sweep_limit: int = 1_000_000,
        sweep_s: float = 10.0,
    ) -> None:
        self._log = log
        self._store = store
        self._hot = hot
        self._clock = clock
        self._shared = shared
        self._longest_life = longest_life
        self._patience = patience
        self._forget = forget
        self._sweep_limit = sweep_limit
        self._sweep_s = sweep_s
        self._reading = asyncio.Lock()
        self._index = PurgeIndex()
        self._fresh = Freshness()
        self._began = clock.monotonic()
        self._generation = self._index.generation
        self._asked_in_vain = False
        self._owed: Counter[str] = Counter()
        self._owed_version = 0
        self.trouble = ""

    @property
    def position(self) -> LogPosition:
        """The newest place known; an inference that starts now is stamped with it."""
        return self._index.head

    @property
    def version(self) -> int:
        """Grows with whatever may kill an entry."""
        return self._index.version + self._owed_version

    def in_contact(self, now: float) -> bool:
        """Whether the log has been read recently enough to serve by it (monotonic seconds)."""
        return not self._shared or self._fresh.holds(now)

    async def regain_contact(self) -> bool:
        """Whether the log is known well enough to serve by, if need be after a reading on behalf of
        this request. A process that did not run for a second (a paused machine, a starved core) has
        lost nothing: it has only not asked. In an outage one reading is waited for in vain; the
        requests after it wait for none until the log could be read again."""
        if self.in_contact(self._clock.monotonic()):
            return True
        if self._asked_in_vain:
            return False
        try:
            async with asyncio.timeout(self._patience()), self._reading:
                if not self.in_contact(self._clock.monotonic()):
                    await self._read()
        except (StoreError, TimeoutError):
            self._asked_in_vain = True
        return self.in_contact(self._clock.monotonic())

    def silence(self, now: float) -> float:
        """Seconds for which the shared log has not been read (`now` in monotonic seconds): the store
        that it lives in is asked four times a second, whether or not there are requests. 0 for a log
        of our own."""
        if not self._shared:
            return 0.0
        read_at = self._fresh.read_at
        return max(0.0, now - (self._began if read_at is None else read_at))

    def is_dead(self, meta: EntryMeta) -> bool:
        """Whether a purge names `meta`, or it can't be told any more."""
        return self._index.is_purged(meta) or meta.model in self._owed

    async def read_once(self) -> None:
        """One reading of the log; `StoreError` when it can't be read."""
        # One at a time: a reading that is overtaken by a later one would look like a log that lost
        # its end, and everything from before would be forgotten.
        async with self._reading:
            await self._read()

    async def _read(self) -> None:
        asked_at = self._clock.monotonic()
        piece = await self._log.read(self._index.head)
        self._index.apply(piece)
        for record in piece.records:
            self._forget(record)
        self._fresh = self._fresh.succeeded(asked_at)
        self._asked_in_vain = False
        if self._index.generation != self._generation:
            self._generation = self._index.generation
            self._hot.clear()
        self._index.forget_before(int((self._clock.time() - self._longest_life() - 60) * 1000))

    async def follow(self) -> None:
        """Read the log for ever; trouble is told once, and its end too."""
        while True:
            try:
                async with asyncio.timeout(1.0):
                    await self.read_once()
            except (StoreError, TimeoutError) as error:
                trouble = str(error) or "no answer within a second"
                if not self.trouble:
                    _log.warning(
                        "the purge log can't be read, so nothing is served from the cache: %s",
                        trouble,
                    )
                self.trouble = trouble
            else:
                if self.trouble:
                    _log.info("the purge log can be read again")
                self.trouble = ""
            await asyncio.sleep(_POLL_S)

    async def purge(self, purge: Purge, *, dry_run: bool = False) -> PurgeReport:
        """Forget what `purge` names, everywhere.

        Raises:
            StoreError: it could not be written; nothing is promised.
        """
        position = None
        if not dry_run:
            try:
                async with asyncio.timeout(_LOG_S):
                    record = await self._log.append(purge)
            except TimeoutError:
                raise StoreError(f"the purge log did not answer within {_LOG_S:g} s") from None
            self._index.note(record)
            # An inference that starts now must carry a place after this purge.
            with contextlib.suppress(StoreError, TimeoutError):
                async with asyncio.timeout(_LOG_S):
                    await self.read_once()
            position = str(record.position)
        return await self._sweep(purge, position)

    async def purge_model_at_last(self, model: str) -> None:
        """Purge a model when the log can be written again. Until then nothing of it is served or stored
        here."""
        self._owed[model] += 1
        if self._owed[model] > 1:
            return  # whoever tries already sees that one more is owed
        self._owed_version += 1
        pause, longest = _REPEAT_S
        written = 0
        try:
            while written < self._owed[model]:
                await asyncio.sleep(pause)
                pause = min(2 * pause, longest)
                with contextlib.suppress(StoreError):
                    # One that is owed from here on may be for what starts after this one's place.
                    owed = self._owed[model]
                    await self.purge(Purge(PurgeScope.MODEL, model))
                    written = owed
        finally:
            del self._owed[model]
            self._owed_version += 1

    async def _sweep(self, purge: Purge, position: str | None) -> PurgeReport:
        """Look at what the store holds. A real purge removes what it names; a dry run counts what
        it would. The log has told everybody already, so trouble here costs memory only."""
        sweep = _Sweep(self, self._index, purge, position)
        try:
            async with asyncio.timeout(self._sweep_s):
                if purge.scope is PurgeScope.ENTRY:
                    meta = await self._store.find(EntryId(purge.value))
                    if meta is not None:
                        await sweep.take(meta)
                    return sweep.report(complete=True)
                async with contextlib.aclosing(_closable(self._store.scan())) as metas:
                    async for meta in metas:
                        if sweep.examined >= self._sweep_limit:
                            return sweep.report(complete=False)
                        await sweep.take(meta)
        except (StoreError, TimeoutError) as error:
            _log.warning("a purge holds, but did not look at every entry: %s", error or "no time")
            return sweep.report(complete=False)
        return sweep.report(complete=True)

    async def remove(self, meta: EntryMeta) -> bool:
        """Remove a dead entry's body; whether it was there."""
        self._hot.drop(meta.key, meta.id)
        return await self._store.delete(meta.key, meta.id)


class _Sweep:
    """The sums of one sweep."""

    def __init__(
        self, purges: Purges, index: PurgeIndex, purge: Purge, position: str | None
    ) -> None:
        self._purges = purges
        self._index = index
        self._purge = purge
        self._position = position
        self._turn = time.monotonic()
        self.matched = self.examined = self.removed = 0

    async def take(self, meta: EntryMeta) -> None:
        """Look at one entry."""
        self.examined += 1
        dry_run = self._position is None
        # What is dead already would not go by this purge; what began after it stays.
        if names(self._purge, meta) and self._index.is_purged(meta) is not dry_run:
            self.matched += 1
            if not dry_run:
                self.removed += await self._purges.remove(meta)
        if time.monotonic() - self._turn > _TURN_S:
            await asyncio.sleep(0)
            self._turn = time.monotonic()

    def report(self, *, complete: bool) -> PurgeReport:
        """What came of it."""
        return PurgeReport(self.matched, self.examined, complete, self._position, self.removed)


async def _closable(metas: AsyncIterator[EntryMeta]) -> AsyncGenerator[EntryMeta, None]:
    """`metas` with an end that gives its connection back."""
    try:
        async for meta in metas:
            yield meta
    finally:
        close = getattr(metas, "aclose", None)
        if close is not None:
            await close()


def names(purge: Purge, meta: EntryMeta) -> bool:
    """Whether `purge` names the entry, whenever that was stored."""
    match purge.scope:
        case PurgeScope.ALL:
            return True
        case PurgeScope.ENTRY:
            return meta.id == purge.value
        case PurgeScope.TENANT:
            return meta.tenant == purge.value
        case PurgeScope.MODEL:
            return meta.model == purge.value
        case PurgeScope.TAG:
            return purge.value in meta.tags
