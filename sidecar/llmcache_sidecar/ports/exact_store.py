"""Where entries live, found by their exact key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from ..domain.entry import Entry, EntryMeta
from ..domain.ids import EntryId, ExactKey


class StoreError(Exception):
    """The store could not do what was asked; the message says why and what to check."""


class ExactStore(Protocol):
    """Entries by exact key.

    Every method may raise `StoreError` and nothing else for trouble with the store. A body that
    can't be read back (truncated, of another format, not authentic) is no error: it counts as
    absent. Deadlines and circuit breaking are the caller's business.
    """

    async def get(self, key: ExactKey) -> Entry | None:
        """The entry under `key`, or None when there is none or it is past `expires_at`."""
        ...

    async def put(self, entry: Entry) -> bool:
        """Store `entry` under its key, replacing what is there, until its `expires_at`.

        Returns:
            False when it could not fit (larger than the store's own bound) and was left out.
        """
        ...

    async def put_many(self, entries: list[Entry]) -> int:
        """Store several at once in as few round trips as the store allows; how many fitted."""
        ...

    async def delete(self, key: ExactKey, only: EntryId | None = None) -> bool:
        """Remove what is under `key`; with `only`, not if a different entry is there by now."""
        ...

    async def find(self, entry_id: EntryId) -> EntryMeta | None:
        """The entry with this id, without its body."""
        ...

    def scan(self) -> AsyncIterator[EntryMeta]:
        """Every entry, in no order, without bodies; entries that come or go meanwhile may miss."""
        ...

    async def check(self) -> None:
        """Raise `StoreError` unless the store answers now."""
        ...

    async def aclose(self) -> None:
        """Release connections. Idempotent."""
        ...
