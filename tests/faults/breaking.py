"""The faults. Each breaks one thing of a stage while its context lasts, and mends it at the end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

from tests.faults.proxy import Way
from tests.faults.stage import Stage
from tests.sidecar.stores.servers import ValkeyServer

Fault = Callable[[Stage], AbstractAsyncContextManager[None]]
"""Breaks a stage while its context lasts."""

_MOMENT_S: Final = 0.3
_DAY_S: Final = 86_400.0


def _server(stage: Stage) -> ValkeyServer:
    assert stage.valkey is not None
    return stage.valkey


@contextlib.asynccontextmanager
async def nothing(_: Stage) -> AsyncIterator[None]:
    """No fault: what the others are compared with."""
    yield


# The store.


@contextlib.asynccontextmanager
async def valkey_killed(stage: Stage) -> AsyncIterator[None]:
    """It is gone, and comes back empty."""
    _server(stage).kill()
    try:
        yield
    finally:
        _server(stage).start()


@contextlib.asynccontextmanager
async def valkey_paused(stage: Stage) -> AsyncIterator[None]:
    """SIGSTOP: connections stand, and nothing answers."""
    _server(stage).pause()
    try:
        yield
    finally:
        _server(stage).resume()


@contextlib.asynccontextmanager
async def valkey_full(stage: Stage) -> AsyncIterator[None]:
    """maxmemory is reached under noeviction: it reads, and refuses to write."""
    server = _server(stage)
    server.ask("CONFIG", "SET", "maxmemory-policy", "noeviction")
    server.ask("CONFIG", "SET", "maxmemory", "1")
    try:
        yield
    finally:
        server.ask("CONFIG", "SET", "maxmemory", "0")


@contextlib.asynccontextmanager
async def valkey_restarted_empty(stage: Stage) -> AsyncIterator[None]:
    """Twice, in the midst of it."""

    async def restart() -> None:
        for _ in range(2):
            _server(stage).restart_empty()
            await asyncio.sleep(_MOMENT_S)

    async with _beside(restart()):
        yield


@contextlib.asynccontextmanager
async def valkey_wants_a_password(stage: Stage) -> AsyncIterator[None]:
    """It refuses who was let in before."""
    server = _server(stage)
    server.ask("CONFIG", "SET", "requirepass", "another")
    server.password = "another"
    server.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    try:
        yield
    finally:
        server.ask("CONFIG", "SET", "requirepass", "")
        server.password = ""


@contextlib.asynccontextmanager
async def valkey_busy(stage: Stage) -> AsyncIterator[None]:
    """A script that does not end: every command is answered BUSY."""
    server = _server(stage)
    server.ask("CONFIG", "SET", "busy-reply-threshold", "1")

    def script() -> None:
        with contextlib.suppress(Exception):  # it is killed in the end
            server.ask("EVAL", "while true do end", "0")

    task = asyncio.create_task(asyncio.to_thread(script))
    try:
        yield
    finally:
        await asyncio.to_thread(server.ask, "SCRIPT", "KILL")
        await task


@contextlib.asynccontextmanager
async def store_slow(stage: Stage) -> AsyncIterator[None]:
    """Every piece takes 80 ms: longer than a look-up may."""
    for way in stage.store_ways:
        way.delay_s = 0.08
    try:
        yield
    finally:
        for way in stage.store_ways:
            way.delay_s = 0.0


@contextlib.asynccontextmanager
async def store_cut(stage: Stage) -> AsyncIterator[None]:
    """Connections are reset, again and again."""

    async def cut() -> None:
        while True:
            for way in stage.store_ways:
                way.cut()
            await asyncio.sleep(0.05)

    async with _beside(cut(), ends=False):
        yield


@contextlib.asynccontextmanager
async def store_half_open(stage: Stage) -> AsyncIterator[None]:
    """Connections stand and nothing gets through."""
    async with _ways(stage, Way.SILENT):
        yield


@contextlib.asynccontextmanager
async def store_refuses(stage: Stage) -> AsyncIterator[None]:
    """Connections end as soon as they begin."""
    async with _ways(stage, Way.CLOSED):
        for way in stage.store_ways:
            way.cut()
        yield


@contextlib.asynccontextmanager
async def store_garbled(stage: Stage) -> AsyncIterator[None]:
    """What goes over connections is not what was sent, now and then: TLS breaks in the middle."""

    async def garble() -> None:
        while True:
            for way in stage.store_ways:
                way.garbles = not way.garbles
            await asyncio.sleep(_MOMENT_S)

    try:
        async with _beside(garble(), ends=False):
            yield
    finally:
        for way in stage.store_ways:
            way.garbles = False


@contextlib.asynccontextmanager
async def one_replica_blind(stage: Stage) -> AsyncIterator[None]:
    """The first sidecar alone can't reach the store."""
    way = stage.store_ways[0]
    way.way = Way.SILENT
    try:
        yield
    finally:
        way.way = Way.OPEN
        way.cut()


@contextlib.asynccontextmanager
async def _ways(stage: Stage, way: Way) -> AsyncIterator[None]:
    for each in stage.store_ways:
        each.way = way
    try:
        yield
    finally:
        for each in stage.store_ways:
            each.way = Way.OPEN
            each.cut()


# The engine.


@contextlib.asynccontextmanager
async def engine_refuses(stage: Stage) -> AsyncIterator[None]:
    """Nobody listens there any more."""
    stage.engine_way.way = Way.CLOSED
    stage.engine_way.cut()
    try:
        yield
    finally:
        stage.engine_way.way = Way.OPEN


@contextlib.asynccontextmanager
async def engine_cut(stage: Stage) -> AsyncIterator[None]:
    """Connections to the engine are reset now and then."""

    async def cut() -> None:
        while True:
            await asyncio.sleep(0.1)
            stage.engine_way.cut()

    async with _beside(cut(), ends=False):
        yield


@contextlib.asynccontextmanager
async def engine_stalls(stage: Stage) -> AsyncIterator[None]:
    """Nothing gets through for a moment, then everything does."""

    async def stall() -> None:
        stage.engine_way.way = Way.SILENT
        await asyncio.sleep(3 * _MOMENT_S)
        stage.engine_way.way = Way.OPEN

    async with _beside(stall()):
        yield


@contextlib.asynccontextmanager
async def engine_speaks_http10(stage: Stage) -> AsyncIterator[None]:
    """It answers in HTTP/1.0: no chunks, and the end of the connection is the end of an answer."""
    stage.engine_way.http10 = True
    try:
        yield
    finally:
        stage.engine_way.http10 = False


# The semantic level.


@contextlib.asynccontextmanager
async def vector_store_hangs(stage: Stage) -> AsyncIterator[None]:
    """SIGSTOP: connections stand, and nothing answers."""
    assert stage.vectors is not None
    stage.vectors.pause()
    try:
        yield
    finally:
        stage.vectors.resume()


@contextlib.asynccontextmanager
async def embedding_model_hangs(stage: Stage) -> AsyncIterator[None]:
    """Texts go to it, and no vector comes back."""
    assert stage.embedding_way is not None
    stage.embedding_way.way = Way.SILENT
    try:
        yield
    finally:
        stage.embedding_way.way = Way.OPEN


# The sidecar itself.


@contextlib.asynccontextmanager
async def clock_jumps(stage: Stage) -> AsyncIterator[None]:
    """Somebody sets the time: a day on, a day back, and right."""
    clock = stage.clock
    assert clock is not None

    async def jump() -> None:
        for offset_s in (_DAY_S, 0.0, -_DAY_S, 0.0, -90.0, 90.0):
            clock.jump(offset_s)
            await asyncio.sleep(_MOMENT_S)

    try:
        async with _beside(jump()):
            yield
    finally:
        clock.jump(0.0)


@contextlib.asynccontextmanager
async def sidecar_stalled(stage: Stage) -> AsyncIterator[None]:
    """Its event loop stands still for longer than every deadline, twice."""

    async def stall() -> None:
        for _ in range(2):
            for program in stage.sidecars:
                program.send(signal.SIGSTOP)
            await asyncio.sleep(1.2)
            for program in stage.sidecars:
                program.send(signal.SIGCONT)
            await asyncio.sleep(_MOMENT_S)

    async with _beside(stall()):
        yield


def restarted_by(number: signal.Signals) -> Fault:
    """The first sidecar is told to end, and started anew."""

    @contextlib.asynccontextmanager
    async def restarted(stage: Stage) -> AsyncIterator[None]:
        program = stage.sidecars[0]

        async def restart() -> None:
            await asyncio.sleep(_MOMENT_S)
            program.send(number)
            await program.ended()
            program.start()
            await stage.ready(program)

        async with _beside(restart()):
            yield

    return restarted


@contextlib.asynccontextmanager
async def hung_up(stage: Stage) -> AsyncIterator[None]:
    """SIGHUP, again and again: the configuration is read anew."""

    async def hang_up() -> None:
        for _ in range(10):
            for program in stage.sidecars:
                program.send(signal.SIGHUP)
            await asyncio.sleep(0.05)

    async with _beside(hang_up()):
        yield


@contextlib.asynccontextmanager
async def reconfigured(stage: Stage) -> AsyncIterator[None]:
    """The configuration changes, breaks, and is mended."""

    async def change() -> None:
        for turn in range(6):
            for program in stage.sidecars:
                if turn % 2:
                    program.config.write_text("responseCache: {exact: {ttl: soon}}\n")
                else:
                    stage.configure(
                        program,
                        responseCache={"exact": {"ttl": f"{turn + 1}h"}},
                        quality={"holdoutPercent": 10 * turn},
                    )
                program.send(signal.SIGHUP)
            await asyncio.sleep(0.1)
        for program in stage.sidecars:
            stage.configure(program)
            program.send(signal.SIGHUP)

    async with _beside(change()):
        yield


@contextlib.asynccontextmanager
async def keys_rotated(stage: Stage) -> AsyncIterator[None]:
    """The list of keys is written anew, in part and whole."""
    file = stage.folder / "keys"
    before = file.read_text()

    async def rotate() -> None:
        for turn in range(5):
            beside = file.with_suffix(".new")
            beside.write_text(before + f"one-more-{turn}\n")
            os.replace(beside, file)
            for program in stage.sidecars:
                program.send(signal.SIGHUP)
            await asyncio.sleep(0.1)

    async with _beside(rotate()):
        yield


@contextlib.asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None], *, ends: bool = True) -> AsyncIterator[None]:
    """`work` meanwhile; it is awaited, or, where it never ends, cancelled."""
    task = asyncio.create_task(work)
    try:
        yield
        if ends:
            await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def both(first: Fault, second: Fault) -> Fault:
    """Two at once."""

    @contextlib.asynccontextmanager
    async def broken(stage: Stage) -> AsyncIterator[None]:
        async with first(stage), second(stage):
            yield

    return broken
