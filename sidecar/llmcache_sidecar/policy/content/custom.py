"""Classes of the user's own: a name and a few example phrases, by the nearest of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...domain.vectors import Vector

_FLOOR: Final = 0.5
_QUANTILE: Final = 0.99


@dataclass(frozen=True, slots=True)
class CustomClass:
    """What a user configures.

    Attributes:
        name: shown as the reason; not one of `ContentClass`.
        phrases: a handful, the more different the better.
        threshold: the cosine from which a text belongs to it; None: calibrated.
    """

    name: str
    phrases: tuple[str, ...]
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class CustomModel:
    """A class whose examples have vectors (one a row, of length 1)."""

    name: str
    vectors: NDArray[np.float32]
    threshold: float

    def nearest(self, vector: Vector) -> float:
        """Cosine to the nearest example."""
        return float((self.vectors @ vector).max())


def fit_custom(
    custom: CustomClass,
    vectors: Sequence[Vector],
    cacheable: NDArray[np.float32],
) -> CustomModel:
    """Calibrated so that at most one in a hundred of our cacheable examples would be caught.

    Those of them that say what the class says are the user's choice: a threshold set by hand
    stands as it is.
    """
    own = np.stack(vectors).astype(np.float32)
    threshold = custom.threshold
    if threshold is None:
        nearest = (cacheable @ own.T).max(axis=1) if len(cacheable) else np.zeros(1)
        threshold = max(_FLOOR, float(np.quantile(nearest, _QUANTILE)))
    return CustomModel(custom.name, own, threshold)
