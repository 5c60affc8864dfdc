"""How the vector stores' wrappers tell what went wrong, without knowing who listens."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from ..observing import Reason


class VectorOperation(StrEnum):
    """What was being done to a vector store."""

    OPEN = "vector_open"
    SEARCH = "vector_search"
    PUT = "vector_put"
    DELETE = "vector_delete"
    FORGET = "vector_forget"
    SWEEP = "vector_sweep"
    COUNT = "vector_count"
    CHECK = "vector_check"


class VectorObserver(Protocol):
    """Told of every search or write that did not happen as wished."""

    def count(self, operation: VectorOperation, reason: Reason, amount: int = 1) -> None:
        """Take note. Called on the hot path: must not block or raise."""
        ...


class SilentVectors:
    """Listens to nothing."""

    def count(self, operation: VectorOperation, reason: Reason, amount: int = 1) -> None:
        """Do nothing."""
