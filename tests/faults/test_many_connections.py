"""Many streams at once, and many connections on which nothing happens."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import socket
from pathlib import Path

import aiohttp

from tests.faults.asking import Ask, Kind, exchange
from tests.faults.stage import PATIENCE_S, TENANTS, Options, stage, until

STREAMS = 256
_OWN = 64
"""Files of its own that a sidecar may open or close meanwhile."""
IDLE = int(os.environ.get("LLMCACHE_IDLE_CONNECTIONS", "1000"))


async def test_256_streams_at_once_are_all_whole(tmp_path: Path) -> None:
    async with stage(tmp_path, Options(ttft_ms=200.0, itl_ms=5.0)) as ground:
        (program,) = ground.sidecars
        await ground.in_contact(program)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            found = await asyncio.gather(
                *(
                    exchange(
                        session,
                        program.data,
                        Ask(number, TENANTS[number % 3], streamed=True),
                        2 * PATIENCE_S,
                    )
                    for number in range(STREAMS)
                )
            )
        assert {each.said.kind for each in found} == {Kind.STREAM}
        for each in found:
            assert each.said.text == ground.answers.of(each.ask.text, 0)
        stats = await ground.stats(program)
        assert stats["outcomes"]["miss"] >= STREAMS


async def test_idle_connections_keep_nobody_from_being_served(tmp_path: Path) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(hard, 2 * IDLE + 1024)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))  # inherited by the sidecar
    async with stage(tmp_path) as ground:
        (program,) = ground.sidecars
        await ground.in_contact(program)
        before = program.open_files, program.resident
        host, _, port = program.listen.rpartition(":")
        with contextlib.ExitStack() as idle:
            for number in range(IDLE):
                idle.enter_context(socket.create_connection((host, int(port)), PATIENCE_S))
                if number % 100 == 0:
                    await asyncio.sleep(0)
            # Connections of its own (to the engine, to Redis) may have ended meanwhile.
            stand = before[0] + IDLE - _OWN
            await until(lambda: program.open_files > stand, f"more than {stand} files to be open")
            grown = program.resident - before[1]
            found = await exchange(ground.admin, program.data, Ask(1, TENANTS[0]), PATIENCE_S)
            again = await exchange(ground.admin, program.data, Ask(1, TENANTS[0]), PATIENCE_S)
            assert found.said.good, found
            assert again.hit, again
            print(f"{IDLE} idle connections: {grown / IDLE:.0f} bytes each")
        await until(lambda: program.open_files < before[0] + _OWN, "every connection to be let go")
        assert grown / IDLE < 64 * 1024
