"""Which partitions are large: learnt by counting them, no more often than they can have grown."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from ...domain.vectors import PartitionId

_GROWTH: Final = 1_000.0
"""Points that a partition may gain in a second; the graph takes about a millisecond for each."""

_LEAST_S: Final = 1.0
_MOST_REMEMBERED: Final = 10_000


class PartitionSizes:
    """What is known of the partitions of one table.

    A small partition is not counted again before it may have become large: one that was empty
    after some seconds, one that was nearly large after a second. So no search is slow for long
    because its partition was counted too early.

    Args:
        most_small: points; a partition with more of them is large. 0: all are.
        monotonic: seconds.
    """

    def __init__(self, most_small: int, monotonic: Callable[[], float]) -> None:
        self._most_small = most_small
        self._monotonic = monotonic
        self._large: OrderedDict[PartitionId, None] = OrderedDict()
        # Small ones, and when (monotonic) they may be counted again.
        self._small_until: OrderedDict[PartitionId, float] = OrderedDict()

    def is_large(self, partition: PartitionId) -> bool:
        """Whether it was when it was counted; False while nobody has."""
        return not self._most_small or partition in self._large

    def begin_count(self, partition: PartitionId) -> bool:
        """Whether it may be large by now. If so the caller counts, and others don't meanwhile."""
        now = self._monotonic()
        if self.is_large(partition) or self._small_until.get(partition, now) > now:
            return False
        self._is_small(partition, 0, now)
        return True

    def counted(self, partition: PartitionId, points: int) -> None:
        """So many were found; counting may stop above `most_small`."""
        if points <= self._most_small:
            self._is_small(partition, points, self._monotonic())
            return
        self._small_until.pop(partition, None)
        self._large[partition] = None
        if len(self._large) > _MOST_REMEMBERED:
            self._large.popitem(last=False)

    def shrank(self, partition: PartitionId) -> None:
        """It is not large any more, or the graph does not lead through it."""
        self._large.pop(partition, None)

    def clear(self) -> None:
        """Of another table nothing is known."""
        self._large.clear()
        self._small_until.clear()

    def _is_small(self, partition: PartitionId, points: int, now: float) -> None:
        wait = max(_LEAST_S, (self._most_small - points) / _GROWTH)
        self._small_until[partition] = now + wait
        self._small_until.move_to_end(partition)
        if len(self._small_until) > _MOST_REMEMBERED:
            self._small_until.popitem(last=False)
