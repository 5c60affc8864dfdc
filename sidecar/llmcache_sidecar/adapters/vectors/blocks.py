"""Vectors in two bytes a dimension, in blocks that never move once they are large.

A component is a coarse byte and a fine byte, both in units of the vector's own scale. The coarse
bytes alone rank a candidate; both together give the cosine to about 1e-5. Coarse bytes of many
vectors lie side by side, so a scan reads a quarter of what float32 would.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .sign_bits import WORDS, Matrix, Words

Codes: TypeAlias = NDArray[np.int8]
Floats: TypeAlias = NDArray[np.float64]
Rows: TypeAlias = NDArray[np.intp]

_FINE: Final = 254.0
_SLICE: Final = 256
"""Rows that are widened to float32 at a time: their floats stay in a core's own cache."""

SPREAD: Final = 3.0
"""The coarse cosine errs by less than this many scales, but for one in ten million: rounding errors
of half a scale at most, weighed by a vector of length 1 (Hoeffding)."""


class Encoded:
    """Some vectors as they are stored: coarse and fine bytes, and a scale each."""

    __slots__ = ("codes", "scales")

    def __init__(self, vectors: Matrix) -> None:
        top = np.abs(vectors).max(axis=1, keepdims=True)
        top[top == 0.0] = 1.0
        scaled = vectors * (127.0 / top)
        coarse = np.rint(scaled)
        self.codes: Codes = np.empty((2, *vectors.shape), np.int8)
        self.codes[0] = coarse
        self.codes[1] = np.rint((scaled - coarse) * _FINE)
        self.scales: Matrix = top[:, 0] / 127.0


class Block:
    """Room for `capacity` vectors. Memory that was never written to is not resident.

    Attributes:
        codes: coarse, then fine: shape (2, capacity, dimensions).
        scales, expires: shape (capacity,).
        bits: their sketches, (WORDS, capacity), where the block has any. A first block gets them later.
    """

    __slots__ = ("bits", "capacity", "codes", "expires", "scales")

    def __init__(self, capacity: int, dimensions: int, with_bits: bool) -> None:
        self.capacity = capacity
        self.codes: Codes = np.empty((2, capacity, dimensions), np.int8)
        self.scales: Matrix = np.empty(capacity, np.float32)
        self.expires: Floats = np.empty(capacity, np.float64)
        self.bits: Words | None = np.empty((WORDS, capacity), np.uint64) if with_bits else None

    def copy_row(self, at: int, source: Block, row: int) -> None:
        """Row `row` of `source` to place `at`."""
        self.codes[:, at] = source.codes[:, row]
        self.scales[at] = source.scales[row]
        self.expires[at] = source.expires[row]
        if self.bits is not None and source.bits is not None:
            self.bits[:, at] = source.bits[:, row]

    def resized(self, capacity: int, count: int) -> Block:
        """A block of another capacity with the first `count` rows of this one."""
        other = Block(capacity, self.codes.shape[2], self.bits is not None)
        other.codes[:, :count] = self.codes[:, :count]
        other.scales[:count] = self.scales[:count]
        other.expires[:count] = self.expires[:count]
        return other

    def direction(self, row: int) -> Matrix:
        """Where the vector in a row points, in a scale of its own."""
        both: Matrix = self.codes[0, row] * np.float32(_FINE) + self.codes[1, row]
        return both

    def coarse(self, query: Matrix, first: int, end: int) -> Matrix:
        """The coarse cosine to `query` of the rows from `first` to `end`."""
        codes = self.codes[0, first:end]
        count = len(codes)
        found: Matrix = np.empty(count, np.float32)
        floats: Matrix = np.empty((min(count, _SLICE), len(query)), np.float32)
        for start in range(0, count, _SLICE):
            stop = min(start + _SLICE, count)
            part = floats[: stop - start]
            np.copyto(part, codes[start:stop])
            np.dot(part, query, out=found[start:stop])
        found *= self.scales[first:end]
        return found

    def coarse_of(self, query: Matrix, rows: Rows) -> Matrix:
        """The coarse cosine of some rows."""
        found: Matrix = self.codes[0][rows].astype(np.float32) @ query
        found *= self.scales[rows]
        return found

    def exact_of(self, query: Matrix, rows: Rows) -> Matrix:
        """The cosine of some rows, from all that is stored."""
        floats = self.codes[1][rows].astype(np.float32)
        floats *= np.float32(1.0 / _FINE)
        floats += self.codes[0][rows]
        found: Matrix = floats @ query
        found *= self.scales[rows]
        return found


def row_bytes(dimensions: int, with_bits: bool) -> int:
    """What a row of a block takes."""
    return 2 * dimensions + 4 + 8 + (8 * WORDS if with_bits else 0)
