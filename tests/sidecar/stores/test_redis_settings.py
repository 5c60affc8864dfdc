"""URLs of every form are understood, and wrong ones say what is wrong without repeating it."""

from __future__ import annotations

import pytest

from llmcache_sidecar.adapters.redis_settings import (
    RedisSettings,
    RedisSettingsError,
    RedisTarget,
    Topology,
    parse_url,
)

ONE = (("cache", 6379),)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("redis://cache", RedisTarget(Topology.SINGLE, ONE)),
        ("redis://cache:7000/2", RedisTarget(Topology.SINGLE, (("cache", 7000),), db=2)),
        ("rediss://cache/", RedisTarget(Topology.SINGLE, ONE, tls=True)),
        ("redis://[::1]:7000", RedisTarget(Topology.SINGLE, (("::1", 7000),))),
        (
            "redis://me:p%40ss%2Fw:rd@cache",
            RedisTarget(Topology.SINGLE, ONE, username="me", password="p@ss/w:rd"),
        ),
        ("redis://:only@cache", RedisTarget(Topology.SINGLE, ONE, password="only")),
        ("redis://me@cache", RedisTarget(Topology.SINGLE, ONE, username="me")),
        ("unix:///run/cache.sock", RedisTarget(Topology.UNIX, (), path="/run/cache.sock")),
        (
            "unix://:pw@/run/cache.sock?db=4",
            RedisTarget(Topology.UNIX, (), path="/run/cache.sock", db=4, password="pw"),
        ),
        (
            "redis+sentinel://a,b:5000/main/1",
            RedisTarget(Topology.SENTINEL, (("a", 26379), ("b", 5000)), master="main", db=1),
        ),
        (
            "rediss+sentinel://u:p@a/main",
            RedisTarget(Topology.SENTINEL, (("a", 26379),), True, "", "main", 0, "u", "p"),
        ),
        (
            "redis+cluster://a:7000,b:7001",
            RedisTarget(Topology.CLUSTER, (("a", 7000), ("b", 7001))),
        ),
        ("rediss+cluster://a/0", RedisTarget(Topology.CLUSTER, (("a", 6379),), tls=True)),
    ],
)
def test_every_form_of_url(url: str, target: RedisTarget) -> None:
    assert parse_url(url) == target


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("http://u:hunter2@cache", "must be redis://"),
        ("cache:6379", "must be redis://"),
        ("redis+other://u:hunter2@cache", "must be redis://"),
        ("unix+cluster:///hunter2", "must be redis://"),
        ("redis://", "not HOST"),
        ("redis://u:hunter2@:6379", "not HOST"),
        ("redis://u:hunter2@cache:port", "not HOST"),
        ("redis://u:hunter2@cache:0", "not HOST"),
        ("redis://u:hunter2@cache:66000", "not HOST"),
        ("redis://u:hunter2@a,b", "several hosts need"),
        ("redis://u:hunter2@cache/hunter2", "must be a number"),
        ("redis+sentinel://u:hunter2@a:1", "must name the master"),
        ("redis+cluster://u:hunter2@a:1/3", "no databases"),
        ("unix://hunter2", "three slashes"),
        ("unix:///path?db=hunter2", "must be a number"),
    ],
)
def test_a_wrong_url_says_what_to_change_and_shows_no_credentials(url: str, advice: str) -> None:
    with pytest.raises(RedisSettingsError, match=advice) as caught:
        parse_url(url)
    assert "hunter2" not in str(caught.value)


def test_nothing_that_is_printed_shows_a_password() -> None:
    settings = RedisSettings("redis://u:hunter2@cache")
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in repr(parse_url(settings.url))
    assert "hunter2" not in parse_url(settings.url).shown


@pytest.mark.parametrize("namespace", ["", "a:b", "a b", "{a}", "*", "-a", "ü", "a" * 129])
def test_a_namespace_is_plain_text(namespace: str) -> None:
    with pytest.raises(RedisSettingsError, match="namespace"):
        RedisSettings("redis://cache", namespace)


def test_every_name_begins_with_the_namespace() -> None:
    assert RedisSettings("redis://cache", "team-a/prod").prefix == "llmcache:team-a/prod:"


@pytest.mark.parametrize(
    "wrong", [{"max_connections": 3}, {"socket_timeout_s": 0.0}, {"connect_timeout_s": -1.0}]
)
def test_bounds_must_make_sense(wrong: dict[str, float]) -> None:
    with pytest.raises(RedisSettingsError):
        RedisSettings("redis://cache", **wrong)  # type: ignore[arg-type]
