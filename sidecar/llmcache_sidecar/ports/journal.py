"""Where what happens is told."""

from __future__ import annotations

from typing import Protocol

from ..domain.outcome import Record


class Journal(Protocol):
    """Takes notes; never fails, never waits."""

    def finished(self, record: Record) -> None:
        """A request is over."""
        ...

    def stored(self, model: str, body_bytes: int) -> None:
        """An answer was taken by the write queue."""
        ...

    def not_stored(self, reason: str) -> None:
        """An answer of a cacheable request was not stored."""
        ...

    def refused(self, gate: str) -> None:
        """A gate refused a candidate: one of a closed set of names."""
        ...

    def count(self, event: str, amount: int = 1) -> None:
        """Something else worth counting happened: one of a closed set of names."""
        ...
