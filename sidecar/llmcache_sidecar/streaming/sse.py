"""Server-sent events, split without being altered.

After the event stream format of the HTML standard (section 9.2): an event ends with a blank line;
lines end with LF, CR LF or CR; `data` lines of one event are joined with LF.
"""

from __future__ import annotations

import re
from typing import Final

DONE: Final = b"[DONE]"
_END_OF_EVENT: Final = re.compile(rb"(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r)")
_LONGEST_END: Final = 3
"""Bytes of an unfinished end of an event, at most."""
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_END_OF_LINE: Final = re.compile(rb"\r\n|\n|\r")


class EventSplitter:
    """Cuts a byte stream into whole events, each with its blank line; bytes in = bytes out.

    Args:
        max_event_bytes: an unfinished event longer than this makes `feed` raise `OverflowError`
            (an engine that never ends an event must not fill the memory).
    """

    __slots__ = ("_max", "_rest")

    def __init__(self, max_event_bytes: int = 16 * 1024**2) -> None:
        self._rest = b""
        self._max = max_event_bytes

    @property
    def rest(self) -> bytes:
        """What has come of an event that is not whole yet."""
        return self._rest

    def feed(self, data: bytes) -> list[bytes]:
        """The events that `data` completes, in order."""
        if (
            not self._rest
            and data.endswith(b"\n\n")
            and not data.endswith(b"\n\n\n")
            and b"\r" not in data
        ):
            # The engine's usual way: whole events in each read.
            if data.find(b"\n\n") == len(data) - 2:
                return [data]
            return [event + b"\n\n" for event in data[:-2].split(b"\n\n")]
        buffer = self._rest + data
        events = []
        start = 0
        # What was looked at before holds no whole end, though it may hold the first part of one.
        for match in _END_OF_EVENT.finditer(buffer, max(0, len(self._rest) - _LONGEST_END)):
            # A CR at the very end may be the first half of CR LF: wait for what follows.
            if match.end() == len(buffer) and buffer.endswith(b"\r"):
                break
            events.append(buffer[start : match.end()])
            start = match.end()
        self._rest = buffer[start:]
        if len(self._rest) > self._max:
            raise OverflowError(f"a server-sent event is longer than {self._max} bytes")
        return events


def event_data(event: bytes) -> bytes | None:
    """The joined data of one event; None where it has no data line (a comment, a ping)."""
    if event.startswith(b"data: ") and event.find(b"\n") == len(event) - 2 and b"\r" not in event:
        return event[6:-2]  # the engine's usual way
    lines = []
    for line in _END_OF_LINE.split(event.removeprefix(_BYTE_ORDER_MARK)):
        if line.startswith(b"data:"):
            value = line[5:]
            lines.append(value[1:] if value.startswith(b" ") else value)
    return b"\n".join(lines) if lines else None


def event_name(event: bytes) -> str | None:
    """The event's `event:` field; None where it has none."""
    for line in _END_OF_LINE.split(event.removeprefix(_BYTE_ORDER_MARK)):
        if line.startswith(b"event:"):
            return line[6:].strip().decode("utf-8", "replace")
    return None
