"""Servers die, hang, forget, refuse and lie; a request never notices, an operator always does."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from llmcache_sidecar.adapters.breaker import Breaker, BreakerSettings
from llmcache_sidecar.adapters.guarded import GuardedStore
from llmcache_sidecar.adapters.observing import Operation, Reason, Tally
from llmcache_sidecar.adapters.redis_errors import explain
from llmcache_sidecar.adapters.redis_purge_log import RedisPurgeLog
from llmcache_sidecar.adapters.redis_settings import RedisSettings, parse_url
from llmcache_sidecar.adapters.redis_store import RedisStore
from llmcache_sidecar.adapters.write_queue import WriteQueue
from llmcache_sidecar.domain.entry import Entry
from llmcache_sidecar.domain.purge import LogPosition
from llmcache_sidecar.ports.exact_store import StoreError
from tests.sidecar.stores.conftest import Grounds, OpenLink
from tests.sidecar.stores.making import a_key, an_entry
from tests.sidecar.stores.servers import PATIENCE_S, ValkeyServer, cluster, sentinel, valkey
from tests.sidecar.stores.tls import Authority, tls_front

pytestmark = pytest.mark.stores

DEADLINE_S = 0.05
AT_MOST_S = 2.0
SECRET = "hunter2"


class Setting:
    """A guarded store over a server of its own, with a breaker that forgives quickly."""

    def __init__(self, server: ValkeyServer, open_link: OpenLink, url: str = "") -> None:
        self.server = server
        self.tally = Tally()
        settings = RedisSettings(url or f"redis://{server.address}", socket_timeout_s=0.5)
        self.store = RedisStore(open_link(settings=settings))
        quick = BreakerSettings(failures=3, first_pause_s=0.02, longest_pause_s=0.05)
        self.guarded = GuardedStore(
            self.store,
            DEADLINE_S,
            Breaker(quick),
            write_breaker=Breaker(quick),
            observer=self.tally,
        )

    async def get_in_time(self, entry: Entry) -> Entry | None:
        started = time.monotonic()
        found = await self.guarded.get(entry.meta.key)
        assert time.monotonic() - started < AT_MOST_S
        return found

    async def recovers(self, entry: Entry) -> None:
        await eventually(lambda: self._writes(entry))
        await eventually(lambda: self._reads(entry))

    async def _writes(self, entry: Entry) -> bool:
        try:
            return await self.guarded.put(entry)
        except StoreError:
            return False

    async def _reads(self, entry: Entry) -> bool:
        return await self.guarded.get(entry.meta.key) == entry


async def eventually(
    happens: Callable[[], Awaitable[bool]], patience_s: float = PATIENCE_S
) -> None:
    deadline = time.monotonic() + patience_s
    while not await happens():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


@pytest.fixture
async def setting(open_link: OpenLink) -> AsyncIterator[Setting]:
    with valkey() as server:
        setting = Setting(server, open_link)
        yield setting
        await setting.store.aclose()


async def test_a_server_that_was_killed_is_a_miss_and_comes_back(setting: Setting) -> None:
    entry = an_entry()
    await setting.recovers(entry)
    setting.server.kill()
    for _ in range(10):
        assert await setting.get_in_time(entry) is None
    with pytest.raises(StoreError):
        await setting.guarded.put(entry)
    with pytest.raises(StoreError):
        await setting.guarded.check()
    setting.server.start()
    await setting.recovers(entry)


async def test_a_master_that_became_a_replica_is_left_for_whoever_is_there_now(
    setting: Setting, open_link: OpenLink
) -> None:
    """It closes nothing. Behind the address of a Service only a new connection leads to the new one."""
    entry = an_entry()
    await setting.recovers(entry)
    link = open_link(settings=RedisSettings(f"redis://{setting.server.address}"))
    before = set(await link.pipeline([("CLIENT", "ID")])) | {await link.command("CLIENT", "ID")}
    await link.command("REPLICAOF", "127.0.0.1", "1")
    with pytest.raises(StoreError, match="it is a replica"):
        await link.pipeline([("SET", "a", "b")])
    for attempt in (link.pipeline([("CLIENT", "ID")]), link.command("CLIENT", "ID")):
        found = await attempt
        assert not before & (set(found) if isinstance(found, list) else {found})
    with pytest.raises(StoreError, match="it is a replica"):
        await link.command("SET", "a", "b")
    await link.command("REPLICAOF", "NO", "ONE")
    await setting.recovers(entry)


async def test_a_server_that_hangs_is_a_miss_at_the_deadline_and_comes_back(
    setting: Setting,
) -> None:
    entries = [an_entry() for _ in range(30)]
    await setting.recovers(entries[0])
    await setting.guarded.put_many(entries)
    setting.server.pause()
    try:
        started = time.monotonic()
        found = await asyncio.gather(*(setting.guarded.get(entry.meta.key) for entry in entries))
        assert time.monotonic() - started < AT_MOST_S
        assert found == [None] * 30
        assert setting.tally.counts[Operation.GET, Reason.DEADLINE] == 30
        for entry in entries:
            assert await setting.get_in_time(entry) is None
        assert setting.tally.counts[Operation.GET, Reason.CIRCUIT_OPEN] > 0
    finally:
        setting.server.resume()
    await setting.recovers(entries[0])


async def test_look_ups_and_writes_at_once_leave_connections_for_the_other_commands(
    setting: Setting, open_link: OpenLink
) -> None:
    settings = RedisSettings(f"redis://{setting.server.address}", connect_timeout_s=20.0)
    link = open_link(settings=replace(settings, socket_timeout_s=20.0))
    others = settings.max_connections - link.lookups

    def at_once() -> list[Awaitable[object]]:
        return [link.values(["key"]) for _ in range(link.lookups)] + [
            link.together([("GET", "key")]) for _ in range(others)
        ]

    await link.command("PING")
    setting.server.pause()
    try:
        tasks = [asyncio.ensure_future(each) for each in at_once()]
        await asyncio.sleep(0.2)
    finally:
        setting.server.resume()
    await asyncio.gather(*tasks)
    log = RedisPurgeLog(link)
    assert await asyncio.gather(*(link.command("PING") for _ in range(others)))
    assert (await log.read(LogPosition())).epoch
    # And when all of them broke off.
    setting.server.pause()
    try:
        tasks = [asyncio.ensure_future(each) for each in at_once()]
        await asyncio.sleep(0.2)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        setting.server.resume()
    # Again as many at once as the pool has connections.
    commands = [link.command("PING") for _ in range(others)]
    await asyncio.gather(*commands, *(link.values(["key"]) for _ in range(link.lookups)))
    assert (await log.read(LogPosition())).epoch


async def test_a_server_that_restarts_empty_has_nothing_and_works(setting: Setting) -> None:
    entry = an_entry()
    await setting.recovers(entry)
    setting.server.restart_empty()
    await asyncio.sleep(0.05)
    assert await setting.get_in_time(entry) is None
    await setting.recovers(entry)


async def test_a_server_that_is_full_refuses_writes_and_serves_reads(
    open_link: OpenLink,
) -> None:
    with valkey("--maxmemory", "3mb", "--maxmemory-policy", "noeviction") as server:
        setting = Setting(server, open_link)
        entry = an_entry()
        await setting.recovers(entry)
        await setting.store.put_many([an_entry(b"%d" % n * 1000) for n in range(50)])

        with pytest.raises(StoreError, match="memory is full"):
            await fill(setting.store)
        queue = WriteQueue(setting.guarded, observer=setting.tally)
        for _ in range(20):
            queue.offer(an_entry(secrets.token_bytes(500_000)))
            await queue.flush(5.0)
        assert setting.tally.counts[Operation.PUT, Reason.CIRCUIT_OPEN] > 0
        assert await eventually_found(setting, entry)
        await queue.aclose()
        await setting.store.aclose()


async def fill(store: RedisStore) -> None:
    for _ in range(100):
        await store.put_many([an_entry(secrets.token_bytes(50_000)) for _ in range(10)])


async def ask_for_many(store: RedisStore) -> None:
    for _ in range(50):
        await store.get(a_key())


async def eventually_found(setting: Setting, entry: Entry) -> bool:
    await eventually(lambda: setting._reads(entry))
    return True


async def test_a_storm_of_callers_that_leave_does_no_harm(setting: Setting) -> None:
    entries = [an_entry() for _ in range(50)]
    await setting.recovers(entries[0])
    await setting.guarded.put_many(entries)
    for round_number in range(5):
        tasks = [asyncio.create_task(setting.store.get(entry.meta.key)) for entry in entries]
        for _ in range(round_number):
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert await eventually_found(setting, entries[-1])
    await setting.store.aclose()
    assert len(asyncio.all_tasks()) == 1


async def trouble_of(open_link: OpenLink, settings: RedisSettings) -> str:
    """What every operation says; each must fail, and none may show the password."""
    store = RedisStore(open_link(settings=settings))
    said = set()
    entry = an_entry()
    for operation in (
        store.get(entry.meta.key),
        store.put(entry),
        store.delete(entry.meta.key),
        store.find(entry.meta.id),
        store.check(),
    ):
        with pytest.raises(StoreError) as caught:
            await operation
        said.add(str(caught.value))
    with pytest.raises(StoreError):
        _ = [meta async for meta in store.scan()]
    await store.aclose()
    assert not any(SECRET in each for each in said)
    assert len(said) == 1, said
    return said.pop()


async def test_a_wrong_password_says_so(open_link: OpenLink) -> None:
    with valkey(password="right") as server:
        for url in (f"redis://:{SECRET}@{server.address}", f"redis://{server.address}"):
            said = await trouble_of(open_link, RedisSettings(url))
            assert "authentication failed" in said
            assert "password file" in said
            assert server.address in said


async def test_an_acl_user_that_may_do_too_little_says_so(open_link: OpenLink) -> None:
    with valkey(users=[f"little on >{SECRET} ~other:* -@all +client"]) as server:
        url = f"redis://little:{SECRET}@{server.address}"
        assert "ACL user" in await trouble_of(open_link, RedisSettings(url))


async def test_a_password_file_that_is_not_there_says_so(
    open_link: OpenLink, tmp_path: Path
) -> None:
    with valkey(password="right") as server:
        settings = RedisSettings(f"redis://{server.address}", password_file=str(tmp_path / "none"))
        assert "can't be read" in await trouble_of(open_link, settings)


async def test_a_password_that_was_rotated_is_taken_up(open_link: OpenLink, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("old")
    with valkey(password="old") as server:
        settings = RedisSettings(f"redis://{server.address}", password_file=str(file))
        store = RedisStore(open_link(settings=settings))
        await store.check()
        file.write_text("new\n")
        server.ask("CONFIG", "SET", "requirepass", "new")
        server.password = "new"
        server.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        await asyncio.sleep(0.05)
        await store.check()
        await store.aclose()


async def test_tls_that_cannot_be_trusted_or_spoken_says_so(
    grounds: Grounds, open_link: OpenLink, tmp_path: Path
) -> None:
    for name in ("right", "wrong"):
        (tmp_path / name).mkdir()
    right, wrong = Authority(tmp_path / "right"), Authority(tmp_path / "wrong")
    with tls_front(grounds.plain.port, right.sign()) as front:
        url = f"rediss://127.0.0.1:{front.port}"
        good = RedisSettings(url, ca_file=str(right.ca_file))
        store = RedisStore(open_link(settings=good))
        await store.check()
        await store.aclose()
        for broken, advice in (
            (replace(good, ca_file=str(wrong.ca_file)), "certificate was not accepted"),
            (replace(good, ca_file=None), "certificate was not accepted"),
            (replace(good, ca_file=str(tmp_path / "none")), "can't be read"),
            (replace(good, url=url.replace("rediss", "redis")), "TLS"),
            (replace(good, url=f"rediss://{grounds.plain.address}"), "TLS"),
        ):
            assert advice in await trouble_of(open_link, broken)


async def test_a_certificate_for_another_host_is_refused(
    grounds: Grounds, open_link: OpenLink, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    with tls_front(grounds.plain.port, authority.sign("elsewhere.example")) as front:
        url = f"rediss://127.0.0.1:{front.port}"
        settings = RedisSettings(url, ca_file=str(authority.ca_file))
        assert "names the host" in await trouble_of(open_link, settings)
        unchecked = RedisStore(open_link(settings=replace(settings, verify_hostname=False)))
        await unchecked.check()
        await unchecked.aclose()


async def test_nobody_there_says_so(open_link: OpenLink, tmp_path: Path) -> None:
    with valkey() as server:
        address = server.address
    assert "connection refused" in await trouble_of(open_link, RedisSettings(f"redis://{address}"))
    unix = RedisSettings(f"unix://{tmp_path}/none")
    assert "connection failed" in await trouble_of(open_link, unix)


async def test_a_cluster_addressed_as_a_single_server_says_so(
    grounds: Grounds, open_link: OpenLink
) -> None:
    node = grounds.cluster[0]
    store = RedisStore(
        open_link(settings=RedisSettings(f"redis://:{node.password}@{node.address}"))
    )
    with pytest.raises(StoreError, match=r"redis\+cluster"):
        await ask_for_many(store)
    await store.aclose()


async def test_a_single_server_addressed_as_a_cluster_says_so(
    grounds: Grounds, open_link: OpenLink
) -> None:
    url = f"redis+cluster://{grounds.plain.address}"
    assert "cluster" in await trouble_of(open_link, RedisSettings(url))


async def test_a_master_that_the_sentinels_do_not_know_says_so(
    grounds: Grounds, open_link: OpenLink
) -> None:
    watcher = grounds.sentinel.sentinel.address
    url = f"redis+sentinel://:{SECRET}@{watcher}/nobody"
    said = await trouble_of(open_link, RedisSettings(url))
    assert "healthy master of this name" in said
    assert "nobody" in said


async def test_after_a_failover_the_new_master_is_used(open_link: OpenLink) -> None:
    with sentinel() as group:
        url = f"redis+sentinel://{group.sentinel.address}/{group.name}"
        setting = Setting(group.master, open_link, url)
        entry = an_entry()
        await setting.recovers(entry)
        group.fail_over()
        assert await setting.get_in_time(entry) in (entry, None)
        await setting.recovers(an_entry())
        await setting.store.aclose()


async def test_one_cluster_node_that_hangs_does_not_hold_up_the_others(
    open_link: OpenLink,
) -> None:
    with cluster() as nodes:
        hosts = ",".join(node.address for node in nodes)
        setting = Setting(nodes[0], open_link, f"redis+cluster://{hosts}")
        setting.guarded = GuardedStore(
            setting.store, 0.5, Breaker(BreakerSettings(failures=1000)), observer=setting.tally
        )
        entries = [an_entry() for _ in range(60)]
        await setting.store.put_many(entries)
        hung = set(nodes[0].ask("KEYS", "llmcache:*:e:*"))
        nodes[0].pause()
        try:
            found = await asyncio.gather(
                *(setting.guarded.get(entry.meta.key) for entry in entries)
            )
        finally:
            nodes[0].resume()
        for entry, result in zip(entries, found, strict=True):
            there = f"llmcache:default:e:{entry.meta.key.hex()}".encode() in hung
            assert result == (None if there else entry)
        assert 0 < len(hung) < 60
        await setting.recovers(entries[0])
        await setting.store.aclose()


async def test_deadlines_shorter_than_getting_to_know_a_cluster_do_not_keep_it_unknown(
    grounds: Grounds, open_link: OpenLink
) -> None:
    store = RedisStore(open_link("redis-cluster"))
    entry = an_entry()
    await RedisStore(open_link("redis-cluster")).put(entry)
    impatient = GuardedStore(store, 0.0, Breaker(BreakerSettings(failures=10**6)))
    assert await impatient.get(entry.meta.key) is None

    async def known() -> bool:
        await impatient.get(entry.meta.key)
        return bool(await store._link.lane("x")) if slots(store) else False

    await eventually(known)
    assert await store.get(entry.meta.key) == entry
    await store.aclose()


def slots(store: RedisStore) -> bool:
    cluster = store._link._cluster
    return cluster is not None and bool(cluster.nodes_manager.slots_cache)


def test_a_connection_that_was_closed_under_a_command_is_told_as_one() -> None:
    """uvloop raises a RuntimeError there."""
    text = "unable to perform operation on <TCPTransport closed=True>; the handler is closed"
    told = explain(RuntimeError(text), parse_url("redis://127.0.0.1:6379"))
    assert "the connection failed or was closed" in str(told)
    assert "unexpected RuntimeError" in str(explain(RuntimeError("else"), parse_url("redis://h")))
