"""The bounds of stores that are in use follow the configuration."""

from __future__ import annotations

import pytest

from llmcache_api import SidecarConfig
from llmcache_sidecar.adapters.redis_purge_log import RedisPurgeLog
from llmcache_sidecar.app.stores import make_stores
from llmcache_sidecar.ports.clock import SystemClock
from llmcache_sidecar.telemetry.account import Account

from .making import an_entry
from .servers import valkey


def config(port: int, body: str, wait: str, ttl: str = "1h") -> SidecarConfig:
    return SidecarConfig.parse(
        {
            "upstream": {"url": "http://127.0.0.1:1"},
            "auth": {"mode": "None"},
            "tenantKeyFile": "/dev/null",
            "responseCache": {"limits": {"storedBody": body}, "exact": {"ttl": ttl}},
            "stores": {"redis": {"url": f"redis://127.0.0.1:{port}", "deadline": wait}},
        }
    )


@pytest.mark.stores
async def test_a_longer_answer_is_stored_after_the_limit_was_raised() -> None:
    with valkey() as server:
        stores = make_stores(config(server.port, "1Ki", "5s"), Account(), SystemClock())
        long = an_entry(body=b"x" * 4096)
        try:
            assert not await stores.reader.put(long)
            stores.reload(config(server.port, "1Mi", "5s"))
            assert await stores.reader.put(long)
            found = await stores.reader.get(long.meta.key)
            assert found is not None
            assert found.body == long.body
            stores.reload(config(server.port, "1Mi", "0s"))
            assert await stores.reader.get(long.meta.key) is None, "no time for a look-up"
        finally:
            await stores.close()


@pytest.mark.stores
async def test_purges_are_remembered_for_as_long_as_a_longer_ttl_needs() -> None:
    """A record that is trimmed too early would let an entry that it names be served again."""
    with valkey() as server:
        stores = make_stores(config(server.port, "1Ki", "5s"), Account(), SystemClock())
        assert isinstance(stores.log, RedisPurgeLog)
        try:
            stores.reload(config(server.port, "1Ki", "5s", ttl="72h"))
            assert stores.log.keep_s > 72 * 3600
        finally:
            await stores.close()
