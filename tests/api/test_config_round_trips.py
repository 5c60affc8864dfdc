"""The defaults, and that what is written is what was read; every leaf is in the version."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_origin

import pytest
from pydantic import BaseModel

from llmcache_api import SidecarConfig

SMALL = {"upstream": {"url": "http://127.0.0.1:8000"}}
FULL: dict[str, Any] = {
    "listen": "0.0.0.0:8080",
    "upstream": {
        "url": "https://engine:8000", "revision": "v3", "defaultTemperature": 0.7,
        "responsesStore": True, "apiKeyFile": "engine.key", "caFile": "ca.pem",
        "progressFile": "progress.json",
        "priorityScheduling": True,
        "connectTimeout": "5s",
    },
    "admin": {"listen": ":8081", "tokenFile": "admin.token"},
    "responseCache": {
        "exact": {"mode": "Observe", "ttl": "2h", "staleWhileRevalidate": "1m",
                  "staleIfError": "1d"},
        "semantic": {
            "mode": "Observe", "ttl": "30m", "threshold": 0.9, "candidates": 3, "tools": True,
            "crossEncoder": "None",
            "query": {"from": "JSONPointer", "pointer": "/messages/-/content", "after": "Q:",
                      "before": "A:"},
            "embedding": {"source": "Endpoint", "url": "http://embed:80", "model": "mpnet",
                          "apiKeyFile": "k", "caFile": "c", "threads": 2, "deadline": "80ms"},
        },
        "policy": {
            "maxTemperature": 0.5, "sampled": "ExactOnly", "bypass": ["Personal", "Legal"],
            "exactOnly": ["Code"], "shortTtl": {"classes": ["Temporal"], "ttl": "10s"},
            "cache": ["Random"], "custom": [{"name": "Legal", "examples": ["may I sue them"]}],
            "overrides": [{"models": ["coder"], "cache": ["Code"]}],
        },
        "tenancy": {"scope": "Header", "header": "X-Team"},
        "limits": {"cacheableBody": "1Mi", "storedBody": "2Mi"},
        "namespace": "team-a",
    },
    "auth": {"mode": "Keys", "keysFile": "keys"},
    "quality": {
        "holdoutPercent": 1.5, "shadowSamplePercent": 2.5, "dailySamples": 30,
        "maxFalseHitPercent": 0.5, "maxStalePercent": 4.5, "minimumSamples": 60,
        "learning": False, "judge": "Exact",
    },
    "stores": {
        "memory": {"maxSize": "1Gi"},
        "firstLevel": {"maxSize": "8Mi", "maxAge": "5s"},
        "redis": {
            "url": "rediss://redis:6379/0", "username": "u", "passwordFile": "p", "caFile": "c",
            "certFile": "d", "keyFile": "e", "deadline": "20ms", "leaseWait": "3s",
        },
        "vectors": {
            "memory": {"maxSize": "64Mi"},
            "pgvector": {"dsn": "postgresql://u@h/d", "passwordFile": "p", "caFile": "c",
                         "deadline": "30ms"},
        },
        "encryption": {"keyFiles": ["one", "two"]},
        "writeQueue": "8Mi",
    },
    "tenantKeyFile": "tenant.key",
    "prefixIsolation": "Tenant",
    "readiness": "Self",
    "drain": {"propagation": "5s", "timeout": "1m"},
    "log": {"level": "warning", "format": "json"},
}  # fmt: skip
"""Every field, each with another value than its default; see `ELSE`."""
ELSE: dict[str, Any] = {
    **FULL,
    "responseCache": {
        **FULL["responseCache"],
        "semantic": {
            "query": {"from": "Regex", "pattern": "(?P<query>.*)"},
            "embedding": {"source": "Folder", "path": "model", "runtime": "SentenceTransformers"},
        },
    },
    "stores": {
        **FULL["stores"],
        "vectors": {
            "qdrant": {"url": "https://qdrant:6333", "grpcPort": 6334, "apiKeyFile": "k",
                       "caFile": "c", "quantization": "Scalar", "deadline": "30ms"},
        },
    },
}  # fmt: skip
"""The fields that don't go together with others in `FULL`."""


NAMED: dict[str, Any] = {**SMALL, "configVersion": "seven"}
"""A file with a name of its own: its other fields no longer show in `version()`."""


def test_the_engine_is_all_that_must_be_said() -> None:
    config = SidecarConfig.parse(SMALL)
    cache = config.response_cache
    assert (config.listen, config.admin.listen) == ("127.0.0.1:8080", "127.0.0.1:8081")
    assert (cache.exact.mode.value, cache.exact.ttl) == ("Serve", 3600.0)
    assert (cache.exact.stale_while_revalidate, cache.exact.stale_if_error) == (0.0, 0.0)
    assert (cache.policy.max_temperature, cache.policy.sampled.value) == (0.8, "Cache")
    assert (cache.tenancy.scope.value, cache.tenancy.header) == ("APIKey", None)
    assert cache.namespace == "default"
    assert (config.auth.mode.value, config.quality.holdout_percent) == ("Upstream", 0.0)
    assert (config.stores.redis, config.stores.encryption) == (None, None)
    assert (config.readiness.value, config.drain.propagation) == ("Engine", 0.0)
    assert config.upstream.default_temperature is None


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    else:
        yield path


def fields(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, field in model.model_fields.items():
        here = (*path, field.alias or name)
        if get_origin(field.annotation) is tuple or "tuple" in str(field.annotation):
            yield here  # a list is one value here
            continue
        inner = [t for t in (field.annotation, *getattr(field.annotation, "__args__", ()))
                 if isinstance(t, type) and issubclass(t, BaseModel)]  # fmt: skip
        if inner:
            yield from fields(inner[0], here)
        else:
            yield here


def test_every_field_has_its_line_here() -> None:
    lines = set(leaves(FULL)) | set(leaves(ELSE)) | set(leaves(NAMED))
    assert lines == set(fields(SidecarConfig))


@pytest.mark.parametrize("document", [FULL, ELSE], ids=["full", "else"])
def test_no_field_here_has_its_default(document: dict[str, Any]) -> None:
    defaults = SidecarConfig.parse(SMALL).model_dump(mode="json", by_alias=True)
    full = SidecarConfig.parse(document).model_dump(mode="json", by_alias=True)
    for path in leaves(document):
        one: Any = defaults
        other: Any = full
        for step in path:
            one, other = one.get(step) if one else None, other[step]
        assert one != other, path


@pytest.mark.parametrize("document", [SMALL, FULL, ELSE], ids=["small", "full", "else"])
def test_what_is_written_is_what_was_read(document: dict[str, Any]) -> None:
    config = SidecarConfig.parse(document)
    written = config.model_dump_json(by_alias=True)
    assert SidecarConfig.parse(json.loads(written)) == config
    assert SidecarConfig.parse(json.loads(written)).model_dump_json(by_alias=True) == written


OTHER: dict[tuple[str, ...], Any] = {
    ("responseCache", "exact", "mode"): "Off",
    ("responseCache", "semantic", "mode"): "Off",
    ("responseCache", "semantic", "candidates"): 4,
    ("responseCache", "semantic", "crossEncoder"): "Bundled",
    ("responseCache", "semantic", "query", "pattern"): "a(?P<query>.*)",
    ("responseCache", "semantic", "query", "pointer"): "/input",
    ("responseCache", "semantic", "embedding", "url"): "http://other:80",
    ("responseCache", "semantic", "embedding", "threads"): 3,
    ("responseCache", "policy", "bypass"): ["Personal"],
    ("responseCache", "policy", "exactOnly"): [],
    ("responseCache", "policy", "shortTtl", "classes"): [],
    ("responseCache", "policy", "cache"): [],
    ("responseCache", "policy", "custom"): [{"name": "Legal", "examples": ["may I"]}],
    ("responseCache", "policy", "overrides"): [],
    ("stores", "vectors", "pgvector", "dsn"): "postgresql://u@h/e",
    ("stores", "vectors", "qdrant", "url"): "https://other:6333",
    ("stores", "vectors", "qdrant", "grpcPort"): 6335,
    ("stores", "vectors", "qdrant", "quantization"): "Binary",
    ("responseCache", "policy", "sampled"): "Bypass",
    ("responseCache", "tenancy", "header"): "X-Other",
    ("upstream", "url"): "https://other:8000",
    ("stores", "redis", "url"): "rediss://other:6379/0",
    ("stores", "encryption", "keyFiles"): ["two", "one"],
    ("readiness",): "Engine",
    ("prefixIsolation",): "Shared",
    ("quality", "dailySamples"): 31,
    ("quality", "minimumSamples"): 61,
    ("quality", "judge"): "LLM",
    ("log", "level"): "info",
    ("log", "format"): "text",
    ("listen",): "0.0.0.0:8082",
    ("admin", "listen"): ":8083",
    ("responseCache", "namespace"): "team-b",
}
"""Another value, where one can't be made up from the first."""

BOUND = {
    ("responseCache", "tenancy", "scope"),
    ("auth", "mode"),
    ("responseCache", "semantic", "query", "from"),
    ("responseCache", "semantic", "embedding", "source"),
    ("responseCache", "semantic", "embedding", "runtime"),
}
"""Changed only along with another field."""


def another(path: tuple[str, ...], value: Any) -> Any:
    if path in OTHER:
        return OTHER[path]
    if isinstance(value, bool):
        return not value
    if isinstance(value, float):
        return value / 2 if path[0] != "quality" else value + 1
    text = str(value)
    return str(int(text[0]) + 1) + text[1:] if text[0].isdigit() else text + "x"


@pytest.mark.parametrize(
    "path", sorted((set(leaves(FULL)) | set(leaves(ELSE))) - BOUND), ids=".".join
)
def test_the_version_changes_with_every_field(path: tuple[str, ...]) -> None:
    source = FULL if path in set(leaves(FULL)) else ELSE
    document = json.loads(json.dumps(source))
    holder = document
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = another(path, holder[path[-1]])
    config = SidecarConfig.parse(document)
    assert config.version() != SidecarConfig.parse(source).version()


def test_the_version_changes_with_the_fields_that_change_together() -> None:
    keyless = {**FULL, "auth": {"mode": "None"}}
    shared = {**FULL, "responseCache": {**FULL["responseCache"], "tenancy": {"scope": "Shared"}}}
    versions = {SidecarConfig.parse(d).version() for d in (FULL, keyless, shared, SMALL)}
    assert len(versions) == 4


def test_the_version_is_that_of_the_content_not_of_the_writing() -> None:
    again = {name: FULL[name] for name in reversed(FULL)}
    again["drain"] = {"timeout": "60s", "propagation": "5000ms"}
    assert SidecarConfig.parse(again).version() == SidecarConfig.parse(FULL).version()
    assert len(SidecarConfig.parse(SMALL).version()) == 12


def test_a_configuration_is_frozen() -> None:
    config = SidecarConfig.parse(SMALL)
    with pytest.raises(ValueError, match="frozen"):
        config.listen = "x"


def test_sections_agree() -> None:
    """What one section says must fit what another says."""
    redis = {"stores": {"redis": {"url": "redis://r"}}}
    SidecarConfig.parse({**SMALL, **redis, "tenantKeyFile": "k"})
    own_key = {"upstream": {"url": "http://e", "apiKeyFile": "k"}}
    SidecarConfig.parse({**own_key, "auth": {"mode": "None"}})
    SidecarConfig.parse({**own_key, "auth": {"mode": "Keys", "keysFile": "k"}})
    for listen in ("127.0.0.1:1", "localhost:1", "[::1]:1"):
        SidecarConfig.parse({**SMALL, "admin": {"listen": listen}})
    SidecarConfig.parse({**SMALL, "admin": {"listen": ":1", "tokenFile": "t"}})


def test_a_file_may_name_its_own_version() -> None:
    assert SidecarConfig.parse(NAMED).version() == "seven"
