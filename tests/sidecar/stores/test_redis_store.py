"""What is particular to entries in Redis: names, foreign data, one round trip."""

from __future__ import annotations

import asyncio

import pytest

from llmcache_sidecar.adapters.codec import Codec
from llmcache_sidecar.adapters.encryption import KeyRing
from llmcache_sidecar.adapters.observing import Operation, Reason, Tally
from llmcache_sidecar.adapters.redis_store import RedisStore
from tests.sidecar.stores.conftest import Grounds, OpenLink
from tests.sidecar.stores.making import HandClock, a_key, an_entry

pytestmark = pytest.mark.stores


def calls_of(grounds: Grounds, command: str) -> int:
    stats = grounds.plain.ask("INFO", "commandstats")
    return int(stats.get(f"cmdstat_{command}", {"calls": 0})["calls"])


async def test_gets_of_one_moment_share_one_command(grounds: Grounds, open_link: OpenLink) -> None:
    store = RedisStore(open_link())
    entries = [an_entry() for _ in range(20)]
    await store.put_many(entries)
    before = calls_of(grounds, "mget")
    found = await asyncio.gather(*(store.get(entry.meta.key) for entry in entries))
    assert found == entries
    assert calls_of(grounds, "mget") == before + 1
    await store.aclose()


async def test_every_key_has_the_namespace_and_an_expiry(
    grounds: Grounds, open_link: OpenLink, namespace: str
) -> None:
    store = RedisStore(open_link())
    entry = an_entry()
    await store.put(entry)
    names = grounds.plain.ask("KEYS", f"*{namespace}*")
    assert sorted(names) == [
        f"llmcache:{namespace}:e:{entry.meta.key.hex()}".encode(),
        f"llmcache:{namespace}:i:{entry.meta.id}".encode(),
    ]
    for name in names:
        assert 3_500_000 < grounds.plain.ask("PTTL", name) <= 3_600_000
    await store.aclose()


async def test_namespaces_of_one_server_see_nothing_of_each_other(
    grounds: Grounds, open_link: OpenLink, namespace: str
) -> None:
    stores = [
        RedisStore(open_link(settings=grounds.settings("redis", f"{namespace}{suffix}")))
        for suffix in ("", "x", "/x")
    ]
    entry = an_entry()
    await stores[0].put(entry)
    for other in stores[1:]:
        assert await other.get(entry.meta.key) is None
        assert await other.find(entry.meta.id) is None
        assert [meta async for meta in other.scan()] == []
    for store in stores:
        await store.aclose()


@pytest.mark.parametrize("kind", ["redis", "redis-cluster"])
async def test_what_others_left_under_our_names_is_absent_and_counted(
    grounds: Grounds, open_link: OpenLink, namespace: str, kind: str
) -> None:
    tally = Tally()
    link = open_link(kind)
    store = RedisStore(link, observer=tally)
    good, garbage, foreign = an_entry(), a_key(), a_key()
    await store.put(good)
    await link.command("SET", f"llmcache:{namespace}:e:{garbage.hex()}", b"\x01garbage")
    await link.command("RPUSH", f"llmcache:{namespace}:e:{foreign.hex()}", b"a list")
    found = await asyncio.gather(*(store.get(key) for key in (good.meta.key, garbage, foreign)))
    assert found == [good, None, None]
    assert sum(tally.counts.values()) == 1
    assert [meta async for meta in store.scan()] == [good.meta]
    await store.aclose()


async def test_an_entry_that_was_copied_under_another_key_is_absent(
    open_link: OpenLink, namespace: str
) -> None:
    tally = Tally()
    link = open_link()
    store = RedisStore(link, Codec(keyring=KeyRing([b"k" * 32])), observer=tally)
    entry, other = an_entry(), a_key()
    await store.put(entry)
    prefix = f"llmcache:{namespace}:e:"
    await link.command("COPY", prefix + entry.meta.key.hex(), prefix + other.hex())
    assert await store.get(other) is None
    assert tally.counts == {(Operation.GET, Reason.NOT_AUTHENTIC): 1}
    await store.aclose()


async def test_this_process_own_clock_ends_an_entry_too(open_link: OpenLink) -> None:
    clock = HandClock()
    store = RedisStore(open_link(), clock=clock)
    entry = an_entry(expires_at=clock.time() + 3600)
    await store.put(entry)
    assert await store.get(entry.meta.key) == entry
    clock.pass_by(3600)
    assert await store.get(entry.meta.key) is None
    assert await store.find(entry.meta.id) is None
    await store.aclose()


async def test_an_id_that_points_to_a_replaced_entry_dangles_and_is_nothing(
    open_link: OpenLink, namespace: str
) -> None:
    link = open_link()
    store = RedisStore(link)
    old = an_entry()
    new = an_entry(key=old.meta.key)
    await store.put_many([old, new])
    assert await link.command("EXISTS", f"llmcache:{namespace}:i:{old.meta.id}") == 1
    assert await store.find(old.meta.id) is None
    await store.aclose()


async def test_a_cluster_spreads_entries_over_its_masters(
    grounds: Grounds, open_link: OpenLink, namespace: str
) -> None:
    store = RedisStore(open_link("redis-cluster"))
    await store.put_many([an_entry() for _ in range(60)])
    held = [len(node.ask("KEYS", f"llmcache:{namespace}:e:*")) for node in grounds.cluster]
    assert sum(held) == 60
    assert min(held) > 0
    await store.aclose()


async def test_a_moved_slot_of_a_cluster_is_followed(grounds: Grounds, open_link: OpenLink) -> None:
    store = RedisStore(open_link("redis-cluster"))
    entry = an_entry()
    await store.put(entry)
    name = f"llmcache:{store._link.settings.namespace}:e:{entry.meta.key.hex()}"
    first = grounds.cluster[0]
    slot = first.ask("CLUSTER", "KEYSLOT", name)
    ids = [node.ask("CLUSTER", "MYID").decode() for node in grounds.cluster]
    owner = next(n for n, node in enumerate(grounds.cluster) if node.ask("KEYS", name))
    target = (owner + 1) % 3
    source, goal = grounds.cluster[owner], grounds.cluster[target]
    goal.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[owner])
    source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[target])
    try:
        assert await store.get(entry.meta.key) == entry
        source.ask("MIGRATE", "127.0.0.1", goal.port, name, 0, 5000, "AUTH", goal.password)
        assert await store.get(entry.meta.key) == entry, "the slot is being moved"
        for node in (goal, source):
            node.ask("CLUSTER", "SETSLOT", slot, "NODE", ids[target])
        for _ in range(3):
            assert await store.get(entry.meta.key) == entry, "the slot has moved"
        assert await store.delete(entry.meta.key, only=entry.meta.id)
    finally:
        for node in grounds.cluster:
            node.ask("CLUSTER", "SETSLOT", slot, "NODE", ids[target])
    await store.aclose()
