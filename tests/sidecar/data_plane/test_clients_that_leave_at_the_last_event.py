"""SDKs close a stream at its last event; the engine's end of body comes a moment later, in a read of
its own. The answer is whole all the same: it is stored, and nothing waits for ever for its end."""

from __future__ import annotations

import asyncio

import pytest

from llmcache_sidecar.domain.api import Api

from .answers import SPEECHES, STREAMED
from .engine import Exchange, ScriptedEngine
from .running import Start, eventually


class Tarrying:
    """Sends every event and keeps the end back until it is let go."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.go = asyncio.Event()
        self.left = 0

    async def __call__(self, exchange: Exchange) -> None:
        await exchange.begin_stream()
        for piece in SPEECHES[self.api].events():
            await exchange.chunk(piece)
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.left += 1
            raise
        await exchange.end_stream()


@pytest.mark.parametrize("api", STREAMED)
async def test_the_answer_is_stored_though_its_only_client_left_at_the_end(
    start: Start, engine: ScriptedEngine, api: Api
) -> None:
    speech = SPEECHES[api]
    engine.script = tarrying = Tarrying(api)
    running = await start()
    body = speech.request(stream=True)
    events = len(speech.events(usage=False))
    async with running.open(body, speech.path) as response:
        seen = b""
        while seen.count(b"\n\n") < events:
            seen += await response.content.readany()
        response.close()
    await asyncio.sleep(0.05)  # the sidecar sees that its client has left
    tarrying.go.set()
    await eventually(lambda: running.sidecar.data_plane.in_flight == 0)
    await eventually(lambda: running.sidecar.pipeline.flights == 0)
    assert tarrying.left == 0
    assert (await running.ask(body, speech.path)).hit


async def test_an_end_that_never_comes_is_not_awaited_for_ever(
    start: Start, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llmcache_sidecar.pipeline.engine.flight._END_S", 0.1)
    speech = SPEECHES[Api.CHAT]
    engine.script = tarrying = Tarrying(Api.CHAT)
    running = await start()
    async with running.open(speech.request(stream=True), speech.path) as response:
        seen = b""
        while b"[DONE]" not in seen:
            seen += await response.content.readany()
        response.close()
    await eventually(lambda: running.sidecar.pipeline.flights == 0)
    await eventually(lambda: engine.hung_up == 1)
    tarrying.go.set()
