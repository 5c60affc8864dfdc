"""How likely it is that two questions want one answer, told by a model that reads both at once."""

from __future__ import annotations

from typing import Protocol


class CrossEncoderError(Exception):
    """It told nothing; the message says why. Never holds a text."""


class CrossEncoderBusy(CrossEncoderError):
    """Others are before this pair, or there is no time left for it."""


class CrossEncoderUnfit(CrossEncoderError):
    """It can't read these texts, now or ever."""


class PairEncoder(Protocol):
    """A loaded model that works in the calling thread. Made by a loader, off the event loop."""

    def compare(self, one: str, other: str) -> float:
        """The logit of the probability that one answer fits both; the same for both orders. Raises
        `CrossEncoderError`."""
        ...

    def close(self) -> None:
        """Free the memory. Idempotent."""
        ...


class CrossEncoder(Protocol):
    """A model for the request path: never blocks the event loop, never raises anything but
    `CrossEncoderError`, never takes longer than it is given."""

    @property
    def ready(self) -> bool:
        """It is loaded and can be asked."""
        ...

    async def compare(self, one: str, other: str, within: float) -> float:
        """As `PairEncoder.compare`, within so many seconds. Raises `CrossEncoderError`."""
        ...
