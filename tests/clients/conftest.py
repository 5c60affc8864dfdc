"""The simulator, the sidecar in front of it, and the clients."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from tests.clients import install
from tests.clients.driving import KEY, MODEL, Clients, Program, running
from tests.demo.servers import sidecar
from tests.simulator import SimConfig, Simulator

CONFIG: Final = """
responseCache:
  semantic: {mode: "Off"}
  policy: {bypass: [], cache: [Action, Random, Contextual, Creative]}
"""
_SETTLE_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Scene:
    """An engine's stand-in, a sidecar, and a program of clients.

    Attributes:
        url, admin: the sidecar's two planes.
    """

    engine: Simulator
    url: str
    admin: str
    program: Program
    clients: Clients
    again: contextlib.AbstractAsyncContextManager[Clients]

    def asked(self, topic: str) -> int:
        """How often the engine was asked about `topic`."""
        return sum(topic.encode() in request.body for request in self.engine.requests)

    async def settled(self) -> dict[str, Any]:
        """What the sidecar says of itself once everything is answered and written."""
        async with httpx.AsyncClient() as client, asyncio.timeout(_SETTLE_S):
            while True:
                stats: dict[str, Any] = (await client.get(f"{self.admin}/admin/v1/stats")).json()
                queued = stats["stores"].get("writeQueueEntries", 0)
                if not stats["inFlight"] + stats["openFlights"] + queued:
                    return stats
                await asyncio.sleep(0.01)

    async def entries(self) -> int:
        """How many answers are stored."""
        await self.settled()
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"{self.admin}/admin/v1/entries", params={"limit": "10000"})
        return len(answer.json()["entries"])


@pytest.fixture
async def scene(program: Program, tmp_path: Path) -> AsyncIterator[Scene]:
    """With the program that the test is parametrized with."""
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG)
    here = await asyncio.to_thread(install.make)
    async with (
        Simulator(SimConfig(model=MODEL, api_keys=(KEY,))) as engine,
        sidecar(engine.url, "--config", str(config)) as (url, admin),
        running(program, here, url, tmp_path) as clients,
    ):
        again = running(program, here, url, tmp_path)
        yield Scene(engine, url, admin, program, clients, again)
