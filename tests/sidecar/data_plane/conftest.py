"""The engine, the sidecar, and the proof that nothing is left behind."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from .answers import well
from .engine import ScriptedEngine
from .running import HandClock, Running, Start, eventually, start_sidecar


@pytest.fixture
async def engine() -> AsyncIterator[ScriptedEngine]:
    """An engine that answers well until it is told otherwise."""
    engine = ScriptedEngine()
    engine.script = well
    await engine.start()
    yield engine
    await engine.stop()


@pytest.fixture
def clock() -> HandClock:
    """A clock that stands still."""
    return HandClock()


@pytest.fixture
async def start(engine: ScriptedEngine, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Start]:
    """Starts sidecars, and stops them; afterwards nothing of theirs may be left."""
    loop = asyncio.get_running_loop()
    troubles: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: troubles.append(context))
    before = asyncio.all_tasks()
    all_running: list[Running] = []
    caplog.set_level(logging.INFO)

    async def start(
        *, clock: HandClock | None = None, known: bool = True, **sections: Any
    ) -> Running:
        running = await start_sidecar(engine, clock, known, sections)
        all_running.append(running)
        return running

    yield start
    for running in all_running:
        await running.session.close()
    for running in all_running:
        await running.sidecar.aclose()
        assert running.sidecar.data_plane.in_flight == 0
        await eventually(partial(_landed, running))
        totals = running.totals
        assert sum(totals.outcomes.values()) == totals.requests
    await engine.stop()
    for _ in range(5):
        await asyncio.sleep(0)
    here = asyncio.current_task()
    left = {t for t in asyncio.all_tasks() - before if not t.done() and t is not here}
    assert not left, f"tasks left behind: {left}"
    gc.collect()
    assert not troubles, troubles
    loop.set_exception_handler(None)
    unhandled = [r for r in caplog.records if r.exc_info and r.name.startswith("aiohttp")]
    assert not unhandled, [r.getMessage() for r in unhandled]


def _landed(running: Running) -> bool:
    """No flight is left; a long answer is judged in a thread."""
    return running.sidecar.pipeline.flights == 0
