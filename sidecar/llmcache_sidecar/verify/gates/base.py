"""What a gate is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from ..pair import Pair


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an answer may not be served.

    Attributes:
        gate: the name that metrics and explanations show.
        reason: what was found; it may hold words of the texts, so it is shown, never logged.
    """

    gate: str
    reason: str


Gate: TypeAlias = Callable[[Pair], Refusal | None]
