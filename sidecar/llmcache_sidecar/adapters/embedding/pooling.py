"""From a vector for each token to one of length 1."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...domain.vectors import Vector
from ...ports.embedder import EmbeddingError

_SHORTEST: Final = 1e-6
"""A shorter vector has no direction worth normalising."""


class Pooling(StrEnum):
    """How token vectors become one; DONE: the model does it itself."""

    MEAN = "mean"
    CLS = "cls"
    LAST = "lasttoken"
    MAX = "max"
    DONE = "done"


def pool(hidden: NDArray[Any], mask: NDArray[np.int64], pooling: Pooling) -> NDArray[np.float32]:
    """One row a text.

    Args:
        hidden: (texts, tokens, dimensions); (texts, dimensions) with DONE.
        mask: (texts, tokens), 1 for a token, 0 for padding on the right.
    """
    values: NDArray[np.float32] = np.asarray(hidden, dtype=np.float32)
    pooled: NDArray[np.float32]
    match pooling:
        case Pooling.DONE:
            pooled = values
        case Pooling.CLS:
            pooled = values[:, 0]
        case Pooling.LAST:
            pooled = values[np.arange(len(values)), mask.sum(axis=1) - 1]
        case Pooling.MAX:
            hidden_from_max = mask[:, :, None] == 0
            pooled = np.where(hidden_from_max, np.float32(-np.inf), values).max(axis=1)
        case Pooling.MEAN:
            weights = (mask / mask.sum(axis=1, keepdims=True)).astype(np.float32)
            pooled = np.einsum("btd,bt->bd", values, weights)
    return pooled


def unit(values: NDArray[Any]) -> Vector:
    """One vector, stretched to length 1.

    Raises:
        EmbeddingError: it is zero, or not finite.
    """
    vector = np.asarray(values, dtype=np.float64)
    length = float(np.sqrt(vector @ vector))
    # A comparison that is also false for NaN.
    if not _SHORTEST < length < np.inf:
        raise EmbeddingError(
            "the model made a vector without a direction (zero or not finite): its weights are "
            "damaged, or they don't belong to its tokenizer"
        )
    return (vector / length).astype(np.float32)
