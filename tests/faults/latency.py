"""How long answers take while the store is out or slow, against the same without: `python -m
tests.faults.latency`.

Rounds of normal and broken alternate, so that a drift of the machine hits both alike; what is told
is the ratio of their p99. Nothing is asserted: it depends on the machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Final

import aiohttp
import uvloop

from tests.faults import breaking
from tests.faults.asking import Ask, exchange
from tests.faults.breaking import Fault
from tests.faults.stage import PATIENCE_S, TENANTS, Options, Stage, stage

ROUNDS: Final = 5
REQUESTS: Final = 400
CLIENTS: Final = 8
HIT_DELAY_S: Final = 0.005
_OUT_OF_CONTACT_S: Final = 1.2


@contextlib.asynccontextmanager
async def store_delayed(ground: Stage) -> AsyncIterator[None]:
    """Each piece takes some milliseconds in each direction: well within a look-up's deadline."""
    for way in ground.store_ways:
        way.delay_s = HIT_DELAY_S
    try:
        yield
    finally:
        for way in ground.store_ways:
            way.delay_s = 0.0


async def measure(ground: Stage, questions: itertools.count[int], hits: bool) -> list[float]:
    """Seconds that each answer took; hits where they are wanted, else answers of the engine."""
    left = iter(range(REQUESTS))
    took: list[float] = []
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def one() -> None:
            for number in left:
                question = number % 20 if hits else next(questions)
                ask = Ask(question, TENANTS[0])
                found = await exchange(session, ground.sidecars[0].data, ask, PATIENCE_S)
                assert found.said.good, found
                if found.hit is hits:
                    took.append(found.ended - found.began)

        async with asyncio.TaskGroup() as group:
            for _ in range(CLIENTS):
                group.create_task(one())
    return took


async def compare(name: str, fault: Fault, *, hits: bool) -> None:
    """Normal and broken in turns; print what came of it."""
    # Hits come from the store itself: what is held in process hides how slow it is.
    options = Options(sections={"stores": {"firstLevel": {"maxAge": "1ms"}}})
    with TemporaryDirectory(prefix="llmcache-latency-") as folder:
        async with stage(Path(folder), options) as ground:
            questions = itertools.count(1000)
            normal: list[float] = []
            broken: list[float] = []
            for turn in range(ROUNDS + 1):
                await ground.in_contact(ground.sidecars[0])
                before = await measure(ground, questions, hits)
                async with fault(ground):
                    if not hits:
                        await asyncio.sleep(_OUT_OF_CONTACT_S)
                    during = await measure(ground, questions, hits)
                if turn:  # the first round warms up
                    normal += before
                    broken += during
    first, second = _figures(normal), _figures(broken)
    ratio = second[1] / first[1]
    sys.stdout.write(
        f"{name}: p50 {first[0]:.1f} -> {second[0]:.1f} ms, p99 {first[1]:.1f} -> {second[1]:.1f} ms "
        f"({ratio:.2f} times), {len(normal)} and {len(broken)} answers\n"
    )
    sys.stdout.flush()


def _figures(seconds: list[float]) -> tuple[float, float]:
    """The median and the 99th percentile in milliseconds."""
    cuts = quantiles(seconds, n=100)
    return cuts[49] * 1000, cuts[98] * 1000


async def run() -> None:
    """Every comparison."""
    began = time.monotonic()
    await compare("answers of the engine, nothing broken", breaking.nothing, hits=False)
    await compare("answers of the engine, store paused", breaking.valkey_paused, hits=False)
    await compare("answers of the engine, store killed", breaking.valkey_killed, hits=False)
    await compare("hits, nothing broken", breaking.nothing, hits=True)
    await compare(f"hits, store {2 * HIT_DELAY_S * 1000:g} ms slower", store_delayed, hits=True)
    sys.stdout.write(f"{time.monotonic() - began:.0f} s\n")


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())
