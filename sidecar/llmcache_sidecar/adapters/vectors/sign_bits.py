"""A sketch of a vector in bits, and what it proves about a cosine.

Each bit tells on which side of a random plane a vector lies. Two vectors at the angle a differ in a
bit with probability a/pi, whatever the vectors are, because the planes were drawn without looking at
them, each by itself. So the number of bits in which they differ is binomial, and a limit can be
named that a pair with a given cosine exceeds with probability `MISSED` at most.
"""

from __future__ import annotations

from functools import cache
from math import lgamma
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Matrix: TypeAlias = NDArray[np.float32]
Words: TypeAlias = NDArray[np.uint64]

BITS: Final = 512
WORDS: Final = BITS // 64
MISSED: Final = 1e-6
_STEPS: Final = 200


class SignBits:
    """Planes for vectors of one length.

    Args:
        rng: draws the planes. Unforeseeable ones keep anybody from crafting texts that escape them.
    """

    def __init__(self, dimensions: int, rng: np.random.Generator) -> None:
        _limits()  # here, and not in the first search, which has no time for them
        self._planes: Matrix = rng.standard_normal((dimensions, BITS), dtype=np.float32)

    def of(self, vectors: Matrix) -> Words:
        """The bits of every row: shape (WORDS, rows)."""
        packed = np.packbits(vectors @ self._planes > 0.0, axis=1)
        return np.ascontiguousarray(packed.view(np.uint64).T)


def distances(bits: Words, query: Words) -> NDArray[np.uint16]:
    """In how many bits each column of `bits` differs from `query`, of shape (WORDS, 1)."""
    counts = np.bitwise_count(bits ^ query)
    summed: NDArray[np.uint16] = np.add.reduce(counts, axis=0, dtype=np.uint16)
    return summed


def most_apart(cosine: float) -> int:
    """Bits in which a vector at `cosine` or nearer differs, but for one in 1 / MISSED."""
    at = int(np.floor(min(max(cosine, -1.0), 1.0) * _STEPS)) + _STEPS
    return _limits()[at]


@cache
def _limits() -> list[int]:
    counts = np.arange(BITS + 1)
    ways = np.array([lgamma(BITS + 1) - lgamma(k + 1) - lgamma(BITS - k + 1) for k in counts])
    limits: list[int] = []
    for step in range(-_STEPS, _STEPS + 1):
        differs = min(max(float(np.arccos(step / _STEPS)) / np.pi, 1e-12), 1.0 - 1e-12)
        log_odds = ways + counts * np.log(differs) + (BITS - counts) * np.log1p(-differs)
        tail = np.cumsum(np.exp(log_odds)[::-1])[::-1]  # of k bits or more
        limits.append(int(np.searchsorted(-tail, -MISSED)) - 1)
    return limits
