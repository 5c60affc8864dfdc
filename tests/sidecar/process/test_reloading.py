"""The configuration changes under a running sidecar."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml

from .conftest import Process, Start, until
from .engine import Engine


def write(file: Path, engine: Engine, **sections: Any) -> None:
    """Write a configuration the way careful tools do: beside, then renamed."""
    document = {
        "listen": "127.0.0.1:0",
        "upstream": {"url": engine.url, "defaultTemperature": 0.5},
        "admin": {"listen": "127.0.0.1:0"},
        "auth": {"mode": "None"},
        **sections,
    }
    beside = file.with_suffix(".new")
    document["responseCache"] = {"semantic": {"mode": "Off"}, **document.get("responseCache", {})}
    beside.write_text(yaml.safe_dump(document))
    os.replace(beside, file)


def exact(**fields: Any) -> dict[str, Any]:
    return {"exact": fields}


async def in_force(process: Process, version: str) -> dict[str, Any]:
    """The statistics once another configuration than `version` is in force."""
    found: dict[str, Any] = {}

    async def changed() -> bool:
        found.update(await process.stats())
        return bool(found["configVersion"] != version)

    await until(changed)
    return found


@asynccontextmanager
async def light_load(process: Process) -> AsyncIterator[list[int]]:
    """Requests all the while; their statuses."""
    statuses: list[int] = []

    async def ask() -> None:
        number = 0
        while True:
            number += 1
            statuses.append((await process.chat(f"load {number % 5}")).status)
            await asyncio.sleep(0.01)

    task = asyncio.create_task(ask())
    try:
        yield statuses
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_changed_file_takes_effect_without_a_restart(
    start: Start, engine: Engine, tmp_path: Path
) -> None:
    file = tmp_path / "config.yaml"
    write(file, engine)
    process = await start("--config", str(file))
    await process.chat("a")
    assert "; hit" in (await process.chat("a")).headers["Cache-Status"]
    before = (await process.stats())["configVersion"]
    async with light_load(process) as statuses:
        write(file, engine, responseCache=exact(mode="Observe", ttl="2h"))
        stats = await in_force(process, before)
        assert stats["mode"] == "Observe"
        assert "detail=observe" in (await process.chat("a")).headers["Cache-Status"]

        policy = {**exact(ttl="1h"), "policy": {"maxTemperature": 0.1}}
        write(file, engine, responseCache=policy)
        await in_force(process, stats["configVersion"])
        assert "; hit" in (await process.chat("a")).headers["Cache-Status"], "kept all the while"
        warm = await process.chat("a", temperature=0.3)
        assert "detail=temperature" in warm.headers["Cache-Status"]

        # A ttl that is lowered holds for what is stored already.
        write(file, engine, responseCache=exact(ttl="1ms"))
        version = (await process.stats())["configVersion"]
        await in_force(process, version)
        assert "fwd=miss" in (await process.chat("a")).headers["Cache-Status"]
    assert statuses
    assert set(statuses) == {200}


async def test_what_changes_while_it_starts_is_taken_over(
    start: Start, engine: Engine, tmp_path: Path
) -> None:
    file, keys = tmp_path / "config.yaml", tmp_path / "keys"
    keys.write_text("one\n")
    auth = {"mode": "Keys", "keysFile": str(keys)}
    write(file, engine, auth=auth, responseCache=exact(ttl="1h"))
    # Its modules are loaded after the configuration was read, and the keys thereafter.
    process = await start("--config", str(file), wait=False)
    await until(lambda: _opened(process, "uvloop"))
    write(file, engine, auth=auth, responseCache=exact(ttl="1ms"))
    await process.started()

    async def misses() -> bool:
        answer = await process.chat("a", {"Authorization": "Bearer one"})
        return "fwd=miss" in answer.headers["Cache-Status"]

    assert (await process.chat("a", {"Authorization": "Bearer one"})).status == 200
    await until(misses)


def _opened(process: Process, name: str) -> bool:
    """Whether it has loaded that library."""
    return name in Path(f"/proc/{process.process.pid}/maps").read_text()


async def test_a_mounted_config_map_changes_by_a_link(
    start: Start, engine: Engine, tmp_path: Path
) -> None:
    """file -> ..data/file, ..data -> one directory after the other."""
    first, second = tmp_path / "..2026_1", tmp_path / "..2026_2"
    for directory in (first, second):
        directory.mkdir()
    write(first / "config.yaml", engine)
    (first / "keys").write_text("one\n")
    auth = {"mode": "Keys", "keysFile": str(tmp_path / "keys")}
    for directory, ttl in ((first, "1h"), (second, "2h")):
        write(directory / "config.yaml", engine, auth=auth, responseCache=exact(ttl=ttl))
    (second / "keys").write_text("# only these\ntwo\n")
    (tmp_path / "..data").symlink_to(first.name)
    for name in ("config.yaml", "keys"):
        (tmp_path / name).symlink_to(f"..data/{name}")
    process = await start("--config", str(tmp_path / "config.yaml"))
    assert (await process.chat("a", {"Authorization": "Bearer one"})).status == 200
    assert (await process.chat("a", {"Authorization": "Bearer two"})).status == 401
    before = (await process.stats())["configVersion"]

    (tmp_path / "..data_tmp").symlink_to(second.name)
    os.replace(tmp_path / "..data_tmp", tmp_path / "..data")
    await in_force(process, before)
    assert (await process.chat("a", {"Authorization": "Bearer two"})).status == 200
    assert (await process.chat("a", {"Authorization": "Bearer one"})).status == 401

    # A key that is added to the list counts without a word from the configuration.
    (second / "keys").write_text("one\ntwo\n")

    async def accepted() -> bool:
        return (await process.chat("a", {"Authorization": "Bearer one"})).status == 200

    await until(accepted)


async def test_a_broken_file_leaves_the_last_good_one_in_force(
    start: Start, engine: Engine, tmp_path: Path
) -> None:
    file = tmp_path / "config.yaml"
    write(file, engine)
    process = await start("--config", str(file))
    before = (await process.stats())["configVersion"]
    await process.chat("a")

    async def error() -> str | None:
        found: str | None = (await process.stats())["configError"]
        return found

    async def failed() -> float:
        async with process.session.get(f"{process.admin}/metrics") as response:
            lines = (await response.text()).splitlines()
        value = next(line for line in lines if line.startswith("llmcache_config_reload_failed "))
        return float(value.split()[1])

    write(file, engine, responseCache=exact(ttl="soon"))
    process.send(signal.SIGHUP)
    await until(error)
    assert "responseCache.exact.ttl: got 'soon'" in (await error() or "")
    await until(lambda: "the last good configuration stays in force" in process.log)
    assert await failed() == 1
    stats = await process.stats()
    assert (stats["configVersion"], stats["events"]["config_reload_failures"]) == (before, 1)
    assert "; hit" in (await process.chat("a")).headers["Cache-Status"]

    # A file that it names is missing, and comes later: nothing else has to be touched.
    keys = tmp_path / "keys"
    auth = {"mode": "Keys", "keysFile": str(keys)}
    write(file, engine, auth=auth)

    async def names_the_keys() -> bool:
        return "auth.keysFile: can't read" in (await error() or "")

    await until(names_the_keys)
    assert (await process.chat("a")).status == 200
    keys.write_text("one\n")
    stats = await in_force(process, before)
    assert stats["configError"] is None
    assert stats["engine"]["keys"] == "Keys"
    assert await failed() == 0
    assert (await process.chat("a")).status == 401


async def test_a_key_that_joins_a_folder_of_keys_is_seen(
    start: Start, engine: Engine, tmp_path: Path
) -> None:
    file, keys = tmp_path / "config.yaml", tmp_path / "keys"
    keys.mkdir()
    (keys / "one").write_text("one\n")
    write(file, engine, auth={"mode": "Keys", "keysFile": str(keys)})
    process = await start("--config", str(file))
    assert (await process.chat("a", {"Authorization": "Bearer two"})).status == 401
    (keys / "two").write_text("two\n")

    async def accepted() -> bool:
        return (await process.chat("a", {"Authorization": "Bearer two"})).status == 200

    await until(accepted)


async def test_a_token_that_was_made_anew_is_taken_over(
    start: Start, engine: Engine, tmp_path: Path
) -> None:
    file, token = tmp_path / "config.yaml", tmp_path / "token"
    token.write_text("first")
    admin = {"listen": "127.0.0.1:0", "tokenFile": str(token)}
    write(file, engine, admin=admin)
    process = await start("--config", str(file))

    async def accepted(token: str) -> bool:
        headers = {"Authorization": f"Bearer {token}"}
        where = f"{process.admin}/admin/v1/stats"
        async with process.session.get(where, headers=headers) as response:
            return response.status == 200

    assert await accepted("first")
    token.write_text("second")
    await until(lambda: accepted("second"))
    assert not await accepted("first")


async def test_what_needs_a_restart_is_named_and_the_rest_is_taken_over(
    start: Start, engine: Engine, tmp_path: Path
) -> None:
    file = tmp_path / "config.yaml"
    write(file, engine)
    process = await start("--config", str(file))
    before = (await process.stats())["configVersion"]
    await process.chat("a")
    write(
        file,
        engine,
        readiness="Self",
        stores={"vectors": {"memory": {"maxSize": "1Mi"}}},
        responseCache={**exact(mode="Observe"), "namespace": "other"},
    )
    process.send(signal.SIGHUP)
    stats = await in_force(process, before)
    assert stats["restartNeeded"] == ["stores", "readiness", "responseCache.namespace"]
    assert stats["mode"] == "Observe"
    await until(lambda: "stores, readiness, responseCache.namespace" in process.log)
    # Back again: nothing waits any more.
    write(file, engine)
    process.send(signal.SIGHUP)
    assert (await in_force(process, stats["configVersion"]))["restartNeeded"] == []
    assert "; hit" in (await process.chat("a")).headers["Cache-Status"]


async def test_bounds_and_logs_are_taken_over(start: Start, engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    write(file, engine)
    process = await start("--config", str(file))
    before = (await process.stats())["configVersion"]
    await process.chat("a")
    assert (await process.stats())["stores"]["memoryEntries"] == 1
    assert '"level": "info"' not in process.log

    small = {"memory": {"maxSize": "1Ki"}, "firstLevel": {"maxSize": "0"}}
    write(file, engine, stores=small, log={"level": "info", "format": "json"})
    process.send(signal.SIGHUP)
    stats = await in_force(process, before)
    assert stats["restartNeeded"] == []
    assert (stats["stores"]["memoryEntries"], stats["stores"]["firstLevelEntries"]) == (0, 0)
    assert "fwd=miss" in (await process.chat("a")).headers["Cache-Status"]
    write(file, engine, log={"level": "warning", "format": "json"})
    process.send(signal.SIGHUP)
    await in_force(process, stats["configVersion"])
    await until(lambda: '"level": "info"' in process.log)


async def test_what_does_not_go_with_what_runs_waits_whole(
    start: Start, engine: Engine, tmp_path: Path
) -> None:
    """The engine's own key stays until a restart; callers' keys must not be judged by it."""
    file, key, keys = tmp_path / "config.yaml", tmp_path / "key", tmp_path / "keys"
    key.write_text("own")
    keys.write_text("one")
    upstream = {"url": engine.url, "defaultTemperature": 0.5}
    auth = {"mode": "Keys", "keysFile": str(keys)}
    write(file, engine, upstream={**upstream, "apiKeyFile": str(key)}, auth=auth)
    process = await start("--config", str(file))
    write(file, engine, upstream=upstream, auth={"mode": "Upstream"})
    process.send(signal.SIGHUP)

    async def told() -> bool:
        return "upstream: waits for a restart" in str((await process.stats())["configError"])

    await until(told)
    assert (await process.stats())["engine"]["keys"] == "Keys"
    assert (await process.chat("a", {"Authorization": "Bearer two"})).status == 401
