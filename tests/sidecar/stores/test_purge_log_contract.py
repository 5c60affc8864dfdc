"""What every purge log promises."""

from __future__ import annotations

import asyncio

import pytest

from llmcache_sidecar.domain.purge import LogPosition, Purge, PurgeScope
from llmcache_sidecar.ports.purge_log import PurgeLog
from llmcache_sidecar.purging import PurgeIndex
from tests.sidecar.stores.making import an_entry

START = LogPosition()


async def test_an_empty_log_has_an_epoch_and_a_place_to_start_from(purge_log: PurgeLog) -> None:
    first = await purge_log.read(START)
    assert first.epoch
    assert first.records == ()
    assert START < first.floor <= first.head
    assert await purge_log.read(first.head) == first


@pytest.mark.parametrize(
    "purge",
    [
        Purge(PurgeScope.ALL),
        Purge(PurgeScope.TAG, "a tag, with ümlauts"),
        Purge(PurgeScope.MODEL, "org/model:lora"),
        Purge(PurgeScope.TENANT, "t" * 32),
        Purge(PurgeScope.ENTRY, "e" * 32),
        Purge(PurgeScope.TAG, ""),
    ],
    ids=str,
)
async def test_what_was_appended_is_read(purge_log: PurgeLog, purge: Purge) -> None:
    before = await purge_log.read(START)
    record = await purge_log.append(purge)
    assert record.purge == purge
    assert record.position > before.head
    after = await purge_log.read(before.head)
    assert after.records == (record,)
    assert after.head == record.position
    assert after.epoch == before.epoch
    assert after.floor == before.floor


async def test_only_what_is_later_is_read_and_in_order(purge_log: PurgeLog) -> None:
    records = [await purge_log.append(Purge(PurgeScope.TAG, str(n))) for n in range(20)]
    assert [r.position for r in records] == sorted({r.position for r in records})
    assert (await purge_log.read(START)).records == tuple(records)
    assert (await purge_log.read(records[11].position)).records == tuple(records[12:])
    assert (await purge_log.read(records[19].position)).records == ()


async def test_purges_at_the_same_time_get_places_of_their_own(purge_log: PurgeLog) -> None:
    await purge_log.read(START)
    records = await asyncio.gather(
        *(purge_log.append(Purge(PurgeScope.TAG, str(n))) for n in range(30))
    )
    assert len({record.position for record in records}) == 30
    seen = (await purge_log.read(START)).records
    assert set(seen) == set(records)


async def test_a_full_log_drops_the_oldest_and_raises_its_floor(small_log: PurgeLog) -> None:
    records = [await small_log.append(Purge(PurgeScope.TAG, str(n))) for n in range(12)]
    piece = await small_log.read(START)
    assert piece.records == tuple(records[7:])
    assert piece.floor == records[6].position, "what is not older than the floor can be judged"
    gap = await small_log.read(records[2].position)
    assert gap.records == tuple(records[7:])
    assert gap.floor == records[6].position


async def test_an_index_that_follows_judges_rightly(purge_log: PurgeLog) -> None:
    index = PurgeIndex()
    index.apply(await purge_log.read(index.head))
    before = an_entry(position=index.head, tags=("a",)).meta
    assert not index.is_purged(before)
    await purge_log.append(Purge(PurgeScope.TAG, "a"))
    between = an_entry(position=index.head, tags=("a",)).meta
    index.apply(await purge_log.read(index.head))
    after = an_entry(position=index.head, tags=("a",)).meta
    assert index.is_purged(before)
    assert index.is_purged(between)
    assert not index.is_purged(after)
    assert index.generation == 0


async def test_an_index_that_fell_behind_a_full_log_kills_what_it_cannot_judge(
    small_log: PurgeLog,
) -> None:
    index = PurgeIndex()
    index.apply(await small_log.read(index.head))
    held = an_entry(position=index.head, tags=()).meta
    for n in range(5):
        await small_log.append(Purge(PurgeScope.TAG, str(n)))
    index.apply(await small_log.read(index.head))
    assert not index.is_purged(held)
    for n in range(8):
        await small_log.append(Purge(PurgeScope.TAG, str(n)))
    index.apply(await small_log.read(index.head))
    assert index.is_purged(held)
    assert not index.is_purged(an_entry(position=index.head, tags=()).meta)


async def test_closing_twice_is_allowed(purge_log: PurgeLog) -> None:
    await purge_log.aclose()
    await purge_log.aclose()
