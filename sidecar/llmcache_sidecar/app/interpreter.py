"""Settings of the interpreter, for the whole process."""

from __future__ import annotations

import gc
import sys
from typing import Final

_HELD_S: Final = 0.0005
"""How long a thread that embeds or searches may keep the event loop waiting for the interpreter. With
the default of 5 ms the loop was held for 1.7 ms (p99.9), with this for 1.3 (docs/decisions/0024)."""

_YOUNG: Final = 1_000
"""So many objects more than before, and the young ones are looked through, without a pause: 0.2 ms (1.1
with 32 clients whose answers are stored). With 50,000 it was 19 ms, and as much for each object."""


def tune_interpreter() -> None:
    """After start-up: threads take turns, what exists stays, and young objects die by reference count
    anyway. The default thresholds start a collection about every twenty requests."""
    sys.setswitchinterval(_HELD_S)
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 1_000, 50)
