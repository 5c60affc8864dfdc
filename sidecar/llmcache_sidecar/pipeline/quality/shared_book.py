"""A book of counters that replicas share: each counts on by itself, and hands in later what it has."""

from __future__ import annotations

from collections.abc import Iterable

from ...ports.evidence_store import EvidenceStore


class SharedBook:
    """What was counted here and not handed in yet.

    Args:
        store: None where nobody shares it; then nothing is kept.

    Attributes:
        name: of the book in the store.
    """

    def __init__(self, store: EvidenceStore | None, name: str) -> None:
        self._store = store
        self.name = name
        self._pending: dict[str, int] = {}

    def on_top(self) -> Iterable[tuple[str, int]]:
        """What is to be added to what the store holds, by counter."""
        return self._pending.items()

    def turn_to(self, name: str) -> bool:
        """Go on with this book; whether it is another one, of which nothing is known yet."""
        if name == self.name:
            return False
        self.name = name
        self._pending.clear()
        return True

    def add(self, field: str) -> None:
        """One more was counted here."""
        if self._store is not None:
            self._pending[field] = self._pending.get(field, 0) + 1

    async def exchange(self) -> dict[str, str] | None:
        """Hand in what is new; everything in the book then. None where nobody shares it, or another
        one was turned to meanwhile. Raises `ports.exact_store.StoreError`."""
        if self._store is None:
            return None
        name, handed = self.name, dict(self._pending)
        await self._store.add(name, handed)
        if name != self.name:
            return None
        for field, amount in handed.items():
            self._pending[field] -= amount
            if not self._pending[field]:
                del self._pending[field]
        found = await self._store.read(name)
        return found if name == self.name else None
