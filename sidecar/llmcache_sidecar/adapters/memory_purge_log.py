"""A purge log for one process."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from secrets import token_hex

from ..domain.purge import LogPosition, LogSlice, Purge, PurgeRecord
from ..ports.clock import Clock, SystemClock


class MemoryPurgeLog:
    """A `PurgeLog` that lives as long as its process; goes with `MemoryStore`.

    Args:
        keep_s: seconds after which a record is forgotten: at least the longest lifetime of an entry
            plus the longest inference. Default 8 days.
        max_records: the most that are kept. One more drops the oldest and raises the floor to it.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        keep_s: float = 8 * 86400.0,
        max_records: int = 100_000,
    ) -> None:
        self._time = (clock or SystemClock()).time
        self._keep_ms = int(keep_s * 1000)
        self._max_records = max_records
        self._epoch = token_hex(8)
        self._records: deque[PurgeRecord] = deque()
        self._floor = self._head = LogPosition(int(self._time() * 1000), 0)

    async def append(self, purge: Purge) -> PurgeRecord:
        """See `PurgeLog`. Places grow even when the clock goes back."""
        now = int(self._time() * 1000)
        if now > self._head.milliseconds:
            self._head = LogPosition(now, 0)
        else:
            self._head = LogPosition(self._head.milliseconds, self._head.sequence + 1)
        record = PurgeRecord(purge, self._head)
        self._records.append(record)
        self._trim(now - self._keep_ms)
        return record

    async def read(self, after: LogPosition) -> LogSlice:
        """See `PurgeLog`."""
        records = self._records
        if after >= self._head:
            return LogSlice(self._epoch, self._floor, self._head, ())
        start = bisect_right(records, after, key=lambda record: record.position)
        later = tuple(records[index] for index in range(start, len(records)))
        return LogSlice(self._epoch, self._floor, self._head, later)

    async def aclose(self) -> None:
        """Nothing to release."""

    def _trim(self, before: int) -> None:
        while self._records and (
            len(self._records) > self._max_records
            or self._records[0].position.milliseconds < before
        ):
            self._floor = self._records.popleft().position
