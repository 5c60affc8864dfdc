"""Every test runs on the event loop that the sidecar runs on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest
import uvloop


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """uvloop: its transports differ from asyncio's in ways that matter (types, errors, timing)."""
    return {"uvloop": uvloop.new_event_loop}
