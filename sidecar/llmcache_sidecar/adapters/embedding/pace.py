"""How long texts take, learnt from those that were embedded."""

from __future__ import annotations

from typing import Final

_BASE_BYTES: Final = 50
"""What every text costs besides its length, in bytes of text: about the time of twelve tokens, with a
small model and with a large one (docs/embeddings.md, figures)."""

_BYTES_PER_TOKEN: Final = 4
_WEIGHT: Final = 0.2
"""Of the newest measurement in the running means."""

_MARGIN: Final = 2.0
"""Mean deviations on top of the mean."""


def cost_of(text: str, window: int | None) -> int:
    """What `text` costs, in bytes of text. Beyond a model's window of tokens nothing is computed."""
    length = len(text.encode("utf-8", "surrogatepass"))
    return _BASE_BYTES + (length if window is None else min(length, _BYTES_PER_TOKEN * window))


class Pace:
    """Seconds per cost: the running mean, and how far single texts stray from it."""

    __slots__ = ("_deviation", "_mean")

    def __init__(self) -> None:
        self._mean = 0.0
        self._deviation = 0.0

    def observe(self, cost: int, seconds: float) -> None:
        """Texts of `cost` together took `seconds`."""
        rate = seconds / cost
        if not self._mean:
            self._mean = rate
            return
        self._deviation += (abs(rate - self._mean) - self._deviation) * _WEIGHT
        self._mean += (rate - self._mean) * _WEIGHT

    def usual(self, cost: float) -> float:
        """Seconds that this cost takes on average; 0 before anything was measured."""
        return self._mean * cost

    def careful(self, cost: float) -> float:
        """Seconds that this cost hardly ever exceeds."""
        return (self._mean + _MARGIN * self._deviation) * cost
