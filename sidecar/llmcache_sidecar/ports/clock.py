"""Time, passed in so that tests can hold it."""

from __future__ import annotations

import time as _time
from typing import Protocol


class Clock(Protocol):
    """Wall time for ages that are shared, monotonic time for durations."""

    def time(self) -> float:
        """Unix time in seconds."""
        ...

    def monotonic(self) -> float:
        """Seconds since some fixed moment, never going back."""
        ...


class SystemClock:
    """The machine's clocks."""

    time = staticmethod(_time.time)
    monotonic = staticmethod(_time.monotonic)
