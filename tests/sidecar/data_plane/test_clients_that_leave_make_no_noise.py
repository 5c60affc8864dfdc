"""A client that leaves in the middle of its answer is no error: nothing is told of it as one."""

from __future__ import annotations

import logging

import pytest
from aiohttp import ClientConnectionResetError

from llmcache_sidecar.server.wire import quiet


def test_a_write_to_a_client_that_has_left_is_told_without_a_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    error = ClientConnectionResetError("Cannot write to closing transport")
    quiet.exception("Error handling request from %s", "127.0.0.1", exc_info=error)
    (record,) = caplog.records
    assert (record.levelno, record.exc_info) == (logging.DEBUG, None)
    assert record.getMessage() == "a client left before its answer's end"
