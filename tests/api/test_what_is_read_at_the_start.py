"""Which changes of a configuration wait for a restart."""

from __future__ import annotations

from typing import Any

import pytest

from llmcache_api import SidecarConfig
from llmcache_api.reloading import READ_AT_START

MEMORY: dict[str, Any] = {"maxSize": "1Mi"}
REDIS: dict[str, Any] = {"url": "redis://a:6379"}


@pytest.mark.parametrize("path", READ_AT_START.but)
def test_every_exception_is_a_field_within_a_section(path: str) -> None:
    names = path.split(".")
    stores: dict[str, Any] = {
        "redis": REDIS,
        "vectors": {"qdrant": {"url": "http://q:6333"}},
    }
    if "pgvector" in path:
        stores["vectors"] = {"pgvector": {"dsn": "postgresql://p/db"}}
    value: Any = SidecarConfig.parse(
        {"upstream": {"url": "http://e"}, "tenantKeyFile": "k", "stores": stores}
    ).model_dump(by_alias=True)
    for name in names:
        value = value[name]
    assert value is not None
    assert any(path.startswith(f"{section}.") for section in READ_AT_START.sections)


def test_a_bound_that_is_written_changes_nothing_that_waits() -> None:
    assert READ_AT_START.of({"stores": {"memory": MEMORY}}) == READ_AT_START.of({})
    assert READ_AT_START.of({"stores": {"redis": {**REDIS, "leaseWait": "1s"}}}) == (
        READ_AT_START.of({"stores": {"redis": REDIS}})
    )


def test_another_server_waits_and_its_bounds_are_taken_over() -> None:
    running = {"stores": {"redis": {**REDIS, "leaseWait": "1s"}, "writeQueue": 1}}
    new = {
        "stores": {"redis": {"url": "redis://b:6379", "leaseWait": "2s"}, "writeQueue": 2},
        "log": {"level": "debug"},
    }
    assert READ_AT_START.of(running) != READ_AT_START.of(new)
    assert READ_AT_START.kept(running, new) == {
        "stores": {"redis": {**REDIS, "leaseWait": "2s"}, "writeQueue": 2},
        "log": {"level": "debug"},
    }


@pytest.mark.parametrize(
    ("running", "new"),
    [({"redis": REDIS}, {"redis": None}), ({"redis": None}, {"redis": {**REDIS, "deadline": 1}})],
)
def test_a_store_that_comes_or_goes_waits_whole(running: Any, new: Any) -> None:
    assert READ_AT_START.kept({"stores": running}, {"stores": new}) == {"stores": running}
