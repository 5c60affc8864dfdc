"""The operator before the newest renderer: `python -m tests.operator.api_server.older_operator`."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import replace

from llmcache_operator.app.logs import set_up_logs
from llmcache_operator.app.operator import run
from llmcache_operator.cli import parser, settings_of
from llmcache_operator.rendering.renderers.v0 import V0


async def main() -> None:
    """Run it until SIGTERM."""
    arguments = parser().parse_args()
    set_up_logs(arguments.log_level, arguments.log_format)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    settings = replace(settings_of(arguments), renderers={V0.id: V0}, newest=V0.id)
    await run(settings, stop)


if __name__ == "__main__":
    asyncio.run(main())
