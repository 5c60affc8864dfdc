"""A running sidecar, its engine, and what a test says to them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
import pytest

from llmcache_api import SidecarConfig
from llmcache_sidecar.app.sidecar import Sidecar

from .engine import MODEL, ScriptedEngine

Change = Callable[[Sidecar], None]


class Running:
    """One sidecar with an HTTP client for each plane.

    Attributes:
        admin, data: base URLs.
    """

    def __init__(
        self, sidecar: Sidecar, engine: ScriptedEngine, session: aiohttp.ClientSession
    ) -> None:
        self.sidecar = sidecar
        self.engine = engine
        self.session = session
        self.admin = ""
        self.data = ""

    async def call(
        self, method: str, path: str, **more: Any
    ) -> tuple[int, Any, aiohttp.ClientResponse]:
        """Ask the admin plane: status, body (parsed where it is JSON), response."""
        async with self.session.request(method, self.admin + path, **more) as response:
            is_json = response.content_type == "application/json"
            body = await (response.json() if is_json else response.text())
            return response.status, body, response

    async def get(self, path: str, **more: Any) -> Any:
        """GET that must succeed."""
        status, body, _ = await self.call("GET", path, **more)
        assert status == 200, body
        return body

    async def stats(self) -> dict[str, Any]:
        """The statistics."""
        found: dict[str, Any] = await self.get("/admin/v1/stats")
        return found

    async def chat(
        self, question: str, headers: dict[str, str] | None = None, **fields: Any
    ) -> tuple[str, aiohttp.ClientResponse]:
        """A chat request on the data plane: the answer's text, and the response."""
        body = chat_body(question, **fields)
        url = f"{self.data}/v1/chat/completions"
        async with self.session.post(url, json=body, headers=headers) as response:
            document = await response.json()
            if response.status != 200:
                return str(document), response
            return document["choices"][0]["message"]["content"], response

    async def entries(self, query: str = "") -> list[dict[str, Any]]:
        """The entries listed for a query."""
        listed: list[dict[str, Any]] = (await self.get(f"/admin/v1/entries{query}"))["entries"]
        return listed


def chat_body(question: str, **fields: Any) -> dict[str, Any]:
    """A request that the default policy caches."""
    messages = [{"role": "user", "content": question}]
    return {"model": MODEL, "messages": messages, "temperature": 0, **fields}


async def until(condition: Callable[[], bool | Awaitable[bool]], seconds: float = 30.0) -> None:
    """Wait until `condition` holds."""
    async with asyncio.timeout(seconds):
        while True:
            held = condition()
            if held if isinstance(held, bool) else await held:
                return
            await asyncio.sleep(0.01)


Start = Callable[..., Awaitable[Running]]


@pytest.fixture
async def engine() -> AsyncIterator[ScriptedEngine]:
    """A scripted engine that listens."""
    engine = ScriptedEngine()
    await engine.start()
    yield engine
    await engine.stop()


@asynccontextmanager
async def _running(
    engine: ScriptedEngine, fields: dict[str, Any], change: Change | None
) -> AsyncIterator[Running]:
    # Most tests are about the exact level, whatever is asked.
    cache = {
        "semantic": {"mode": "Off"},
        "policy": {"bypass": [], "cache": ["Action", "Random", "Contextual", "Creative"]},
        **fields.pop("responseCache", {}),
    }
    document = {
        "listen": "127.0.0.1:0",
        "responseCache": cache,
        "upstream": {"url": engine.url, "defaultTemperature": 0.5},
        "admin": {"listen": "127.0.0.1:0"},
        "auth": {"mode": "None"},
        **fields,
    }
    sidecar = Sidecar(SidecarConfig.parse(document))
    if change is not None:
        change(sidecar)
    async with aiohttp.ClientSession() as session:
        running = Running(sidecar, engine, session)
        try:
            addresses = await sidecar.start()
            running.admin = f"http://{addresses.admin}"
            running.data = f"http://{addresses.data}"
            yield running
        finally:
            engine.release.set()
            await sidecar.aclose()


@pytest.fixture
async def start(engine: ScriptedEngine) -> AsyncIterator[Start]:
    """Starts sidecars: fields of the configuration, and a change before it listens."""
    async with AsyncExitStack() as stack:

        async def begin(
            fields: dict[str, Any] | None = None,
            change: Change | None = None,
            *,
            known: bool = True,
        ) -> Running:
            running = await stack.enter_async_context(_running(engine, fields or {}, change))
            if known:
                await until(lambda: running.sidecar.profile.state is not None)
            return running

        yield begin


@pytest.fixture
async def sidecar(start: Start) -> Running:
    """A sidecar with the defaults, that knows its engine."""
    return await start()
