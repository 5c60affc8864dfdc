"""Which entries are dead, by what was read of the purge log."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from ..domain.entry import EntryMeta
from ..domain.purge import LogPosition, LogSlice, PurgeRecord, PurgeScope

_Place = tuple[int, int]

_NAMED: Final = (PurgeScope.ENTRY, PurgeScope.TAG, PurgeScope.TENANT, PurgeScope.MODEL)


class PurgeIndex:
    """The newest purge of each name, and the floor under which nothing can be judged.

    An entry is dead when a record that names it lies strictly after the entry's position, or when
    the entry's position is before the floor. Of several purges of one name only the newest matters,
    so memory grows with names, not with purges.

    Attributes:
        epoch: the log's life that was read last; empty before the first reading.
        head: the newest place read. An inference takes it along when it starts.
        generation: grows when the log lost records (another epoch, a head that went back). Whoever
            holds entries in process forgets all of them.
        version: grows with everything that can kill an entry. An entry found alive at a version is
            alive as long as the version stays.
    """

    __slots__ = (
        "_by_entry",
        "_by_model",
        "_by_tag",
        "_by_tenant",
        "_dead_before",
        "_floor",
        "_max_records",
        "_named",
        "_newest",
        "epoch",
        "generation",
        "head",
        "version",
    )

    def __init__(self, max_records: int = 100_000) -> None:
        """Start knowing nothing.

        Args:
            max_records: names remembered. One more forgets the oldest and raises the floor to it:
                entries from before that purge die, memory stays bounded.
        """
        if max_records < 1:
            raise ValueError("max_records must be at least 1")
        self.epoch = ""
        self.head = LogPosition()
        self.generation = 0
        self.version = 0
        self._max_records = max_records
        self._named: dict[PurgeScope, OrderedDict[str, _Place]] = {
            scope: OrderedDict() for scope in _NAMED
        }
        self._by_entry = self._named[PurgeScope.ENTRY]
        self._by_tag = self._named[PurgeScope.TAG]
        self._by_tenant = self._named[PurgeScope.TENANT]
        self._by_model = self._named[PurgeScope.MODEL]
        self._floor: _Place = (0, 0)
        self._dead_before: _Place = (0, 0)  # the floor, or the newest purge of everything
        self._newest: _Place = (0, 0)  # nothing at or after this place can be dead

    @property
    def floor(self) -> LogPosition:
        """Entries from before this place can't be judged, and are dead."""
        return LogPosition(*self._floor)

    def __len__(self) -> int:
        return sum(map(len, self._named.values()))

    def is_purged(self, meta: EntryMeta) -> bool:
        """Whether the entry may no longer be served or stored."""
        position = meta.position
        at = (position.milliseconds, position.sequence)
        if at >= self._newest:
            return False
        if at < self._dead_before:
            return True
        if (place := self._by_entry.get(meta.id)) is not None and at < place:
            return True
        if (place := self._by_tenant.get(meta.tenant)) is not None and at < place:
            return True
        if (place := self._by_model.get(meta.model)) is not None and at < place:
            return True
        by_tag = self._by_tag
        if by_tag:
            for tag in meta.tags:
                if (place := by_tag.get(tag)) is not None and at < place:
                    return True
        return False

    def apply(self, piece: LogSlice) -> None:
        """Take in one reading of the log. Applying the same reading again changes nothing."""
        if piece.epoch != self.epoch:
            if self.epoch:
                self._lost()
            self.epoch = piece.epoch
        elif piece.head < self.head:
            # What lay between may be purges that nobody can read any more. Those read before stay.
            self._lost()
            self._raise_floor((piece.head.milliseconds, piece.head.sequence))
        self._raise_floor((piece.floor.milliseconds, piece.floor.sequence))
        for record in piece.records:
            self.note(record)
        if piece.head != self.head:
            self.head = piece.head

    def note(self, record: PurgeRecord) -> None:
        """Take in one purge, for instance this replica's own, ahead of the reading that shows it.

        The head stays: purges of others may lie before this one, unread.
        """
        place = (record.position.milliseconds, record.position.sequence)
        if place <= self._dead_before:
            return
        scope, value = record.purge.scope, record.purge.value
        if scope is PurgeScope.ALL:
            self._kill_before(place)
            return
        names = self._named[scope]
        known = names.get(value)
        if known is not None and known >= place:
            return
        names[value] = place
        names.move_to_end(value)
        self._newest = max(self._newest, place)
        self.version += 1
        while len(self) > self._max_records:
            self._raise_floor(self._oldest()[0])

    def forget_before(self, milliseconds: int) -> None:
        """Forget purges from before a Unix time in milliseconds, and judge nothing that is older.

        Right when no entry lives that long: pass now minus the longest lifetime and the longest
        inference.
        """
        until = (0, 0)
        for names in self._named.values():
            for place in names.values():
                if place[0] >= milliseconds:
                    break
                until = max(until, place)
        self._raise_floor(until)

    def _lost(self) -> None:
        self.generation += 1
        self.version += 1

    def _raise_floor(self, place: _Place) -> None:
        if place > self._floor:
            self._floor = place
            self._kill_before(place)

    def _kill_before(self, place: _Place) -> None:
        """Everything before `place` is dead, so records up to it say nothing more."""
        if place > self._dead_before:
            self._dead_before = place
            self._newest = max(self._newest, place)
            self.version += 1
        while len(self):
            oldest, names = self._oldest()
            if oldest > self._dead_before:
                break
            names.popitem(last=False)

    def _oldest(self) -> tuple[_Place, OrderedDict[str, _Place]]:
        return min(
            ((next(iter(names.values())), names) for names in self._named.values() if names),
            key=lambda pair: pair[0],
        )
