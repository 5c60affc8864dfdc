"""A sidecar whose semantic level is ready."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Protocol

import pytest

from tests.sidecar.data_plane.answers import well
from tests.sidecar.data_plane.engine import ScriptedEngine
from tests.sidecar.data_plane.running import HandClock, Running, eventually, start_sidecar

DEFAULT_POLICY: dict[str, Any] = {"bypass": None, "cache": None}
"""What holds when nothing is said (the tests of the exact level say that everything is cached)."""


class Start(Protocol):
    """Starts a sidecar; options are sections of its configuration."""

    async def __call__(
        self, *, clock: HandClock | None = None, ready: bool = True, **sections: Any
    ) -> Running: ...


@pytest.fixture
async def engine() -> AsyncIterator[ScriptedEngine]:
    """An engine that answers well."""
    scripted = ScriptedEngine()
    scripted.script = well
    await scripted.start()
    yield scripted
    await scripted.stop()


@pytest.fixture
async def start(engine: ScriptedEngine) -> AsyncIterator[Start]:
    """Starts sidecars and stops them in the end."""
    started: list[Running] = []

    async def start_one(
        *, clock: HandClock | None = None, ready: bool = True, **sections: Any
    ) -> Running:
        cache = {"semantic": {}, **sections.pop("responseCache", {})}
        # A loaded machine is no reason to miss here; deadlines have tests of their own.
        embedding = {"deadline": "5s", **cache["semantic"].get("embedding", {})}
        cache["policy"] = {**DEFAULT_POLICY, **cache.get("policy", {})}
        # It takes its time to load, and has tests of its own.
        comparing = cache["semantic"].get("crossEncoder", "None")
        cache["semantic"] = {
            **cache["semantic"], "embedding": embedding, "crossEncoder": comparing
        }  # fmt: skip
        running = await start_sidecar(engine, clock, True, {"responseCache": cache, **sections})
        started.append(running)
        if ready:
            await eventually(lambda: running.sidecar.semantic.ready, 30.0)
        if ready and comparing != "None":
            await eventually(lambda: running.sidecar.semantic.compares, 30.0)
        return running

    yield start_one
    for running in started:
        await running.session.close()
        await running.sidecar.aclose()
