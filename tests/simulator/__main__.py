"""``python -m tests.simulator --port 8000 --model llama --ttft-ms 200 --itl-ms 20``."""

from __future__ import annotations

import asyncio
import contextlib
import signal

from tests.simulator.config import SimConfig, from_arguments
from tests.simulator.server import Simulator


async def serve(config: SimConfig) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with Simulator(config) as simulator:
        print(simulator.url, flush=True)
        await stopped.wait()


def run(config: SimConfig) -> None:
    """Serve until SIGINT or SIGTERM."""
    runner = asyncio.run
    with contextlib.suppress(ImportError):
        import uvloop

        runner = uvloop.run
    runner(serve(config))


def main() -> None:
    run(from_arguments())


if __name__ == "__main__":
    main()
