"""A trace of the steps, for explain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a trace: a step's name and what came out of it."""

    name: str
    result: str


class Notes(Protocol):
    """Takes the lines of a trace."""

    def note(self, step: str, result: str) -> None: ...
