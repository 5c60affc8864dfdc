"""A connection that broke is no defect; whatever else nobody waited for is."""

from __future__ import annotations

import asyncio
import gc
import logging
import ssl

import pytest

from llmcache_sidecar.telemetry.stray import tell_stray


async def _left(error: Exception) -> None:
    """A future whose exception nobody looks at."""
    future = asyncio.get_running_loop().create_future()
    future.set_exception(error)
    del future
    gc.collect()


@pytest.mark.parametrize("error", [ssl.SSLError("bad record"), ConnectionResetError()])
async def test_a_connection_that_broke_after_its_user_had_left_is_no_error(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    asyncio.get_running_loop().set_exception_handler(tell_stray)
    await _left(error)
    assert not [record for record in caplog.records if record.levelno > logging.DEBUG]


async def test_nor_is_tls_that_breaks_while_it_takes_leave(
    caplog: pytest.LogCaptureFixture,
) -> None:
    context = {"message": "Fatal error on SSL protocol", "exception": RuntimeError("closed")}
    tell_stray(asyncio.get_running_loop(), context)
    assert not [record for record in caplog.records if record.levelno > logging.DEBUG]


@pytest.mark.parametrize("error", [KeyError("a defect"), FileNotFoundError("a key's file")])
async def test_a_defect_is_told_whole(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    asyncio.get_running_loop().set_exception_handler(tell_stray)
    await _left(error)
    assert any("never retrieved" in record.getMessage() for record in caplog.records)
