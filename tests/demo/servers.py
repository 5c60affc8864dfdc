"""The processes of the demo: an engine's stand-in and the sidecar, each as a user would start it."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from tests.ports import free_port

_BIN = Path(sys.executable).parent


class StartError(Exception):
    """A process did not come up; the message holds the end of its output."""


@contextlib.asynccontextmanager
async def running(command: list[str], ready_url: str, seconds: float) -> AsyncIterator[None]:
    """Run `command` until the block ends; entered once `ready_url` answers 200."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output = bytearray()

    async def collect() -> None:
        assert process.stdout is not None
        while data := await process.stdout.read(4096):
            output.extend(data)
            del output[:-8192]

    collecting = asyncio.create_task(collect())
    try:
        await _wait(process, ready_url, seconds, output)
        yield
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                async with asyncio.timeout(10):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
        await collecting


async def _wait(
    process: asyncio.subprocess.Process, url: str, seconds: float, output: bytearray
) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    async with httpx.AsyncClient(timeout=2) as client:
        while loop.time() < until:
            if process.returncode is not None:
                break
            with contextlib.suppress(httpx.HTTPError):
                if (await client.get(url)).status_code == 200:
                    return
            await asyncio.sleep(0.05)
    raise StartError(f"{url} did not answer:\n{output.decode('utf-8', 'replace')}")


@contextlib.asynccontextmanager
async def simulator(model: str) -> AsyncIterator[str]:
    """An engine's stand-in that takes about as long as a small model on one GPU; its URL."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [
        sys.executable, "-m", "tests.simulator", "--port", str(port), "--model", model,
        "--ttft-ms", "60", "--itl-ms", "8", "--jitter", "0.2",
    ]  # fmt: skip
    async with running(command, f"{url}/health", 20):
        yield url


@contextlib.asynccontextmanager
async def sidecar(upstream: str, *more: str) -> AsyncIterator[tuple[str, str]]:
    """`llmcache-sidecar` with embedded defaults; the URLs of its two planes."""
    data, admin = free_port(), free_port()
    command = [
        str(_BIN / "llmcache-sidecar"), "--upstream", upstream,
        "--listen", f"127.0.0.1:{data}", "--admin", f"127.0.0.1:{admin}", *more,
    ]  # fmt: skip
    async with running(command, f"http://127.0.0.1:{admin}/readyz", 20):
        yield f"http://127.0.0.1:{data}", f"http://127.0.0.1:{admin}"
