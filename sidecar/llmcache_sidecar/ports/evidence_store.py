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

    async def add(self, book: str, amounts: Mapping[str, int], sender: str, number: int) -> None:
        """Add to counters, all or none; one that is not there is 0. What was added before under the
        same sender and number, or a higher one, is not added again: so it may be tried until the
        store says that it is there."""
        ...

    async def replace(self, book: str, name: str, expected: str, value: str) -> bool:
        """Write a word if what is there is `expected` (empty: nothing); whether it was."""
        ...
