"""Lots: who becomes a sample."""

from __future__ import annotations

from collections.abc import Callable


class Lots:
    """Random numbers from 0 up to 1, one for each request. The next one lies open: whoever must know
    beforehand what it will be looks at it, and leaves it to be taken.

    Args:
        draw: gives random numbers from 0 up to 1.

    Attributes:
        next: what will be taken next.
    """

    __slots__ = ("_draw", "next")

    def __init__(self, draw: Callable[[], float]) -> None:
        self._draw = draw
        self.next = draw()

    def take(self) -> float:
        """The next one, for one request."""
        taken, self.next = self.next, self._draw()
        return taken
