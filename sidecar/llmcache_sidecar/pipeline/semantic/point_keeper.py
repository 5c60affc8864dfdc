"""Which answers get a point in the vector store, so that questions that mean the same find them."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from ...domain.entry import EntryMeta
from ...domain.ids import EntryId
from ...domain.vectors import PartitionId, VectorPoint
from ...ports.journal import Journal
from ...ports.sealer import Sealer
from ...ports.vector_store import PointWriter
from .meaning import Meaning

_PARTITIONS: Final = 65_536


class Sightings:
    """The partitions that were seen of late; the least recently seen is forgotten first."""

    def __init__(self, limit: int = _PARTITIONS) -> None:
        """Remember `limit` partitions."""
        self._limit = limit
        self._seen: OrderedDict[PartitionId, None] = OrderedDict()

    def again(self, partition: PartitionId) -> bool:
        """Whether `partition` was seen before; from now on it was."""
        known = partition in self._seen
        self._seen[partition] = None
        self._seen.move_to_end(partition)
        if len(self._seen) > self._limit:
            self._seen.popitem(last=False)
        return known


class PointKeeper:
    """Offers points to the writer.

    A conversation that goes on is hardly ever met again, so its partition must be seen a second time
    before its vectors are worth their place; an opening question is kept at once.
    """

    def __init__(self, writer: PointWriter, sealer: Sealer, journal: Journal) -> None:
        self._writer = writer
        self._sealer = sealer
        self._journal = journal
        self._sightings = Sightings()

    def take(self, meaning: Meaning | None, meta: EntryMeta, before: EntryId | None) -> None:
        """`meta` was stored and answers its question to an end.

        Args:
            before: the entry that it replaced. Its point goes: two for one question would be two
                candidates that are one.
        """
        if meaning is None or meaning.question is None or meaning.vector is None:
            return
        partition = meaning.partition
        if partition is None:
            return
        if not self._sightings.again(partition) and not meaning.question.opening:
            return
        point = VectorPoint(
            id=meta.id,
            key=meta.key,
            vector=meaning.vector,
            partition=partition,
            tenant=meta.tenant,
            model=meta.model,
            created_at=meta.created_at,
            expires_at=meta.expires_at,
            position=meta.position,
            tags=meta.tags,
            payload=self._sealer.seal(meaning.text, meta.key),
        )
        if not self._writer.offer(point):
            self._journal.count("points_dropped")
        elif before is not None:
            self._writer.drop([before])
