"""What was learned from judged matches, kept beside the entries and shared by replicas."""

from __future__ import annotations

from typing import Final

from ...domain.ids import ExactKey
from ...ports.evidence_store import EvidenceStore
from ...quality.learning import BANDS, Seen, band_of, bears_on, may_serve, step_of
from ..stored.look_up import Found
from .shared_book import SharedBook

_WRONG, _RIGHT = "wrong", "right"
_MOST: Final = 20_000
"""Counters of entries; with so many wrong matches the error budget has spoken long ago."""


class Learned:
    """Takes judged matches, and tells which candidates may be served by them.

    Of entries only those are remembered that were wrong once: the others have nothing to make up for.
    An entry is known by its key, so that what was learned outlives its answer.

    Args:
        store: None where nobody shares it.
    """

    def __init__(self, store: EvidenceStore | None, book: str) -> None:
        self._book = SharedBook(store, book)
        self._counts: dict[str, int] = {}
        self._entries: dict[str, dict[tuple[int, bool], int]] = {}

    def configure(self, book: str) -> None:
        """With another book nothing is known yet."""
        if self._book.turn_to(book):
            self._counts.clear()
            self._entries.clear()

    def allows(self, found: Found, allowed: float) -> bool:
        """Whether a semantic candidate may be served; `allowed` is the error budget, 0 to 1."""
        if not self._counts or found.similarity is None:
            return True
        band = band_of(found.score)
        seen = Seen(
            self._counts.get(_band(band, _WRONG), 0), self._counts.get(_band(band, _RIGHT), 0)
        )
        step, wrong, right = step_of(found.similarity), 0, 0
        for (at, was_right), number in self._entries.get(_name(found.meta.key), {}).items():
            if bears_on(step, at, wrong=not was_right):
                wrong, right = wrong + number * (not was_right), right + number * was_right
        return may_serve(seen, Seen(wrong, right), allowed)

    def enter(self, found: Found, *, right: bool) -> None:
        """A match of this entry was judged."""
        if found.similarity is None:
            return
        self._add(_band(band_of(found.score), _RIGHT if right else _WRONG))
        self.enter_entry(found.meta.key, found.similarity, right=right)

    def enter_entry(self, key: ExactKey, similarity: float, *, right: bool) -> None:
        """The same where only the entry and the similarity are known (feedback)."""
        name = _name(key)
        if right and name not in self._entries:
            return
        if name not in self._entries and len(self._entries) >= _MOST:
            return
        self._add(f"entry {name} {step_of(similarity)} {_RIGHT if right else _WRONG}")

    def _add(self, field: str) -> None:
        self._count(field, 1)
        self._book.add(field)

    def _count(self, field: str, amount: int) -> None:
        self._counts[field] = self._counts.get(field, 0) + amount
        parts = field.split(" ")
        if parts[0] == "entry" and len(parts) == 4 and parts[2].lstrip("-").isdigit():
            entry = self._entries.setdefault(parts[1], {})
            at = (int(parts[2]), parts[3] == _RIGHT)
            entry[at] = entry.get(at, 0) + amount

    async def exchange(self) -> None:
        """Hand in what is new and take over what all know. Raises `ports.exact_store.StoreError`."""
        found = await self._book.exchange()
        if found is None:
            return
        self._counts.clear()
        self._entries.clear()
        for field, value in found.items():
            if value.isdigit():
                self._count(field, int(value))
        for field, amount in self._book.on_top():
            self._count(field, amount)


def _band(band: int, kind: str) -> str:
    return f"band {min(band, BANDS - 1)} {kind}"


def _name(key: ExactKey) -> str:
    return key.hex()[:24]
