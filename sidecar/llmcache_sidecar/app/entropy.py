"""Random characters for ids, without a system call for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_DRAWN: Final = 2048


class Entropy:
    """Hands out random hexadecimal characters, each once, from blocks drawn at once.

    Args:
        draw: gives that many random bytes from the system.
    """

    __slots__ = ("_at", "_block", "_draw")

    def __init__(self, draw: Callable[[int], bytes]) -> None:
        self._draw = draw
        self._block = ""
        self._at = 0

    def hex(self, length: int) -> str:
        """`length` random hexadecimal characters."""
        if length > _DRAWN:
            return self._draw((length + 1) // 2).hex()[:length]
        end = self._at + length
        if end > len(self._block):
            self._block = self._draw(_DRAWN).hex()
            self._at, end = 0, length
        piece = self._block[self._at : end]
        self._at = end
        return piece
