"""Each message names the field, what it got and what it takes; no secret is ever shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llmcache_api import ConfigError, SidecarConfig
from llmcache_api.sidecar import read_document

SECRET = "hunter2"


def problems(**document: Any) -> str:
    document.setdefault("upstream", {"url": "http://engine"})
    with pytest.raises(ConfigError) as caught:
        SidecarConfig.parse(document)
    return str(caught.value)


def cache(**sections: Any) -> dict[str, Any]:
    return {"responseCache": sections}


WRONG: list[tuple[dict[str, Any], str, str, str]] = [
    (cache(exact={"ttl": "1 hour"}), "responseCache.exact.ttl", "'1 hour'", "takes a duration such"),
    (cache(exact={"ttl": 60}), "responseCache.exact.ttl", "60", "takes a duration with its unit"),
    (cache(exact={"ttl": "999d"}), "responseCache.exact.ttl", "'999d'", "takes 31622400.0 or less"),
    (cache(exact={"mode": "On"}), "responseCache.exact.mode", "'On'",
     "takes 'Serve', 'Observe' or 'Off'"),
    (cache(exact={"mode": True}), "responseCache.exact.mode", "True", "'Off'"),
    (cache(policy={"maxTemperature": 2.1}), "responseCache.policy.maxTemperature", "2.1", "takes 2"),
    (cache(policy={"maxTemperature": -1}), "responseCache.policy.maxTemperature", "-1", "0.0 or more"),
    (cache(policy={"maxTemperature": "hot"}), "responseCache.policy.maxTemperature", "'hot'",
     "takes a valid number"),
    (cache(policy={"sampled": "cache"}), "responseCache.policy.sampled", "'cache'", "'ExactOnly'"),
    (cache(tenancy={"scope": "Everyone"}), "responseCache.tenancy.scope", "'Everyone'", "'Shared'"),
    (cache(tenancy={"scope": "Header"}), "responseCache.tenancy", "Header", "takes `header`"),
    (cache(tenancy={"header": "X-Team"}), "responseCache.tenancy", "X-Team", "takes `header`"),
    (cache(tenancy={"scope": "Header", "header": "a b"}), "responseCache.tenancy.header", "'a b'",
     "takes text that matches"),
    (cache(limits={"storedBody": "8MB"}), "responseCache.limits.storedBody", "'8MB'", "64Mi"),
    (cache(namespace="A"), "responseCache.namespace", "'A'", "takes text that matches"),
    (cache(exact=5), "responseCache.exact", "5", "takes a valid dictionary"),
    ({"auth": {"mode": "Keys"}}, "auth", "Keys", "takes `keysFile` with mode Keys"),
    ({"auth": {"keysFile": "k"}}, "auth", "keysFile", "takes `keysFile` with mode Keys"),
    ({"quality": {"holdoutPercent": 0.05}}, "quality.holdoutPercent", "0.05", "takes steps of 0.1"),
    ({"quality": {"holdoutPercent": 101}}, "quality.holdoutPercent", "101", "takes 100.0 or less"),
    ({"admin": {"listen": ":8081"}}, "admin", ":8081", "takes `tokenFile`"),
    ({"admin": {"listen": "0.0.0.0:1"}}, "admin", "0.0.0.0:1", "takes `tokenFile`"),
    ({"stores": {"encryption": {"keyFiles": []}}}, "stores.encryption.keyFiles", "[]", "takes"),
    ({"stores": {"encryption": {"keyFiles": ["k"] * 9}}}, "stores.encryption.keyFiles", "'k'",
     "takes at most 8"),
    ({"stores": {"redis": {"url": "redis://r"}}}, "(the whole document)", "redis",
     "takes `tenantKeyFile`"),
    ({"upstream": {"url": "http://e", "apiKeyFile": "k"}}, "(the whole document)", "apiKeyFile",
     "takes auth.mode Keys or None"),
    ({"log": {"level": "loud"}}, "log.level", "'loud'", "takes 'debug', 'info', 'warning' or 'error'"),
    ({"readiness": "Maybe"}, "readiness", "'Maybe'", "takes 'Engine' or 'Self'"),
    ({"tenantKeyFile": ""}, "tenantKeyFile", "''", "takes"),
    ({"upstream": {"url": "http://e", "revision": "x" * 513}}, "upstream.revision", "'xxx",
     "takes at most 512"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("document", "field", "got", "takes"), WRONG, ids=[f"{w[1]} {w[2]}" for w in WRONG]
)
def test_a_message_names_the_field_what_it_got_and_what_it_takes(
    document: dict[str, Any], field: str, got: str, takes: str
) -> None:
    _, line = problems(**document).split("\n")
    assert line.startswith(f"  {field}: got ")
    assert got in line
    assert takes in line
    assert len(line) < 300


def test_every_wrong_field_has_its_line() -> None:
    text = problems(listen="x", readiness="y", responseCache={"exact": {"ttl": "z"}}, more=1)
    lines = text.split("\n")
    assert lines[0] == "configuration is not valid:"
    assert len(lines) == 5


@pytest.mark.parametrize(
    "document",
    [{"Listen": 1}, {"upstream": {"url": "http://e", "uri": 1}}, cache(exact={"TTL": "1h"}),
     cache(semantics={}), {"stores": {"qdrant": {}}}],
    ids=str,
)  # fmt: skip
def test_an_unknown_field_is_named(document: dict[Any, Any]) -> None:
    with pytest.raises(ConfigError, match=r"there is no such field; see docs/reference\.md"):
        SidecarConfig.parse({"upstream": {"url": "http://e"}, **document})


def test_a_missing_field_is_named() -> None:
    with pytest.raises(ConfigError, match=r"upstream\.url: is required and not given"):
        SidecarConfig.parse({"upstream": {}})
    with pytest.raises(ConfigError, match="upstream: is required and not given"):
        SidecarConfig.parse({})


@pytest.mark.parametrize("document", [None, [], "x", 5])
def test_a_document_that_is_no_mapping_is_told_what_to_write(document: Any) -> None:
    with pytest.raises(ConfigError, match=r"takes a mapping of fields, such as `upstream"):
        SidecarConfig.parse(document)


@pytest.mark.parametrize(
    "document",
    [
        {"upstream": {"url": f"http://user:{SECRET}@engine"}},
        {"upstream": {"url": f"ftp://engine?key={SECRET}"}},
        {"upstream": f"http://user:{SECRET}@engine"},
        {"upstream": [f"http://user:{SECRET}@engine"]},
        {"stores": {"redis": {"url": f"redi://:{SECRET}@r"}}, "tenantKeyFile": "k"},
        {"stores": {"redis": f"redis://:{SECRET}@r"}},
        {"stores": f"redis://:{SECRET}@r"},
        {"stores": {"redis": {"url": f"redis://:{SECRET}@r"}}},
        {"stores": {"redis": [{"url": SECRET}]}},
        {"stores": {"redis": {"url": f"redis://:{SECRET}@r", "deadline": "x"}}},
        {"listen": f"http://u:{SECRET}@h:1"},
        {"admin": {"token": SECRET}},
        {"password": SECRET},
        {"url": SECRET},
        {"auth": {"mode": "Keys", "password": SECRET}},
        {"responseCache": {"tenancy": {"scope": "Header", "token": SECRET}}},
        {"admin": {"listen": ":1", "url": f"x://{SECRET}@"}},
        {"stores": {"redis": {"url": f"redis://:a@{SECRET}@r"}}},
    ],
    ids=str,
)
def test_a_credential_is_never_echoed(document: dict[str, Any]) -> None:
    text = problems(**document)
    assert SECRET not in text
    assert "\n  " in text


def test_a_long_value_is_cut() -> None:
    assert len(problems(listen="x" * 10_000)) < 300


# Files.


def written(folder: Path, content: bytes) -> Path:
    path = folder / "config.yaml"
    path.write_bytes(content)
    return path


def test_a_file_is_yaml_or_json(tmp_path: Path) -> None:
    for content in (b"upstream: {url: http://e}", b'{"upstream": {"url": "http://e"}}'):
        assert read_document(written(tmp_path, content)) == {"upstream": {"url": "http://e"}}


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    for content in (b"", b"# nothing\n", b"---\n"):
        assert read_document(written(tmp_path, content)) == {}


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"a: [", "is no YAML"), (b"a:\n\t- b", "is no YAML"), (b"\xff\xfe", "is no YAML"),
     (b"- a", "takes a mapping"), (b"text", "takes a mapping"), (b"!!python/name:os.system", "YAML")],
)  # fmt: skip
def test_a_file_that_is_no_mapping_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(ConfigError, match=message) as caught:
        read_document(path)
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"can't be read: No such file"):
        read_document(tmp_path / "none.yaml")
    with pytest.raises(ConfigError, match=r"can't be read: Is a directory"):
        read_document(tmp_path)


def test_off_needs_no_quotation_marks(tmp_path: Path) -> None:
    """YAML 1.1 reads Off as false."""
    text = b"upstream: {url: http://e}\nresponseCache: {exact: {mode: Off}}"
    config = SidecarConfig.parse(read_document(written(tmp_path, text)))
    assert config.response_cache.exact.mode.value == "Off"
