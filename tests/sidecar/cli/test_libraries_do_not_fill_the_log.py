"""Qdrant's client says a line for each request; a log with a line for each question is no log."""

from __future__ import annotations

import logging

import pytest

from llmcache_sidecar.telemetry.logs import set_up


@pytest.mark.parametrize(("level", "heard"), [("info", False), ("debug", True)])
def test_requests_of_clients_are_logged_for_debugging_only(level: str, heard: bool) -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        with set_up(level, "json"):
            assert logging.getLogger("httpx").isEnabledFor(logging.INFO) is heard
            assert logging.getLogger("httpx").isEnabledFor(logging.WARNING)
    finally:
        root.handlers[:], level_before = before
        root.setLevel(level_before)
        logging.getLogger("httpx").setLevel(logging.NOTSET)
