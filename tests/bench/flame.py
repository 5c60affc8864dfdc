"""A flame graph of the sidecar under a lane's load, where py-spy is on the path."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.bench.cases import Case
from tests.bench.client import burst
from tests.bench.processes import StartError

_SECONDS: Final = 10
_CONNECTIONS: Final = 32


async def record(case: Case, out: Path, say: Callable[[str], None]) -> None:
    """Load each of the case's sidecar lanes in turn, and draw where its time goes."""
    tool = shutil.which("py-spy")
    if tool is None:
        raise StartError("--profile needs py-spy on the path (pip install py-spy)")
    for number, lane in enumerate(case.lanes):
        if not lane.server.name.startswith("sidecar"):
            continue
        picture = out / f"profile-{case.name}-{number}-{lane.server.name}.svg"
        command = (tool, "record", "-r", "400", "-d", str(_SECONDS), "-o", str(picture))
        spy = await asyncio.create_subprocess_exec(
            *command,
            "-p",
            str(lane.server.pid),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        await burst(
            lane.server.port,
            lane.requests,
            lane.expectation,
            connections=_CONNECTIONS,
            count=10_000_000,
            seconds=_SECONDS + 1.0,
        )
        await spy.wait()
        say(f"{lane.name}: {picture.name}")
