"""A log that lost something says so: another epoch, or a floor."""

from __future__ import annotations

import asyncio

import pytest

from llmcache_sidecar.adapters.redis_purge_log import RedisPurgeLog
from llmcache_sidecar.adapters.redis_settings import RedisSettings
from llmcache_sidecar.domain.entry import EntryMeta
from llmcache_sidecar.domain.purge import LogPosition, Purge, PurgeRecord, PurgeScope
from llmcache_sidecar.ports.exact_store import StoreError
from llmcache_sidecar.purging import PurgeIndex
from tests.sidecar.stores.conftest import OpenLink
from tests.sidecar.stores.making import an_entry
from tests.sidecar.stores.servers import sentinel, valkey

pytestmark = pytest.mark.stores

START = LogPosition()
TAG = Purge(PurgeScope.TAG, "x")


class Replica:
    """A log and the index that follows it."""

    def __init__(self, log: RedisPurgeLog) -> None:
        self.log = log
        self.index = PurgeIndex()

    async def follow(self) -> None:
        self.index.apply(await self.log.read(self.index.head))

    def an_inference(self) -> EntryMeta:
        return an_entry(position=self.index.head, tags=()).meta


async def replicas(open_link: OpenLink, count: int = 2) -> list[Replica]:
    made = [Replica(RedisPurgeLog(open_link())) for _ in range(count)]
    for replica in made:
        await replica.follow()
    return made


def names(namespace: str) -> tuple[str, str]:
    prefix = f"llmcache:{namespace}:{{{namespace}}}:"
    return f"{prefix}purges", f"{prefix}purge-state"


async def test_what_one_replica_purges_every_replica_reads(open_link: OpenLink) -> None:
    here, there = await replicas(open_link)
    assert here.index.epoch == there.index.epoch
    record = await here.log.append(TAG)
    await there.follow()
    assert there.index.head == record.position
    assert there.index.generation == 0


async def test_an_appended_purge_noted_and_read_again_is_one(open_link: OpenLink) -> None:
    (here,) = await replicas(open_link, 1)
    here.index.note(await here.log.append(TAG))
    version = here.index.version
    await here.follow()
    assert here.index.version == version


@pytest.mark.parametrize("lost", ["stream", "state", "both"])
async def test_a_log_that_was_lost_begins_another_epoch_beyond_all_that_was_seen(
    open_link: OpenLink, namespace: str, lost: str
) -> None:
    here, there = await replicas(open_link)
    await here.log.append(TAG)
    await here.follow()
    await there.follow()
    held = here.an_inference()
    stream, state = names(namespace)
    gone = {"stream": [stream], "state": [state], "both": [stream, state]}[lost]
    for name in gone:
        await open_link().command("DEL", name)
    for replica in (here, there):
        await replica.follow()
        assert replica.index.generation == 1
        assert replica.index.is_purged(held)
        assert not replica.index.is_purged(replica.an_inference())
    assert here.index.epoch == there.index.epoch
    await there.follow()
    assert there.index.generation == 1, "and it stays"


async def test_a_purge_after_the_loss_does_not_hide_it(open_link: OpenLink, namespace: str) -> None:
    here, there = await replicas(open_link)
    held = there.an_inference()
    await open_link().command("DEL", *names(namespace))
    await here.log.append(TAG)
    await there.follow()
    assert there.index.generation == 1
    assert there.index.is_purged(held)
    await here.follow()
    assert here.index.generation == 1
    assert here.index.epoch == there.index.epoch


async def test_a_log_whose_end_was_lost_begins_another_epoch_for_all(
    open_link: OpenLink, namespace: str
) -> None:
    here, there, slow = await replicas(open_link, 3)
    first = await here.log.append(TAG)
    lost = await here.log.append(Purge(PurgeScope.ALL))
    await there.follow()
    assert there.index.head == lost.position
    await open_link().command("XDEL", names(namespace)[0], str(lost.position))
    held = slow.an_inference()
    await there.follow()
    assert there.index.generation == 1
    await slow.follow()
    assert slow.index.generation == 1
    assert slow.index.is_purged(held), "the purge that was lost may have meant it"
    assert first.position < slow.index.floor


async def test_a_later_purge_does_not_hide_that_the_one_before_was_lost(
    open_link: OpenLink, namespace: str
) -> None:
    here, there, slow = await replicas(open_link, 3)
    lost = await here.log.append(Purge(PurgeScope.ALL))
    await open_link().command("XDEL", names(namespace)[0], str(lost.position))
    await slow.log.append(TAG)
    await there.follow()
    await here.follow()
    assert here.index.generation == 1, "the writer knows what it wrote"
    await there.follow()
    assert there.index.generation == 1


async def test_records_that_are_older_than_any_entry_are_trimmed_and_the_floor_follows(
    open_link: OpenLink,
) -> None:
    log = RedisPurgeLog(open_link(), keep_s=0.5)
    replica = Replica(log)
    await replica.follow()
    old = [await log.append(Purge(PurgeScope.TAG, str(n))) for n in range(3)]
    await replica.follow()
    held = replica.an_inference()
    await asyncio.sleep(0.6)
    new = await log.append(TAG)
    piece = await log.read(START)
    assert piece.records == (new,)
    assert piece.floor == old[-1].position
    await replica.follow()
    assert replica.index.generation == 0
    assert not replica.index.is_purged(held), "it saw all that was trimmed"


async def test_a_longer_life_of_records_holds_from_the_next_one_on(open_link: OpenLink) -> None:
    log = RedisPurgeLog(open_link(), keep_s=0.5)
    old = await log.append(TAG)
    log.keep_s = 3600.0
    await asyncio.sleep(0.6)
    new = await log.append(TAG)
    assert (await log.read(START)).records == (old, new)


async def test_everything_trimmed_is_not_everything_lost(
    open_link: OpenLink, namespace: str
) -> None:
    (replica,) = await replicas(open_link, 1)
    last = await replica.log.append(TAG)
    await replica.follow()
    held = replica.an_inference()
    stream, state = names(namespace)
    await open_link().command("HSET", state, "floor", str(last.position))
    await open_link().command("XTRIM", stream, "MAXLEN", 0)
    await replica.follow()
    assert replica.index.generation == 0
    assert not replica.index.is_purged(held)
    await replica.log.append(TAG)
    await replica.follow()
    assert replica.index.generation == 0


async def test_thousands_of_records_are_read_to_the_end(open_link: OpenLink) -> None:
    log = RedisPurgeLog(open_link())
    start = await log.read(START)
    link = open_link()
    stream = log._keys[0]
    await link.pipeline(
        [("XADD", stream, "*", "scope", "tag", "value", str(n)) for n in range(11_000)]
    )
    piece = await log.read(start.head)
    assert [record.purge.value for record in piece.records] == [str(n) for n in range(11_000)]
    assert piece.head == piece.records[-1].position


async def test_a_scope_that_is_not_known_yet_is_taken_to_mean_everything(
    open_link: OpenLink,
) -> None:
    log = RedisPurgeLog(open_link())
    start = await log.read(START)
    place = await open_link().command("XADD", log._keys[0], "*", "scope", "new", "value", "x")
    assert (await log.read(start.head)).records == (
        PurgeRecord(Purge(PurgeScope.ALL), LogPosition.parse(place.decode())),
    )


async def test_a_server_that_forgets_its_scripts_is_told_them_again(open_link: OpenLink) -> None:
    log = RedisPurgeLog(open_link())
    await log.append(TAG)
    await open_link().command("SCRIPT", "FLUSH")
    assert len((await log.read(START)).records) == 1


async def test_a_restarted_empty_server_begins_another_epoch(open_link: OpenLink) -> None:
    with valkey() as server:
        settings = RedisSettings(f"redis://{server.address}")
        replica = Replica(RedisPurgeLog(open_link(settings=settings)))
        await replica.follow()
        await replica.log.append(TAG)
        await replica.follow()
        held = replica.an_inference()
        server.restart_empty()
        await asyncio.sleep(0.05)  # the loop sees the old connection end
        await replica.follow()
        assert replica.index.generation == 1
        assert replica.index.is_purged(held)
        assert not replica.index.is_purged(replica.an_inference())


async def test_a_purge_that_is_not_confirmed_raises(open_link: OpenLink) -> None:
    with valkey() as server:
        settings = RedisSettings(f"redis://{server.address}", socket_timeout_s=0.2)
        log = RedisPurgeLog(open_link(settings=settings))
        await log.append(TAG)
        server.pause()
        with pytest.raises(StoreError, match="no answer in time"):
            await log.append(TAG)
        server.resume()
        await log.append(TAG)
        server.kill()
        with pytest.raises(StoreError):
            await log.append(TAG)
        with pytest.raises(StoreError, match="refused"):
            await log.read(START)


async def test_a_failover_that_loses_a_confirmed_purge_is_noticed(open_link: OpenLink) -> None:
    with sentinel() as group:
        url = f"redis+sentinel://{group.sentinel.address}/{group.name}"
        settings = RedisSettings(url, socket_timeout_s=5.0)
        here, there = (Replica(RedisPurgeLog(open_link(settings=settings))) for _ in range(2))
        await here.follow()
        await there.follow()
        held = there.an_inference()
        assert group.master.ask("WAIT", 1, 5000) == 1
        group.replica.pause()
        group.master.ask("CLIENT", "KILL", "TYPE", "replica")
        await here.log.append(Purge(PurgeScope.ALL))
        group.master.kill()
        group.replica.resume()
        group.await_master(group.replica)
        await asyncio.sleep(0.05)  # the loop sees the old connections end
        await here.follow()
        assert here.index.generation == 1
        await there.follow()
        assert there.index.is_purged(held)
