"""What verification needs of a question, at rest beside its vector."""

from __future__ import annotations

from typing import Protocol

from ..domain.ids import ExactKey


class Sealer(Protocol):
    """Turns a question into a point's payload and back, bound to the entry's key."""

    def seal(self, question: str, key: ExactKey) -> bytes: ...

    def open(self, payload: bytes, key: ExactKey) -> str | None:
        """The question; None when the payload can't be read (another key, changed, another form)."""
        ...
