"""Vectors of several shapes, made from a seed."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

_MEMBERS: Final = 50


class Shape(StrEnum):
    """How vectors lie.

    UNIFORM: all directions alike. CLUSTERED: groups of about 50 that resemble each other at about
    0.8, as the ways to ask one thing do, around a common direction that makes strangers resemble
    each other at about 0.2. NARROW: the same in a cone, strangers at about 0.6, as some models have
    it.
    """

    UNIFORM = "uniform"
    CLUSTERED = "clustered"
    NARROW = "narrow"


def vectors(rows: int, dimensions: int, shape: Shape, seed: int) -> NDArray[np.float32]:
    """So many vectors of length 1."""
    rng = np.random.default_rng(seed)
    made = rng.standard_normal((rows, dimensions), dtype=np.float32)
    if shape is not Shape.UNIFORM:
        common = {Shape.CLUSTERED: 0.6, Shape.NARROW: 1.4}[shape]
        groups = rng.standard_normal((max(rows // _MEMBERS, 1), dimensions), dtype=np.float32)
        groups += np.float32(common) * rng.standard_normal(dimensions, dtype=np.float32)
        made *= np.float32(0.55)
        made += groups[rng.integers(0, len(groups), rows)]
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made


def like(some: NDArray[np.float32], rows: int, seed: int) -> NDArray[np.float32]:
    """As many as wanted that lie where `some` vectors of a model do: one of them, and a part of the
    difference between two others. What the model never says lies outside of them all, and a graph
    over vectors of another kind does not lead there."""
    rng = np.random.default_rng(seed)
    one, other, third = (some[rng.integers(0, len(some), rows)] for _ in range(3))
    made = one + np.float32(0.6) * (other - third)
    noise = rng.standard_normal(made.shape, dtype=np.float32)
    made += noise * np.float32(0.3 / np.sqrt(made.shape[1]))
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return np.asarray(made, np.float32)
