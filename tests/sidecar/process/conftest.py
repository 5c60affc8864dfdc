"""The sidecar as its own process, and the engine behind it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from .engine import Engine

PROGRAM = str(Path(sys.executable).parent / "llmcache-sidecar")
_LISTENS = re.compile(r"caching (http://\S+) in front of .*; admin on (http://\S+)")
MODEL = "llama"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here starts processes, which takes its time: a lane of its own."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.process)


class Process:
    """One running sidecar.

    Attributes:
        data, admin: base URLs, once `started`.
        log: what it wrote to standard error so far.
    """

    def __init__(self, process: asyncio.subprocess.Process, session: aiohttp.ClientSession) -> None:
        self.process = process
        self.session = session
        self.log = ""
        self.data = ""
        self.admin = ""
        self._reading: asyncio.Task[None] | None = None
        if process.stderr is not None:
            self._reading = asyncio.create_task(self._read(process.stderr))

    async def _read(self, stream: asyncio.StreamReader) -> None:
        while line := await stream.readline():
            self.log += line.decode()

    async def started(self) -> None:
        """Wait until it says where it listens."""
        await until(lambda: _LISTENS.search(self.log) or self.process.returncode is not None)
        found = _LISTENS.search(self.log)
        assert found is not None, self.log
        self.data, self.admin = found[1].removesuffix('"}'), found[2].removesuffix('"}')

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    async def ended(self, seconds: float = 60.0) -> int:
        """Wait for its end; the exit code."""
        async with asyncio.timeout(seconds):
            code = await self.process.wait()
            if self._reading is not None:
                await self._reading
        return code

    async def stats(self) -> dict[str, Any]:
        """The statistics."""
        async with self.session.get(f"{self.admin}/admin/v1/stats") as response:
            found: dict[str, Any] = await response.json()
            return found

    async def chat(
        self, question: str, headers: dict[str, str] | None = None, **fields: Any
    ) -> aiohttp.ClientResponse:
        """A request that the default policy caches; the answer is read."""
        body = chat_body(question, **fields)
        url = f"{self.data}/v1/chat/completions"
        async with self.session.post(url, json=body, headers=headers) as response:
            await response.read()
            return response

    async def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()
        if self._reading is not None:
            await self._reading


def chat_body(question: str, **fields: Any) -> dict[str, Any]:
    """A request that the default policy caches."""
    messages = [{"role": "user", "content": f"How is a parcel packed? Chapter {question}"}]
    return {"model": MODEL, "messages": messages, "temperature": 0, **fields}


async def until(condition: Callable[[], object | Awaitable[object]], seconds: float = 60.0) -> None:
    """Wait until `condition` is true."""
    async with asyncio.timeout(seconds):
        while True:
            held = condition()
            if asyncio.iscoroutine(held):
                held = await held
            if held:
                return
            await asyncio.sleep(0.02)


async def run(
    *arguments: str, program: tuple[str, ...] = (PROGRAM,), **environment: str
) -> tuple[int, str, str]:
    """Run the program to its end: exit code, output, errors."""
    process = await asyncio.create_subprocess_exec(
        *program,
        *arguments,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
    )
    try:
        async with asyncio.timeout(60):
            output, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode(), errors.decode()


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    """An engine that listens."""
    engine = Engine()
    await engine.start()
    yield engine
    await engine.stop()


Start = Callable[..., Awaitable[Process]]


@pytest.fixture
async def start(engine: Engine) -> AsyncIterator[Start]:
    """Starts processes in front of the engine, and ends them after the test."""
    async with contextlib.AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())

        async def begin(
            *arguments: str,
            program: tuple[str, ...] = (PROGRAM,),
            cwd: Path | None = None,
            stderr: int = subprocess.PIPE,
            wait: bool = True,
        ) -> Process:
            flags = ["--upstream", engine.url, "--default-temperature", "0.5"]
            flags += ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--auth", "none"]
            flags += ["--semantic", "off"]
            given = {argument for argument in arguments if argument.startswith("--")}
            for at in range(0, len(flags), 2):
                if flags[at] not in given and "--config" not in given:
                    arguments += tuple(flags[at : at + 2])
            child = await asyncio.create_subprocess_exec(
                *program,
                *arguments,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                cwd=cwd,
            )
            process = Process(child, session)
            stack.push_async_callback(process.kill)
            if wait:
                await process.started()
            return process

        yield begin
