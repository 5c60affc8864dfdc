"""Running a sidecar as a process: signals in, exit code out."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import uvloop

from llmcache_api import AuthMode, SidecarConfig, TenancyScope

from ..ports.clock import Clock
from ..telemetry.logs import set_up
from ..telemetry.stray import tell_stray
from .sidecar import Sidecar
from .watch import Watcher

_log = logging.getLogger("llmcache")


def run(
    config: SidecarConfig,
    load: Callable[[], SidecarConfig],
    path: Path | None,
    clock: Clock | None = None,
) -> int:
    """Serve until told to stop; 0 when everything was finished before the end.

    Args:
        load: reads the configuration anew.
        path: of the file that is watched for changes.
        clock: passed to everything that tells time; unset = the machine's.

    Raises:
        ConfigError: the configuration names something that is not there, or an address can't be
            listened on.
    """
    _occupy_standard_streams()
    with set_up(config.log.level, config.log.format) as choose:

        def taken_over(config: SidecarConfig) -> None:
            choose(config.log.level, config.log.format)

        code = uvloop.run(_serve(config, load, path, taken_over, clock))
    _leave_threads_behind(code)
    return code


def _leave_threads_behind(code: int) -> None:
    """A thread that loads a model, or hangs in one, can't be stopped, and an interpreter that ends
    around native code is aborted. Everything of ours is closed by now: leave."""
    if threading.active_count() > 1:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError, AttributeError):
                stream.flush()  # it may be closed, or not there at all
        os._exit(code)


def _occupy_standard_streams() -> None:
    """Where one of them is closed, a socket must not take its number: whatever writes an error
    there would write it to a client."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)


async def _serve(
    config: SidecarConfig,
    load: Callable[[], SidecarConfig],
    path: Path | None,
    taken_over: Callable[[SidecarConfig], None],
    clock: Clock | None,
) -> int:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(tell_stray)
    stop, hurry = asyncio.Event(), asyncio.Event()

    def told() -> None:
        # A second signal ends the drain at once.
        (hurry if stop.is_set() else stop).set()

    # Before anything else: as a container's first process we have no default handlers.
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told)
    sidecar = Sidecar(config, clock)
    watcher = Watcher(sidecar, load, path, taken_over)
    loop.add_signal_handler(signal.SIGHUP, watcher.now)
    tasks: list[asyncio.Task[object]] = []
    try:
        addresses = await sidecar.start()
        _greet(config, addresses.data, addresses.admin)
        tasks.append(asyncio.create_task(watcher.watch(config)))
        await stop.wait()
        draining = asyncio.create_task(sidecar.drain())
        tasks += [draining, asyncio.create_task(hurry.wait())]
        await asyncio.wait(tasks[1:], return_when=asyncio.FIRST_COMPLETED)
        return 0 if draining.done() and draining.result() else 1
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
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
