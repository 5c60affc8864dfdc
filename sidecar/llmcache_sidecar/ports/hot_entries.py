"""Hot entries in this process, and the way to the store."""

from __future__ import annotations

from typing import Any, Protocol

from ..domain.entry import Entry, EntryMeta
from ..domain.ids import EntryId, ExactKey


class HotEntry(Protocol):
    """One entry in the first level.

    Attributes:
        admitted: the version of the policy that was found to let it in; empty at first.
        longest: for how many seconds it lets it be served; None where nothing shortens its life.
        judged: the purge index's version at which it was last found alive; -1 at first.
    """

    meta: EntryMeta
    entry: Entry
    judged: int
    admitted: str
    longest: float | None

    def rendition(self, name: object) -> Any | None:
        """Something made from the entry earlier, kept under `name`."""
        ...


class HotEntries(Protocol):
    """A bounded first level in front of a store. Times are monotonic seconds."""

    @property
    def serves(self) -> bool:
        """Whether `get` may give anything at all."""
        ...

    def get(self, key: ExactKey, now: float) -> HotEntry | None: ...

    def under(self, key: ExactKey) -> EntryId | None:
        """The entry that is here under `key`, however long it has been."""
        ...

    def put(self, entry: Entry, now: float) -> HotEntry:
        """Take `entry` in. What does not fit is returned all the same and not kept."""
        ...

    def add_rendition(self, slot: Any, name: object, value: object, nbytes: int) -> bool:
        """Keep `value` with the entry; False when there was no room."""
        ...

    def drop(self, key: ExactKey, only: EntryId | None = None) -> bool: ...

    def clear(self) -> None: ...


class EntryWriter(Protocol):
    """Takes entries that are to be stored, off the client's path."""

    def offer(self, entry: Entry) -> bool:
        """Take `entry`; False when the queue is full or the entry does not fit."""
        ...
