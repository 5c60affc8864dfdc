"""A program of clients as a process: an order a line in, what a client made of it a line out."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Final

from tests.clients.install import HERE, Installed

KEY: Final = "sk-clients"
MODEL: Final = "tiny"
_ANSWER_S: Final = 60.0
"""The first order also loads the client: ten seconds for the heaviest, on a busy machine."""
_LONGEST_LINE: Final = 2**24
_QUIET: Final = {
    "LANGCHAIN_TRACING_V2": "false",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "OPENAI_API_KEY": KEY,
}
"""None of them is to ask anybody but the sidecar."""


class Program(Enum):
    """By what its clients run in."""

    NODE = "node"
    GO = "go"
    PYTHON = "python"


@dataclass(frozen=True, slots=True)
class Said:
    """What a client made of an order: a value, or the error that it raised.

    Attributes:
        kind: the error's type.
        status: the HTTP status that the client knows of; None = none.
    """

    value: Any = None
    kind: str = ""
    status: int | None = None
    text: str = ""


class Clients:
    """One process; the orders come one after the other, and connections are used again."""

    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self._process = process
        self._url = url

    async def ask(self, call: str, topic: str) -> Said:
        """Let a client ask about `topic`.

        Args:
            call: the client and what it is to do, such as openai.stream.
        """
        order = {"call": call, "url": self._url, "topic": topic}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        async with asyncio.timeout(_ANSWER_S):
            line = await self._process.stdout.readline()
        said = json.loads(line)
        if "error" not in said:
            return Said(said["value"])
        error = said["error"]
        return Said(None, error["kind"], error["status"] or None, error["text"])


@contextlib.asynccontextmanager
async def running(
    program: Program, installed: Installed, url: str, folder: Path
) -> AsyncIterator[Clients]:
    """The program, with `url` as what its clients talk to."""
    log = folder / f"{program.value}.log"
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            *_command(program, installed, folder),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            env=_environment(os.environ),
            limit=_LONGEST_LINE,
        )
    try:
        yield Clients(process, url)
    finally:
        process.kill()
        await process.communicate()


def _command(program: Program, installed: Installed, folder: Path) -> tuple[str, ...]:
    match program:
        case Program.GO:
            return (str(installed.go_program),)
        case Program.PYTHON:
            return str(installed.python), str(HERE / "python" / "main.py")
        case Program.NODE:
            # Node looks for packages beside the program, and the checkout is not to hold any.
            place = folder / "node"
            if not place.exists():
                shutil.copytree(HERE / "node", place)
                (place / "node_modules").symlink_to(installed.node_modules)
            return str(installed.node), str(place / "main.mjs")


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Ours without what would send them, or load them, elsewhere."""
    proxies = {"http_proxy", "https_proxy", "all_proxy"}
    kept = {n: v for n, v in ours.items() if n.lower() not in proxies and n != "PYTHONPATH"}
    return {**kept, **_QUIET}
