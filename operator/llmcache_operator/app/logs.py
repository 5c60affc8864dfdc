"""Structured logs: one JSON object a line, with the resource that a line is about."""

from __future__ import annotations

import contextvars
import json
import logging
import sys
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

RESOURCE: Final[contextvars.ContextVar[str | None]] = contextvars.ContextVar(
    "llmcache", default=None
)
"""namespace/name of the LLMCache that is being worked on."""


class LogFormat(StrEnum):
    """How log lines are written."""

    JSON = "json"
    TEXT = "text"


class JsonLines(logging.Formatter):
    """JSON, one object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (resource := RESOURCE.get()) is not None:
            line["llmcache"] = resource
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class TextLines(logging.Formatter):
    """For people in front of a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        resource = RESOURCE.get()
        where = f"[{resource}] " if resource is not None else ""
        text = f"{record.levelname.lower():7} {record.name}: {where}{record.getMessage()}"
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        return text


def _milder(record: logging.LogRecord) -> bool:
    """A request that kopf tries again is no error: it would look like one on a busy API server's
    every bad day."""
    again = record.name.startswith("kopf.") and "will retry" in record.getMessage()
    if again and record.levelno == logging.ERROR:
        record.levelno, record.levelname = logging.WARNING, "WARNING"
    return True


def set_up_logs(level: str, form: LogFormat) -> None:
    """All logs to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form is LogFormat.JSON else TextLines())
    handler.addFilter(_milder)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # kopf tells each step of its own at info; what happened is told by us.
    for name in ("kopf", "aiohttp.access", "asyncio"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
