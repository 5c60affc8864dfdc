"""Every test runs on the sidecar's event loop, and all share one real engine of each kind."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Callable, Mapping

import pytest
import uvloop
from hypothesis import settings

from tests.engine.fixtures import real_embedding_engine, real_engine

__all__ = ["real_embedding_engine", "real_engine"]

# A deadline for each example would be a timed assertion: a busy machine fails it.
settings.register_profile("llmcache", deadline=None)
settings.load_profile("llmcache")


class Loop(uvloop.Loop):
    """Ends although a test left a connection open, as those do that fail half-way: uvloop warns while
    it closes the connection, and where a warning is an error it would wait for ever instead."""

    def close(self) -> None:
        """Close all; what was left open is an error afterwards."""
        with warnings.catch_warnings(record=True) as left:
            warnings.simplefilter("always")
            super().close()
        for warning in left:
            warnings.warn_explicit(
                warning.message, warning.category, warning.filename, warning.lineno
            )


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """uvloop: its transports differ from asyncio's in ways that matter (types, errors, timing)."""
    return {"uvloop": Loop}
