"""Every store and every purge log, over every way to reach a server."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from llmcache_sidecar.adapters.codec import Codec
from llmcache_sidecar.adapters.encryption import KeyRing
from llmcache_sidecar.adapters.memory_purge_log import MemoryPurgeLog
from llmcache_sidecar.adapters.memory_store import MemoryStore
from llmcache_sidecar.adapters.redis_link import RedisLink
from llmcache_sidecar.adapters.redis_purge_log import RedisPurgeLog
from llmcache_sidecar.adapters.redis_settings import RedisSettings
from llmcache_sidecar.adapters.redis_store import RedisStore
from llmcache_sidecar.ports.exact_store import ExactStore
from llmcache_sidecar.ports.purge_log import PurgeLog
from tests.sidecar.stores.servers import (
    SentinelGroup,
    ValkeyServer,
    cluster,
    sentinel,
    valkey,
)
from tests.sidecar.stores.tls import Authority, tls_front

REACHED = ["redis", "redis-unix", "redis-acl", "redis-tls", "redis-sentinel", "redis-cluster"]

OpenLink = Callable[..., RedisLink]


class Grounds:
    """The servers of a test session, each started when first asked for."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack = stack
        self._folder = folder
        self._plain: ValkeyServer | None = None
        self._locked: ValkeyServer | None = None
        self._sentinel: SentinelGroup | None = None
        self._cluster: list[ValkeyServer] | None = None
        self._tls: tuple[int, Authority] | None = None
        self.password_file = folder / "password"
        self.password_file.write_text("s3cret\n")

    @property
    def plain(self) -> ValkeyServer:
        if self._plain is None:
            self._plain = self._stack.enter_context(valkey(unix=True))
        return self._plain

    @property
    def locked(self) -> ValkeyServer:
        """One whose only way in is an ACL user that may do no more than the docs say."""
        if self._locked is None:
            allowed = (
                "+@read +@write +@connection +@scripting +time +hmget -keys -flushall -flushdb"
            )
            user = f"cache on >s3cret ~llmcache:* resetchannels -@all {allowed}"
            self._locked = self._stack.enter_context(valkey(password="other", users=[user]))
        return self._locked

    @property
    def sentinel(self) -> SentinelGroup:
        if self._sentinel is None:
            self._sentinel = self._stack.enter_context(sentinel(password="s3cret"))
        return self._sentinel

    @property
    def cluster(self) -> list[ValkeyServer]:
        if self._cluster is None:
            self._cluster = self._stack.enter_context(cluster(password="s3cret"))
        return self._cluster

    @property
    def tls(self) -> tuple[int, Authority]:
        if self._tls is None:
            authority = Authority(self._folder)
            front = self._stack.enter_context(
                tls_front(self.plain.port, authority.sign(), authority.ca_file)
            )
            self._tls = front.port, authority
        return self._tls

    def settings(self, kind: str, namespace: str) -> RedisSettings:
        """How to reach a server in a certain way; patient, for machines that are busy."""
        settings = self._settings(kind, namespace)
        return replace(settings, connect_timeout_s=20.0, socket_timeout_s=20.0)

    def _settings(self, kind: str, namespace: str) -> RedisSettings:
        password_file = str(self.password_file)
        if kind == "redis-unix":
            return RedisSettings(f"unix://{self.plain.socket_path}?db=1", namespace)
        if kind == "redis-acl":
            return RedisSettings(
                f"redis://{self.locked.address}",
                namespace,
                username="cache",
                password_file=password_file,
            )
        if kind == "redis-tls":
            port, authority = self.tls
            mine = authority.sign("client")
            return RedisSettings(
                f"rediss://127.0.0.1:{port}/2",
                namespace,
                ca_file=str(authority.ca_file),
                cert_file=str(mine.cert_file),
                key_file=str(mine.key_file),
            )
        if kind == "redis-sentinel":
            watcher = self.sentinel.sentinel.address
            return RedisSettings(
                f"redis+sentinel://:s3cret@{watcher}/{self.sentinel.name}/3", namespace
            )
        if kind == "redis-cluster":
            hosts = ",".join(node.address for node in self.cluster[:2])
            return RedisSettings(f"redis+cluster://{hosts}", namespace, password_file=password_file)
        return RedisSettings(f"redis://{self.plain.address}/0", namespace)


@pytest.fixture(scope="session")
def grounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grounds]:
    with ExitStack() as stack:
        yield Grounds(stack, tmp_path_factory.mktemp("grounds"))


@pytest.fixture
def namespace() -> str:
    """Each test has a namespace of its own, so that servers can be shared."""
    return f"t-{secrets.token_hex(6)}"


@pytest.fixture
async def open_link(grounds: Grounds, namespace: str) -> AsyncIterator[OpenLink]:
    """Opens links that are closed after the test."""
    links: list[RedisLink] = []

    def open_one(kind: str = "redis", settings: RedisSettings | None = None) -> RedisLink:
        links.append(RedisLink(settings or grounds.settings(kind, namespace)))
        return links[-1]

    yield open_one
    for link in links:
        await link.aclose()


def _kinds(*kinds: str) -> list[object]:
    return [
        pytest.param(kind, marks=pytest.mark.stores) if kind.startswith("redis") else kind
        for kind in kinds
    ]


@pytest.fixture(params=_kinds("memory", "redis-aes", *REACHED))
async def store(request: pytest.FixtureRequest, open_link: OpenLink) -> AsyncIterator[ExactStore]:
    """An empty store of every kind."""
    kind: str = request.param
    made: ExactStore
    if kind == "memory":
        made = MemoryStore(1 << 24)
    elif kind == "redis-aes":
        keyring = KeyRing([b"1" * 32, b"2" * 32])
        made = RedisStore(open_link("redis"), Codec(max_body_bytes=1 << 22, keyring=keyring))
    else:
        made = RedisStore(open_link(kind), Codec(max_body_bytes=1 << 22))
    yield made
    await made.aclose()


@pytest.fixture(params=_kinds("memory", *REACHED))
def purge_log(request: pytest.FixtureRequest, open_link: OpenLink) -> PurgeLog:
    """An empty purge log of every kind."""
    kind: str = request.param
    return MemoryPurgeLog() if kind == "memory" else RedisPurgeLog(open_link(kind))


@pytest.fixture(params=_kinds("memory", "redis"))
def small_log(request: pytest.FixtureRequest, open_link: OpenLink) -> PurgeLog:
    """A purge log that keeps five records."""
    if request.param == "memory":
        return MemoryPurgeLog(max_records=5)
    return RedisPurgeLog(open_link("redis"), max_records=5)
