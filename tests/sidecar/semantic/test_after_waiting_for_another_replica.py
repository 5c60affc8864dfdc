"""A request that waited for another replica is one request: what it was before counts no more."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llmcache_sidecar.domain.quality import CacheLevel
from llmcache_sidecar.pipeline.quality.standings import Nearness
from llmcache_sidecar.quality.verdicts import Verdict
from tests.sidecar.data_plane.answers import chat_request
from tests.sidecar.data_plane.engine import Exchange, ScriptedEngine
from tests.sidecar.data_plane.running import eventually
from tests.sidecar.stores.servers import valkey

from .asking import FIRST, SAME, settled
from .conftest import Start
from .oracle import Oracle

pytestmark = pytest.mark.stores


class Slow(Oracle):
    """Answers SAME when it is told to."""

    def __init__(self, engine: ScriptedEngine) -> None:
        super().__init__(engine)
        self.now = asyncio.Event()

    async def script(self, exchange: Exchange) -> None:
        """Answer one request."""
        if SAME.encode() in exchange.request.body:
            await self.now.wait()
        await super().script(exchange)


@pytest.fixture
def oracle(engine: ScriptedEngine) -> Slow:
    return Slow(engine)


@pytest.fixture
def port() -> Iterator[int]:
    with valkey() as server:
        yield server.port


async def test_it_is_drawn_once_and_what_was_withheld_counts_no_more(
    start: Start, oracle: Slow, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lots = [0.9]
    monkeypatch.setattr(random, "random", lambda: lots[0])
    key = tmp_path / "tenant.key"
    key.write_bytes(bytes(32))
    redis = {"redis": {"url": f"redis://127.0.0.1:{port}", "deadline": "1s", "leaseWait": "20s"}}
    sections: dict[str, Any] = {
        "stores": redis,
        "upstream": {"revision": "one"},
        "tenantKeyFile": str(key),
        "quality": {"holdoutPercent": 50},
    }
    one = await start(**sections)
    other = await start(**sections)
    await other.ask(chat_request(FIRST))
    await settled(other)
    for _ in range(200):
        other.sidecar.quality.standings.enter(
            "tiny", CacheLevel.SEMANTIC, Verdict.ANOTHER_QUESTION, Nearness(), free=True
        )
    first = asyncio.create_task(one.ask(chat_request(SAME)))
    await eventually(lambda: one.sidecar.pipeline.flights == 1, 5.0)
    lots[0] = 0.1  # what lies open is drawn already: the second one would be below the share
    second = asyncio.create_task(other.ask(chat_request(SAME)))
    await eventually(lambda: other.totals.events.get("waited_for_another_replica") == 1, 5.0)
    oracle.now.set()
    assert (await first).status == 200
    reply = await second
    assert reply.hit
    assert other.totals.withheld_hits == 0
