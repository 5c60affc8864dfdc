"""A load generator that overlooks a broken answer would prove nothing. (No cluster is needed here.)"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.e2e.load import Load, Order, Summary
from tests.simulator import SimConfig, Simulator


async def load(config: SimConfig, **changes: object) -> Summary:
    """A short load on an engine that is as `config` says."""
    async with Simulator(config) as engine:
        order = Order(url=engine.url, model=config.model, long_workers=0, requests=60)
        return await Load(replace(order, **changes)).run()  # type: ignore[arg-type]


async def test_a_good_engine_fails_nothing() -> None:
    summary = await load(SimConfig())
    assert (summary.requests, summary.failed) == (60, 0)
    assert 20 <= summary.streams <= 40
    assert summary.kept_connections > 10
    assert summary.fresh_connections > 20


async def test_long_answers_have_every_token() -> None:
    summary = await load(SimConfig(), long_workers=2, long_tokens=300)
    assert summary.failed == 0
    assert summary.long >= 2


@pytest.mark.parametrize(
    "fault",
    [
        "status=500", "status=429", "close", "cut-after=2", "html", "malformed-json;malformed-sse",
        "wrong-length;cut-after=1", "empty",
    ],
)  # fmt: skip
async def test_every_broken_answer_is_a_failure(fault: str) -> None:
    summary = await load(SimConfig(fault=fault), requests=16)
    assert summary.failed == summary.requests
    assert summary.examples


@pytest.mark.parametrize("fault", ["midstream-error=2", "no-terminal", "malformed-sse=1"])
async def test_every_broken_stream_is_a_failure(fault: str) -> None:
    summary = await load(SimConfig(fault=fault), requests=16)
    assert summary.failed == summary.streams > 4


async def test_an_answer_that_changes_is_a_failure() -> None:
    summary = await load(SimConfig(nondeterminism=1.0), questions=1, fresh_percent=0)
    assert summary.failures["Wrong: another answer than before to the same question"]


async def test_a_server_that_is_away_for_a_moment_is_seen() -> None:
    async with Simulator(SimConfig()) as engine:
        going = Load(Order(url=engine.url, model="sim", long_workers=0))
        running = asyncio.create_task(going.run())
        while going.summary.requests < 20:
            await asyncio.sleep(0.01)
    while going.summary.failed == 0:
        await asyncio.sleep(0.01)
    going.told.set()
    assert (await running).failed
