"""Running a sidecar as a process: signals in, exit code out."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from pathlib import Path

import uvloop

from llmcache_api import AuthMode, ConfigError, SidecarConfig, TenancyScope

from ..telemetry.logs import set_up
from .sidecar import Sidecar
from .watch import Watcher

_log = logging.getLogger("llmcache")


def run(config: SidecarConfig, load: Callable[[], SidecarConfig], path: Path | None) -> int:
    """Serve until told to stop; 0 when everything was finished before the end.

    Raises:
        ConfigError: the configuration names something that is not there.
        OSError: an address can't be listened on.
    """
    set_up(config.log.level, config.log.format)
    return uvloop.run(_serve(config, load, path))


async def _serve(
    config: SidecarConfig, load: Callable[[], SidecarConfig], path: Path | None
) -> int:
    sidecar = Sidecar(config)
    try:
        addresses = await sidecar.start()
    except OSError as error:
        await sidecar.aclose()
        raise ConfigError(
            [f"listen {config.listen}, admin {config.admin.listen}: {error.strerror or error}"]
        ) from None
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    watcher = Watcher(sidecar, load, path)
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGINT, stop.set)
    loop.add_signal_handler(signal.SIGHUP, watcher.now)
    watching = asyncio.create_task(watcher.watch(config))
    _greet(config, addresses.data, addresses.admin)
    try:
        await stop.wait()
        # A second signal ends the drain at once.
        stop.clear()
        draining = asyncio.create_task(sidecar.drain())
        hurry = asyncio.create_task(stop.wait())
        await asyncio.wait({draining, hurry}, return_when=asyncio.FIRST_COMPLETED)
        finished = draining.done() and draining.result()
        hurry.cancel()
        draining.cancel()
        return 0 if finished else 1
    finally:
        watching.cancel()
        await sidecar.aclose()


def _greet(config: SidecarConfig, data: str, admin: str) -> None:
    store = "Redis" if config.stores.redis is not None else "memory"
    _log.info(
        "caching http://%s in front of %s; entries in %s; admin on http://%s",
        data,
        config.upstream.url,
        store,
        admin,
    )
    if config.response_cache.tenancy.scope is TenancyScope.SHARED:
        _log.warning("tenancy scope Shared: every caller may get every other caller's answers")
    if config.auth.mode is AuthMode.NONE:
        _log.warning("auth mode None: nobody is asked for a key")
