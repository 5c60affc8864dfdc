"""A book of counters that replicas share: each counts on by itself, and hands in later what it has."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable

from ...ports.evidence_store import EvidenceStore


class SharedBook:
    """What was counted here and not handed in yet.

    What is handed in has a number, and stays as it is until the store has said that it is there: a
    store that is late may have counted it already.

    Args:
        store: None where nobody shares it; then nothing is kept.

    Attributes:
        name: of the book in the store.
    """

    def __init__(self, store: EvidenceStore | None, name: str) -> None:
        self._store = store
        self.name = name
        self._pending: Counter[str] = Counter()
        self._handed: Counter[str] = Counter()
        self._number = 0
        self._sender = secrets.token_hex(8)

    def on_top(self) -> Iterable[tuple[str, int]]:
        """What is to be added to what the store holds, by counter."""
        return (self._handed + self._pending).items()

    def turn_to(self, name: str) -> bool:
        """Go on with this book; whether it is another one, of which nothing is known yet."""
        if name == self.name:
            return False
        self.name = name
        self._pending.clear()
        self._handed = Counter()
        return True

    def add(self, field: str) -> None:
        """One more was counted here."""
        if self._store is not None:
            self._pending[field] += 1

    async def exchange(self) -> dict[str, str] | None:
        """Hand in what is new; everything in the book then. None where nobody shares it, or another
        one was turned to meanwhile. Raises `ports.exact_store.StoreError`."""
        if self._store is None:
            return None
        name = self.name
        if self._pending and not self._handed:
            self._handed, self._pending = self._pending, Counter()
            self._number += 1
        if self._handed:
            await self._store.add(name, self._handed, self._sender, self._number)
            if name != self.name:
                return None
            self._handed = Counter()
        found = await self._store.read(name)
        return found if name == self.name else None
