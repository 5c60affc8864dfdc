"""The vectors of one partition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import numpy as np

from .blocks import Block, Encoded, Rows, row_bytes
from .sign_bits import WORDS, Matrix, SignBits, Words

_T = TypeVar("_T")

FIRST_ROWS: Final = 1024
"""Rows of the first block: it grows by doubling (a copy of 0.1 ms at most), and is scanned whole until
there are so many others and its rows have sketches too."""
_SECOND_ROWS: Final = 4096
_LATER_ROWS: Final = 16384


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a scan reads: the blocks of a moment, each with the rows that it held then.

    Attributes:
        sketched: every row has a sketch; else the first block's have none.
    """

    blocks: tuple[tuple[Block, int], ...]
    sketched: bool

    def exact(self, rows: Rows, query: Matrix, now: float) -> Matrix:
        """The cosine of some rows, from all that is stored; -inf for those that have expired."""
        scores: Matrix = np.empty(len(rows), np.float32)
        start = 0
        for block, _ in self.blocks:
            own = np.flatnonzero((rows >= start) & (rows < start + block.capacity))
            if len(own):
                places = rows[own] - start
                found = block.exact_of(query, places)
                found[block.expires[places] <= now] = -np.inf
                scores[own] = found
            start += block.capacity
        return scores


class Partition(Generic[_T]):
    """Rows without gaps: the last one moves into the place of one that is removed.

    A scan may run in another thread meanwhile. It reads a snapshot; rows that are written while it
    runs are noted, and looked at again by `finish`, which runs where the writing is done. So a
    search finds what is there when it ends.

    Attributes:
        items: what belongs to each row.
    """

    __slots__ = ("_blocks", "_dimensions", "_readers", "_sketched", "_written", "items")

    def __init__(self, dimensions: int) -> None:
        self._dimensions = dimensions
        self._blocks: list[Block] = []
        self._readers = 0
        self._sketched = 0  # rows of the first block
        self._written: list[int] = []
        self.items: list[_T] = []

    def __len__(self) -> int:
        return len(self.items)

    @property
    def nbytes(self) -> int:
        """Of the rows: all the room of a small partition, what is used of a large one's."""
        if not self._blocks:
            return 0
        later = max(len(self.items) - FIRST_ROWS, 0)
        with_bits = self._blocks[0].bits is not None
        first = self._blocks[0].capacity * row_bytes(self._dimensions, with_bits)
        return first + later * row_bytes(self._dimensions, True)

    @property
    def wants_bits(self) -> bool:
        """Whether the next row needs a sketch."""
        return len(self.items) >= FIRST_ROWS

    def append(
        self, item: _T, encoded: Encoded, at: int, expires: float, bits: Words | None
    ) -> int:
        """Add vector `at` of `encoded`; `bits` is its sketch where `wants_bits`. The row it is in."""
        row = len(self.items)
        block, place = self._room(row)
        block.codes[:, place] = encoded.codes[:, at]
        block.scales[place] = encoded.scales[at]
        block.expires[place] = expires
        if bits is not None:
            assert block.bits is not None
            block.bits[:, place] = bits
        self.items.append(item)
        self._note(row)
        return row

    def sketch_one(self, sketch: SignBits) -> None:
        """Once there is more than the first block, one more row of it gets its sketch."""
        at = self._sketched
        if len(self.items) > FIRST_ROWS > at:
            first = self._blocks[0]
            if first.bits is None:
                first.bits = np.empty((WORDS, FIRST_ROWS), np.uint64)
            first.bits[:, at] = sketch.of(first.direction(at)[np.newaxis])[:, 0]
            self._sketched += 1

    def remove(self, row: int) -> _T | None:
        """Remove a row; the item that moved there from the end, if one did."""
        last = len(self.items) - 1
        item = self.items.pop()
        moved = None
        if row != last:
            self.items[row] = item
            block, place = self._at(row)
            source, other = self._at(last)
            block.copy_row(place, source, other)
            self._note(row)
            moved = item
        self._give_back()
        return moved

    def snapshot(self) -> tuple[Snapshot, int]:
        """Begin a scan: what it reads, and the mark that `finish` wants. `finish` or `leave`."""
        self._readers += 1
        return self._view(), len(self._written)

    def leave(self) -> None:
        """End a scan."""
        self._readers -= 1
        if not self._readers:
            self._written.clear()

    def finish(
        self, rows: Rows, scores: Matrix, mark: int, query: Matrix, limit: int, now: float
    ) -> list[tuple[_T, float]]:
        """The best of `rows`, and of what was written since the scan began, nearest first."""
        written = self._written[mark:]
        if written:
            fresh = np.unique(np.array(written, np.intp))
            fresh = fresh[fresh < len(self.items)]
            kept = np.isin(rows, written, invert=True)
            rows = np.concatenate((rows[kept], fresh))
            again = self._view().exact(fresh, query, now)
            scores = np.concatenate((scores[kept], again))
        best: list[tuple[_T, float]] = []
        for at in np.argsort(-scores, kind="stable").tolist():
            if len(best) == limit or scores[at] == -np.inf:
                break
            if rows[at] < len(self.items):
                best.append((self.items[rows[at]], min(max(float(scores[at]), -1.0), 1.0)))
        return best

    def _view(self) -> Snapshot:
        blocks = []
        left = len(self.items)
        for block in self._blocks:
            blocks.append((block, min(left, block.capacity)))
            left -= block.capacity
        return Snapshot(tuple(blocks), self._sketched == FIRST_ROWS)

    def _note(self, row: int) -> None:
        if self._readers:
            self._written.append(row)

    def _at(self, row: int) -> tuple[Block, int]:
        for block in self._blocks:
            if row < block.capacity:
                return block, row
            row -= block.capacity
        raise IndexError(row)

    def _room(self, row: int) -> tuple[Block, int]:
        blocks = self._blocks
        if row < FIRST_ROWS:
            if not blocks:
                blocks.append(Block(1, self._dimensions, False))
            elif row >= blocks[0].capacity:
                blocks[0] = blocks[0].resized(2 * blocks[0].capacity, row)
            return blocks[0], row
        for block in blocks:
            if row < block.capacity:
                return block, row
            row -= block.capacity
        more = _SECOND_ROWS if len(blocks) == 1 else _LATER_ROWS
        blocks.append(Block(more, self._dimensions, True))
        return blocks[-1], row

    def _give_back(self) -> None:
        """Free a last block that is empty; halve a first one that is mostly so."""
        blocks = self._blocks
        count = len(self.items)
        if count <= FIRST_ROWS:
            self._sketched = 0  # rows come without from here on
        if len(blocks) > 1:
            if count <= sum(block.capacity for block in blocks[:-1]):
                blocks.pop()
        elif count <= blocks[0].capacity // 4 and blocks[0].capacity > 4:
            blocks[0] = blocks[0].resized(blocks[0].capacity // 2, count)
