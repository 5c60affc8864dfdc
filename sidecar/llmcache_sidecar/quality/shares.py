"""The interval of a share that was counted once, at the end: a report's, not the error budget's (which
looks again and again, see `confidence`)."""

from __future__ import annotations

import math
from typing import Final

_Z: Final = 1.96


def interval(part: int, whole: int) -> tuple[float, float]:
    """Wilson's 95 % interval of `part` / `whole`; 0 to 1 where nothing was counted."""
    if whole == 0:
        return 0.0, 1.0
    share, square = part / whole, _Z * _Z
    middle = share + square / (2 * whole)
    spread = _Z * math.sqrt(share * (1 - share) / whole + square / (4 * whole * whole))
    scale = 1 + square / whole
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)
