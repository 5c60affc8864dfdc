"""Who has not asked the purge log for a while asks before it says that it knows nothing.

Seen on a machine whose cores were all taken: a process slept for up to five seconds where it had
asked for 20 ms, its purge log was out of date by then, and what it held was not served until the
next reading a quarter of a second later. With pauses one after another that was every time.
"""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from llmcache_sidecar.adapters.first_level import FirstLevel
from llmcache_sidecar.adapters.memory_purge_log import MemoryPurgeLog
from llmcache_sidecar.adapters.memory_store import MemoryStore
from llmcache_sidecar.domain.purge import LogPosition, LogSlice, Purge, PurgeScope
from llmcache_sidecar.pipeline.stored.look_up import LookUp
from llmcache_sidecar.pipeline.stored.purges import Purges
from llmcache_sidecar.ports.exact_store import StoreError
from tests.sidecar.stores.making import HandClock, an_entry

PAUSE_S = 5.0
TTL_S = 3600.0


class LogFromAfar(MemoryPurgeLog):
    """A log that can be out of reach, and counts its readings."""

    readings = 0
    trouble: StoreError | None = None
    silent = False

    async def read(self, after: LogPosition) -> LogSlice:
        self.readings += 1
        if self.silent:
            await asyncio.Event().wait()
        if self.trouble is not None:
            raise self.trouble
        return await super().read(after)


class Replica:
    """A look-up with an entry in its first level, and the log that it goes by."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.log = LogFromAfar(self.clock)
        hot = FirstLevel(1 << 20, TTL_S)
        store = MemoryStore(1 << 20, self.clock)
        self.purges = Purges(
            self.log, store, hot, self.clock,
            shared=True, longest_life=lambda: TTL_S, patience=lambda: 0.05,
        )  # fmt: skip
        self._look_up = LookUp(hot, store, self.purges, self.clock)
        self._hot = hot

    async def with_an_entry(self) -> Replica:
        await self.purges.read_once()
        now = self.clock.time()
        self.entry = an_entry(created_at=now, expires_at=now + TTL_S, position=self.purges.position)
        self._hot.put(self.entry, self.clock.monotonic())
        assert await self.serves()
        return self

    async def serves(self) -> bool:
        return await self._look_up.find(self.entry.meta.key, TTL_S, TTL_S) is not None


@pytest.fixture
async def replica() -> Replica:
    return await Replica().with_an_entry()


async def test_after_a_pause_the_first_request_is_a_hit(replica: Replica) -> None:
    replica.clock.pass_by(PAUSE_S)
    assert await replica.serves()


async def test_what_was_purged_in_the_pause_is_not_served(replica: Replica) -> None:
    replica.clock.pass_by(PAUSE_S)
    await replica.log.append(Purge(PurgeScope.ALL))
    assert not await replica.serves()


async def test_requests_that_come_together_share_one_reading(replica: Replica) -> None:
    before = replica.log.readings
    replica.clock.pass_by(PAUSE_S)
    assert all(await asyncio.gather(*(replica.serves() for _ in range(20))))
    assert replica.log.readings == before + 1


@pytest.mark.parametrize("silent", [True, False])
async def test_an_outage_is_waited_for_once(replica: Replica, silent: bool) -> None:
    replica.clock.pass_by(PAUSE_S)
    replica.log.silent, replica.log.trouble = silent, StoreError("refused")
    before = replica.log.readings
    assert not any([await replica.serves() for _ in range(20)])
    assert replica.log.readings == before + 1


async def test_after_an_outage_it_is_the_follower_who_finds_out(replica: Replica) -> None:
    replica.clock.pass_by(PAUSE_S)
    replica.log.trouble = StoreError("refused")
    assert not await replica.serves()
    replica.log.trouble = None
    assert not await replica.serves()
    following = asyncio.create_task(replica.purges.follow())
    try:
        async with asyncio.timeout(5):
            while not await replica.serves():
                await asyncio.sleep(0.01)
    finally:
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following
    replica.clock.pass_by(PAUSE_S)
    assert await replica.serves()


async def test_a_reading_that_hangs_holds_a_request_up_no_longer_than_a_look_up(
    replica: Replica,
) -> None:
    """The follower is in the middle of a reading that nobody answers."""
    replica.clock.pass_by(PAUSE_S)
    replica.log.silent = True
    following = asyncio.create_task(replica.purges.read_once())
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        assert not await replica.serves()
    following.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await following
