"""Purges: what is to be forgotten, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PurgeScope(StrEnum):
    """What a purge names."""

    ENTRY = "entry"
    TAG = "tag"
    TENANT = "tenant"
    MODEL = "model"
    ALL = "all"


@dataclass(frozen=True, slots=True, order=True)
class LogPosition:
    """A place in the purge log; later places compare greater.

    As the place of a record it is that record's own id. As `EntryMeta.position` it is the newest
    record that this replica had seen when the inference started: every purge up to and including
    that one was over before the inference began and does not concern it.

    Attributes:
        milliseconds, sequence: the two halves of a time-ordered record id. `(0, 0)` is before every
            record.
    """

    milliseconds: int = 0
    sequence: int = 0

    def __str__(self) -> str:
        return f"{self.milliseconds}-{self.sequence}"

    @classmethod
    def parse(cls, text: str) -> LogPosition:
        """The inverse of `str`; a ValueError says what is wrong with `text`."""
        milliseconds, _, sequence = text.partition("-")
        return cls(int(milliseconds), int(sequence or 0))


@dataclass(frozen=True, slots=True)
class Purge:
    """A wish to forget everything that `scope` and `value` name.

    Attributes:
        value: the entry id, tag, tenant id or model; empty for `PurgeScope.ALL`.
    """

    scope: PurgeScope
    value: str = ""


@dataclass(frozen=True, slots=True)
class PurgeRecord:
    """A purge at its place in the log.

    It concerns every entry from before it: strictly `entry.position < record.position`.
    Equal means that the inference started after this record had been read, so its answer is new.
    An inference that started after the purge was written but before the replica read it carries an
    older position and is forgotten too: too much rather than too little.
    """

    purge: Purge
    position: LogPosition


@dataclass(frozen=True, slots=True)
class LogSlice:
    """What one reading of the purge log found.

    Attributes:
        epoch: names the log's life. A store that lost its data begins another epoch, whose floor
            lies after every place that a reader of the epoch before can have seen.
        floor: records before this place may be gone; an entry older than it can't be judged.
        head: the newest place that this reading covers; the next one asks for what comes after it.
        records: the purges after the place that was asked for, up to `head`, oldest first.
    """

    epoch: str
    floor: LogPosition
    head: LogPosition
    records: tuple[PurgeRecord, ...]
