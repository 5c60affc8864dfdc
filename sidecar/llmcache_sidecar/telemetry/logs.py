"""Logs: one line an event, as text for people or JSON for machines."""

from __future__ import annotations

import json
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final, Literal

_STDERR: Final = 2
_WAITING: Final = 10_000
_LAST_WORDS_S: Final = 1.0


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, and the error where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Render one record."""
        line = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line)


class PatientHandler(logging.Handler):
    """Hands lines to a thread of its own: whoever reads them may be slow, stuck or gone, and no
    request waits for that. Beyond a bound lines are dropped, and how many is told later."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._lines: queue.Queue[str | None] = queue.Queue(_WAITING)
        self._dropped = 0
        self._thread = threading.Thread(target=self._write, name="llmcache-log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Take one record."""
        try:
            if self._dropped:
                lost, text = self._dropped, "%d lines of the log were lost: nobody read them"
                note = record.__class__(__name__, logging.WARNING, "", 0, text, (lost,), None)
                self._lines.put_nowait(self.format(note))
                self._dropped = 0
            self._lines.put_nowait(self.format(record))
        except queue.Full:
            self._dropped += 1
        except Exception:  # a record that can't be rendered; requests go on
            self.handleError(record)

    def close(self) -> None:
        """Write what waits, for a second at most."""
        with suppress(queue.Full):
            self._lines.put(None, timeout=_LAST_WORDS_S)
        self._thread.join(_LAST_WORDS_S)
        super().close()

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            data = f"{line}\n".encode("utf-8", "backslashreplace")
            with suppress(OSError):
                while data:
                    data = data[os.write(self._descriptor, data) :]


Form = Literal["text", "json"]


@contextmanager
def set_up(level: str, form: Form) -> Iterator[Callable[[str, Form], None]]:
    """Send everything to standard error while the block runs, warnings of libraries too.

    What the block is given sets another level and form.
    """
    handler = PatientHandler(_STDERR)
    root = logging.getLogger()

    def choose(level: str, form: Form) -> None:
        handler.setFormatter(
            JsonFormatter()
            if form == "json"
            else logging.Formatter("%(asctime)s %(levelname)-7s %(message)s")
        )
        root.setLevel(level.upper())
        # Qdrant's client has a line for each of its requests, and there is one for each question.
        logging.getLogger("httpx").setLevel(logging.DEBUG if level == "debug" else logging.WARNING)

    choose(level, form)
    logging.raiseExceptions = False
    logging.captureWarnings(True)
    root.handlers[:] = [handler]
    try:
        yield choose
    finally:
        root.removeHandler(handler)
        handler.close()
