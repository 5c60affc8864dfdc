"""Real sidecars in front of the vLLM stand-in, in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from llmcache_api import SidecarConfig
from llmcache_operator.sidecars import SidecarReader, Target
from llmcache_sidecar.app.sidecar import Sidecar
from tests.simulator import SimConfig, Simulator

TOKEN = "a token that only the operator knows"


@dataclass
class Running:
    """One sidecar and how to reach it."""

    sidecar: Sidecar
    session: aiohttp.ClientSession
    data: str
    target: Target

    async def ask(self, question: str) -> str:
        """A question that is cached; what Cache-Status says."""
        body = {
            "model": "llama",
            "messages": [{"role": "user", "content": question}],
            "temperature": 0,
        }
        async with self.session.post(f"{self.data}/v1/chat/completions", json=body) as response:
            await response.read()
            assert response.status == 200, await response.text()
            return response.headers["Cache-Status"]


Start = Callable[..., Awaitable[Running]]


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def reader(session: aiohttp.ClientSession) -> SidecarReader:
    return SidecarReader(session, deadline_s=30)


@pytest.fixture
async def start(session: aiohttp.ClientSession, tmp_path: Path) -> AsyncIterator[Start]:
    """Starts sidecars, each with an engine of its own: fields of the configuration, the pod's name."""
    token = tmp_path / "token"
    token.write_text(TOKEN)
    async with AsyncExitStack() as stack:

        async def begin(
            pod: str = "support-llama-1", *, wait: bool = True, **fields: Any
        ) -> Running:
            engine = await stack.enter_async_context(Simulator(SimConfig(model="llama")))
            document = {
                "listen": "127.0.0.1:0",
                "responseCache": {"semantic": {"mode": "Off"}, "policy": {"bypass": []}},
                "upstream": {"url": engine.url, "defaultTemperature": 0.5},
                "admin": {"listen": "127.0.0.1:0", "tokenFile": str(token)},
                "auth": {"mode": "None"},
                "configVersion": "0123456789ab",
            } | fields
            sidecar = Sidecar(SidecarConfig.parse(document))
            stack.push_async_callback(sidecar.aclose)
            addresses = await sidecar.start()
            async with asyncio.timeout(60):
                while wait and sidecar.profile.state is None:
                    await asyncio.sleep(0.01)
            host, _, port = str(addresses.admin).rpartition(":")
            target = Target(pod, f"uid-{pod}", "llama", host, 1000, int(port))
            return Running(sidecar, session, f"http://{addresses.data}", target)

        yield begin
