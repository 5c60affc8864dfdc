"""Where replicas share what their samples showed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class EvidenceStore(Protocol):
    """Small books of counters and words. Every method may raise `ports.exact_store.StoreError`, and
    nothing else."""

    async def read(self, book: str) -> dict[str, str]:
        """Everything in a book."""
        ...

    async def add(self, book: str, amounts: Mapping[str, int]) -> None:
        """Add to counters; one that is not there is 0."""
        ...

    async def replace(self, book: str, name: str, expected: str, value: str) -> bool:
        """Write a word if what is there is `expected` (empty: nothing); whether it was."""
        ...
