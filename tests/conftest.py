"""Every test runs on the sidecar's event loop, and all share one real engine of each kind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest
import uvloop
from hypothesis import settings

from tests.engine.fixtures import real_embedding_engine, real_engine

__all__ = ["real_embedding_engine", "real_engine"]

# A deadline for each example would be a timed assertion: a busy machine fails it.
settings.register_profile("llmcache", deadline=None)
settings.load_profile("llmcache")


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """uvloop: its transports differ from asyncio's in ways that matter (types, errors, timing)."""
    return {"uvloop": uvloop.new_event_loop}
