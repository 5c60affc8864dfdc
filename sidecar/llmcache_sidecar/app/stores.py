"""Which stores and which engine, as the configuration says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from llmcache_api import ConfigError, SidecarConfig

from ..adapters.engine_http import HttpEngine
from ..adapters.first_level import FirstLevel
from ..adapters.guarded import GuardedStore
from ..adapters.guarded_leases import GuardedLeases
from ..adapters.memory_purge_log import MemoryPurgeLog
from ..adapters.memory_store import MemoryStore
from ..adapters.observing import Reason
from ..adapters.write_queue import WriteQueue
from ..domain.entry import Entry
from ..ports.clock import Clock
from ..ports.evidence_store import EvidenceStore
from ..ports.exact_store import ExactStore
from ..ports.hot_entries import EntryWriter
from ..ports.leases import Leases
from ..ports.purge_log import PurgeLog
from ..telemetry.account import Account

if TYPE_CHECKING:
    from ..adapters.encryption import KeyRing

_LOG_SLACK_S: Final = 3600.0
_LONGEST_LIFE_S: Final = 2 * 366 * 86400.0
"""ttl and what may follow it, at most."""


class Observer:
    """Enters the adapters' troubles into the account."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def count(self, operation: StrEnum, reason: Reason, amount: int = 1) -> None:
        """See `adapters.observing.StoreObserver` and `adapters.vectors.observing`."""
        self._account.trouble(operation.value, reason.value, amount)


class DirectWriter:
    """Writes to the memory store at once: there is nothing to wait for."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def offer(self, entry: Entry) -> bool:
        """See `ports.hot_entries.EntryWriter`."""
        return self._store.put_now(entry)


@dataclass(frozen=True, slots=True)
class Stores:
    """The chosen stores.

    Attributes:
        reader: answers look-ups within its deadline.
        shared: other replicas use the same store.
        evidence: where replicas share what samples showed; None where nobody shares.
        flush: writes what waits within that many seconds; how many were left.
        figures: what statistics and gauges show.
        reload: takes over the bounds and deadlines of another configuration of the same stores.
        leases: None where no other replica can be asking the same.
    """

    reader: ExactStore
    writer: EntryWriter
    hot: FirstLevel
    log: PurgeLog
    shared: bool
    evidence: EvidenceStore | None
    flush: Callable[[float], Awaitable[int]]
    close: Callable[[], Awaitable[None]]
    figures: Callable[[], dict[str, int | str]]
    reload: Callable[[SidecarConfig], None]
    leases: Leases | None = None


def make_stores(config: SidecarConfig, account: Account, clock: Clock) -> Stores:
    """Build them; a `ConfigError` says which file or package is missing."""
    if config.stores.redis is None:
        return _memory(config, clock)
    return _redis(config, account, clock)


def make_engine(config: SidecarConfig) -> HttpEngine:
    """The way to the engine; a `ConfigError` when its certificate authority is of no use."""
    upstream = config.upstream
    try:
        return HttpEngine(upstream.url, upstream.ca_file, upstream.connect_timeout)
    except OSError as error:  # ssl.SSLError is one
        raise ConfigError(
            [f"upstream.caFile: can't use {upstream.ca_file}: {error.strerror or error}; takes a "
             "file of certificates in PEM"]
        ) from None  # fmt: skip


def _memory(config: SidecarConfig, clock: Clock) -> Stores:
    store = MemoryStore(config.stores.memory.max_size, clock)
    hot = FirstLevel(config.stores.first_level.max_size, None)
    log = MemoryPurgeLog(clock)

    async def flush(_: float) -> int:
        return 0

    async def close() -> None:
        await log.aclose()
        await store.aclose()

    def figures() -> dict[str, int | str]:
        return {
            "kind": "memory",
            "memoryEntries": len(store),
            "memoryBytes": store.bytes,
            "firstLevelEntries": len(hot),
            "firstLevelBytes": hot.bytes,
        }

    def reload(config: SidecarConfig) -> None:
        store.rebound(config.stores.memory.max_size)
        hot.rebound(config.stores.first_level.max_size, None)

    return Stores(store, DirectWriter(store), hot, log, False, None, flush, close, figures, reload)


def _redis(config: SidecarConfig, account: Account, clock: Clock) -> Stores:
    try:
        from ..adapters.codec import Codec
        from ..adapters.redis_evidence import RedisEvidence
        from ..adapters.redis_leases import RedisLeases
        from ..adapters.redis_link import RedisLink
        from ..adapters.redis_purge_log import RedisPurgeLog
        from ..adapters.redis_settings import RedisSettings, RedisSettingsError
        from ..adapters.redis_store import RedisStore
    except ImportError as error:
        raise ConfigError(
            [f"stores.redis: needs a package that is not installed ({error.name}); "
             "install llmcache[redis]"]
        ) from None  # fmt: skip
    section = config.stores.redis
    assert section is not None
    observer = Observer(account)
    try:
        link = RedisLink(
            RedisSettings(
                url=section.url,
                namespace=config.response_cache.namespace,
                username=section.username,
                password_file=section.password_file,
                ca_file=section.ca_file,
                cert_file=section.cert_file,
                key_file=section.key_file,
            )
        )
    except RedisSettingsError as error:
        raise ConfigError([f"stores.redis: {error}"]) from None
    codec = Codec(max_body_bytes=config.response_cache.limits.stored_body, keyring=keyring(config))
    store = RedisStore(link, codec, clock, observer)
    guarded = GuardedStore(store, section.deadline, clock=clock, observer=observer)
    log = RedisPurgeLog(link, keep_s=purge_record_life(config))
    in_redis = RedisLeases(link)
    leases = GuardedLeases(in_redis, section.deadline, clock=clock, observer=observer)
    queue = WriteQueue(guarded, max_bytes=config.stores.write_queue, observer=observer)
    hot = FirstLevel(config.stores.first_level.max_size, config.stores.first_level.max_age)

    async def close() -> None:
        await queue.aclose()
        await log.aclose()
        await in_redis.aclose()
        await guarded.aclose()
        await link.aclose()

    def figures() -> dict[str, int | str]:
        return {
            "kind": "redis",
            "reads": guarded.state.value,
            "writes": guarded.write_state.value,
            "writeQueueEntries": queue.entries,
            "writeQueueBytes": queue.bytes,
            "firstLevelEntries": len(hot),
            "firstLevelBytes": hot.bytes,
        }

    def reload(config: SidecarConfig) -> None:
        stores, redis = config.stores, config.stores.redis
        assert redis is not None
        guarded.deadline_s = leases.deadline_s = redis.deadline
        queue.max_bytes = stores.write_queue
        hot.rebound(stores.first_level.max_size, stores.first_level.max_age)
        codec.max_body_bytes = config.response_cache.limits.stored_body
        log.keep_s = purge_record_life(config)

    evidence = RedisEvidence(link)
    return Stores(
        guarded, queue, hot, log, True, evidence, queue.flush, close, figures, reload, leases
    )


def store_deadline(config: SidecarConfig) -> float:
    """Longest time that a look-up may take, in seconds; memory answers at once."""
    redis = config.stores.redis
    return redis.deadline if redis is not None else 0.0


def lease_wait(config: SidecarConfig) -> float:
    """Longest wait for another replica, in seconds; without a shared store there is none."""
    redis = config.stores.redis
    return redis.lease_wait if redis is not None else 0.0


def purge_record_life(config: SidecarConfig) -> float:
    """Seconds that a purge record is kept: longer than any entry that it may name lives, by either
    level's ttl, and a day at least."""
    exact, semantic = config.response_cache.exact, config.response_cache.semantic
    served = max(exact.ttl, semantic.ttl)
    life = served + max(exact.stale_while_revalidate, exact.stale_if_error)
    return max(life, 86400.0) + _LOG_SLACK_S


def keyring(config: SidecarConfig) -> KeyRing | None:
    """The keys for what is encrypted at rest; None where nothing is."""
    section = config.stores.encryption
    if section is None:
        return None
    try:
        from ..adapters.encryption import EncryptionKeyError, KeyRing
    except ImportError as error:
        raise ConfigError(
            [f"stores.encryption: needs a package that is not installed ({error.name}); "
             "install llmcache[encryption]"]
        ) from None  # fmt: skip
    try:
        return KeyRing.from_files([Path(path) for path in section.key_files])
    except EncryptionKeyError as error:
        raise ConfigError([f"stores.encryption.keyFiles: {error}"]) from None
