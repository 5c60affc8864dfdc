"""What all questions of a partition begin and end with, so that it can be cut away.

Behind "Classify the mood of this review:" all reviews are alike to an embedding model. What is shared
by everything that a partition was asked says nothing about any one question; cut away, it neither
lifts their similarity nor hides their difference.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from ...domain.vectors import PartitionId

_PARTITIONS: Final = 4096
_ENOUGH: Final = 16
"""Different questions before a frame is believed."""
_LONG: Final = 24
"""Characters; a shorter frame does little harm ("How do I" is no frame)."""
_REMEMBERED: Final = 2000
"""Characters of a beginning or end that are compared."""


@dataclass(slots=True)
class _Seen:
    """What a partition's questions have in common so far.

    Attributes:
        questions: the hash of each different one, until they are enough; None then.
    """

    prefix: str
    suffix: str
    questions: set[int] | None

    def heard(self, text: str, prefix: str, suffix: str) -> None:
        """One more question, and what all begin and end with now."""
        self.prefix, self.suffix = prefix, suffix
        if self.questions is not None:
            self.questions.add(hash(text))
            if len(self.questions) >= _ENOUGH:
                self.questions = None


class Frames:
    """Learns the frame of each partition. Replicas learn apart: until they agree they miss each
    other's hits, since the frame is part of the partition that they look into."""

    def __init__(self, partitions: int = _PARTITIONS) -> None:
        """Remember so many partitions; the least recently seen is forgotten first."""
        self._limit = partitions
        self._seen: OrderedDict[PartitionId, _Seen] = OrderedDict()

    def cut(
        self, partition: PartitionId, text: str, *, learns: bool = True
    ) -> tuple[PartitionId, str]:
        """The partition to look into and the text to compare: `text` without its frame where one is
        known, else as it is.

        Args:
            learns: `text` counts among what the partition was asked; False where it is only explained.
        """
        seen = self._seen.get(partition)
        if seen is None:
            if learns:
                self._begin(partition, text)
            return partition, text
        prefix = _shared_beginning(seen.prefix, text)
        suffix = _shared_end(seen.suffix, text)
        known = seen.questions is None
        if learns:
            self._seen.move_to_end(partition)
            seen.heard(text, prefix, suffix)
        if not known:
            return partition, text
        prefix, suffix = _at_word(prefix), _at_word(suffix[::-1])[::-1]
        inner = text[len(prefix) : len(text) - len(suffix)].strip()
        if len(prefix) + len(suffix) < _LONG or not inner:
            return partition, text
        name = hashlib.sha256(
            b"\0".join((partition, prefix.encode("utf-8", "surrogatepass"), suffix.encode()))
        )
        return PartitionId(name.digest()), inner

    def _begin(self, partition: PartitionId, text: str) -> None:
        self._seen[partition] = _Seen(text[:_REMEMBERED], text[-_REMEMBERED:], {hash(text)})
        if len(self._seen) > self._limit:
            self._seen.popitem(last=False)


def _shared_beginning(one: str, other: str) -> str:
    length = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        length += 1
    return one[:length]


def _shared_end(one: str, other: str) -> str:
    return _shared_beginning(one[::-1], other[::-1])[::-1]


def _at_word(text: str) -> str:
    """`text` up to its last space: a frame ends where a word does."""
    end = max(text.rfind(" "), text.rfind("\n"))
    return text[: end + 1]
