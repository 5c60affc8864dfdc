"""Fixtures of the simulator's own tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import aiohttp
import pytest

from tests.simulator import SimConfig, Simulator


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(SimConfig()) as simulator:
        yield simulator


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    """Holds simulators with a configuration of their own until the test ends."""
    async with AsyncExitStack() as stack:
        yield stack
