"""Logs are for machines and people, and never in a request's way."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path

from .conftest import PROGRAM, Process, Start, until
from .engine import Engine


async def test_json_logs_are_one_object_a_line(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text("one\n")
    process = await start(
        "--log-format", "json", "--log-level", "debug", "--api-keys-file", str(file),
        "--auth", "keys",
    )  # fmt: skip
    await process.chat("a", {"Authorization": "Bearer one"})
    file.write_text("")
    process.send(signal.SIGHUP)
    await until(lambda: "holds no key" in process.log)
    process.send(signal.SIGTERM)
    assert await process.ended() == 0
    lines = [json.loads(line) for line in process.log.splitlines()]
    assert lines
    for line in lines:
        assert {"time", "level", "logger", "message"} <= line.keys()
    assert {line["level"] for line in lines} >= {"info", "error"}
    assert any("drained: 0 requests cut off" in line["message"] for line in lines)


async def listening_ports(process: Process) -> list[int]:
    """The ports on which a process listens, lowest inode first."""
    own = set()
    for link in Path(f"/proc/{process.process.pid}/fd").iterdir():
        try:
            own.add(os.readlink(link))
        except OSError:
            continue
    ports = []
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and f"socket:[{fields[9]}]" in own:
            ports.append(int(fields[1].rpartition(":")[2], 16))
    return ports


async def serves_without_a_log(process: Process) -> None:
    """Finds the planes of a process that can't say where they are, and uses them."""
    ports: list[int] = []

    async def both() -> bool:
        ports[:] = await listening_ports(process)
        return len(ports) == 2

    await until(both)
    for port in ports:
        async with process.session.get(f"http://127.0.0.1:{port}/livez") as response:
            await response.read()
            if response.status == 200 and await response.text() == "ok\n":
                process.admin = f"http://127.0.0.1:{port}"
            else:
                process.data = f"http://127.0.0.1:{port}"
    for question in ("a", "a", "b"):
        assert (await process.chat(question)).status == 200


async def test_requests_go_on_when_nobody_can_read_the_log(start: Start) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = await start("--log-level", "debug", stderr=writing, wait=False)
    os.close(writing)
    await serves_without_a_log(process)
    process.send(signal.SIGTERM)
    assert await process.ended() == 0


async def test_requests_go_on_when_standard_error_is_closed(start: Start) -> None:
    shell = ("/bin/sh", "-c", 'exec "$0" "$@" 2>&-', PROGRAM)
    process = await start("--log-level", "debug", program=shell, wait=False)
    await serves_without_a_log(process)
    assert not os.readlink(f"/proc/{process.process.pid}/fd/2").startswith("socket:")
    process.send(signal.SIGTERM)
    assert await process.ended() == 0


async def test_requests_go_on_when_the_reader_of_the_log_is_stuck(
    start: Start, engine: Engine
) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    while True:  # fill it up
        try:
            os.write(writing, b"x" * 4096)
        except BlockingIOError:
            break
    os.set_blocking(writing, True)
    process = await start(stderr=writing, wait=False)
    os.close(writing)
    await serves_without_a_log(process)
    # Drain what was stuffed in: the log goes on from there.
    text = b""
    loop = asyncio.get_running_loop()
    while b"caching http://" not in text:
        text += await loop.run_in_executor(None, os.read, reading, 65536)
    process.send(signal.SIGTERM)
    assert await process.ended() == 0
    os.close(reading)
