"""The search through a partition: which rows may hold the nearest vectors."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .blocks import SPREAD, Block, Floats, Rows
from .partition import FIRST_ROWS, Snapshot
from .sign_bits import Matrix, SignBits, Words, distances, most_apart

_SEEDS: Final = 64
"""Rows that set the first mark. Each is read from a place of its own, which costs more than its sketch;
of 10,000 points 256 set no better one (of made and of real questions)."""

_WORTH_A_SCAN: Final = 6
"""Picking single rows costs so many times what reading all in a row does."""

_MOST_RESCORED: Final = 1024

_PIECE: Final = 2048
"""Rows that are scanned in one piece: a quarter of a millisecond with 384 dimensions."""

Scan: TypeAlias = Generator[None, None, tuple[Rows, Matrix]]
"""A scan in pieces: what else is due may be done between them."""


def scan(
    snapshot: Snapshot, query: Matrix, sketch: SignBits, limit: int, now: float, floor: float
) -> tuple[Rows, Matrix]:
    """Rows that hold the `limit` nearest of the snapshot, and some more, with their cosines."""
    pieces = begin(snapshot, query, sketch, limit, now, floor)
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            found: tuple[Rows, Matrix] = end.value
            return found


def begin(
    snapshot: Snapshot, query: Matrix, sketch: SignBits, limit: int, now: float, floor: float
) -> Scan:
    """The same in pieces.

    What has no sketches, the first block of a small partition, is scanned whole. Of the rest, the rows
    whose sketches are nearest set a mark; then every row is scored whose sketch does not prove that it
    lies below the mark or below `floor`. Where that is no fair part of them, all are.
    """
    scored = _Scored(limit)
    sketched, start = list(snapshot.blocks), 0
    if not snapshot.sketched:
        first, count = sketched.pop(0)
        scored.add_all(first, 0, 0, count, query, now)
        start = first.capacity
        if sketched:
            yield
    if sketched:
        bits = sketch.of(query[np.newaxis])
        yield from _scan_sketched(sketched, start, query, bits, scored, now, floor)
    rows = scored.candidates()
    return rows, snapshot.exact(rows, query, now)


def work(rows: int, dimensions: int) -> int:
    """About how many numbers a scan reads."""
    return min(rows, FIRST_ROWS) * dimensions + max(rows - FIRST_ROWS, 0) * 64


def _scan_sketched(
    blocks: Sequence[tuple[Block, int]],
    start: int,
    query: Matrix,
    bits: Words,
    scored: _Scored,
    now: float,
    floor: float,
) -> Generator[None, None, None]:
    """`start` is the first block's first row."""
    kept = len(scored)
    apart = []
    for block, count in blocks:
        assert block.bits is not None
        apart.append(distances(block.bits[:, :count], bits))
    total = sum(map(len, apart))
    steps = np.cumsum(sum(np.bincount(each, minlength=bits.size * 64 + 1) for each in apart))
    near = int(np.searchsorted(steps, min(max(_SEEDS, 8 * scored.limit), total)))
    if steps[near] * _WORTH_A_SCAN <= total:
        _score(blocks, start, query, apart, -1, near, scored, now)
        yield
        far = most_apart(max(scored.mark(), floor))
        if far <= near:
            return
        if (steps[min(far, len(steps) - 1)] - steps[near]) * _WORTH_A_SCAN <= total:
            _score(blocks, start, query, apart, near, far, scored, now)
            return
        scored.keep(kept)
    for block, count in blocks:
        for row in range(0, count, _PIECE):
            yield
            scored.add_all(block, start, row, min(row + _PIECE, count), query, now)
        start += block.capacity


def _score(
    blocks: Sequence[tuple[Block, int]],
    start: int,
    query: Matrix,
    apart: Sequence[NDArray[np.uint16]],
    above: int,
    up_to: int,
    scored: _Scored,
    now: float,
) -> None:
    for (block, _), each in zip(blocks, apart, strict=True):
        wanted = each <= up_to
        if above >= 0:
            wanted &= each > above
        rows = np.flatnonzero(wanted)
        if len(rows):
            scored.add(
                start, rows, block.coarse_of(query, rows), block.scales[rows],
                block.expires[rows], now,
            )  # fmt: skip
        start += block.capacity


class _Scored:
    """Rows with the bounds of their cosines, as they were added."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._rows: list[Rows] = []
        self._low: list[Matrix] = []
        self._high: list[Matrix] = []

    def __len__(self) -> int:
        """How many times some were added."""
        return len(self._rows)

    def add(
        self,
        start: int,
        places: Rows,
        scores: Matrix,
        scales: Matrix,
        expires: Floats,
        now: float,
    ) -> None:
        """Take note of rows of a block that begins at `start`."""
        margin = SPREAD * scales
        low, high = scores - margin, scores + margin
        gone = expires <= now
        low[gone] = high[gone] = -np.inf
        self._rows.append(places + start)
        self._low.append(low)
        self._high.append(high)

    def add_all(
        self, block: Block, start: int, first: int, end: int, query: Matrix, now: float
    ) -> None:
        """Score the rows from `first` to `end` of a block that begins at `start`."""
        self.add(
            start, np.arange(first, end), block.coarse(query, first, end),
            block.scales[first:end], block.expires[first:end], now,
        )  # fmt: skip

    def keep(self, first: int) -> None:
        """Forget all but those that were added the first so many times."""
        del self._rows[first:], self._low[first:], self._high[first:]

    def mark(self) -> float:
        """The `limit` nearest so far are at least that near."""
        low = np.concatenate(self._low)
        if len(low) < self.limit:
            return -1.0
        return float(np.partition(low, len(low) - self.limit)[len(low) - self.limit])

    def candidates(self) -> Rows:
        """Rows that may be among the nearest."""
        rows, high = np.concatenate(self._rows), np.concatenate(self._high)
        chosen = np.flatnonzero(high >= max(self.mark(), -2.0))
        if len(chosen) > _MOST_RESCORED:
            best = np.argpartition(-high[chosen], _MOST_RESCORED)[:_MOST_RESCORED]
            chosen = chosen[best]
        found: Rows = rows[chosen]
        return found
