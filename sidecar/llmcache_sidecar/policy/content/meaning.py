"""The classes by meaning: ridge regression over the embeddings of the example phrases.

Closed form, so that it is fitted in a moment at start-up for whichever embedding model is there, and
so that each example's own leave-one-out score is known. On those the scores are brought to log-odds
(Platt), which makes one threshold mean the same for every model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...domain.vectors import Vector
from .classes import ContentClass

CLASSES: Final = tuple(ContentClass)
RIDGE: Final = 3.0
_NEWTON_STEPS: Final = 25


@dataclass(frozen=True, slots=True)
class MeaningModel:
    """Log-odds of each class against cacheable from a vector."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def log_odds(self, vector: Vector) -> NDArray[np.float32]:
        """In the order of `ContentClass`."""
        return np.asarray(vector @ self.weights + self.bias, np.float32)


def fit_meaning(
    classes: Sequence[ContentClass | None], vectors: NDArray[np.float32]
) -> MeaningModel:
    """Fit on example phrases of every class and of the cacheable; `vectors` has one a row."""
    count, size = vectors.shape
    design = np.hstack([vectors.astype(np.float64), np.ones((count, 1))])
    targets = np.zeros((count, len(CLASSES) + 1))
    order = [*CLASSES, None]
    member = np.array([order.index(one) for one in classes])
    targets[np.arange(count), member] = 1
    sizes = targets.sum(axis=0)
    weight = np.sqrt(1 / np.maximum(sizes, 1))[member]
    weighted = design * weight[:, None]
    penalty = np.eye(size + 1) * RIDGE * (weight**2).sum() / 1000
    penalty[size, size] = 1e-9
    inverse = np.linalg.inv(weighted.T @ weighted + penalty)
    solution = inverse @ (weighted.T @ (targets * weight[:, None]))
    fitted = design @ solution
    leverage = np.minimum(((weighted @ inverse) * weighted).sum(axis=1), 0.99)[:, None]
    left_out = (fitted - targets * leverage) / (1 - leverage)
    margins = left_out[:, :-1] - left_out[:, -1:]
    slopes, offsets = np.ones(len(CLASSES)), np.zeros(len(CLASSES))
    for at in range(len(CLASSES)):
        chosen = (member == at) | (member == len(CLASSES))
        if (member == at).any() and (member == len(CLASSES)).any():
            slopes[at], offsets[at] = _platt(margins[chosen, at], member[chosen] == at)
    contrast = solution[:, :-1] - solution[:, -1:]
    return MeaningModel(
        np.asarray(contrast[:size] * slopes, np.float32),
        np.asarray(contrast[size] * slopes + offsets, np.float32),
    )


def _platt(margins: NDArray[np.float64], positive: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and offset that make margins log-odds, both sides counting the same."""
    weight = np.where(positive, 0.5 / positive.sum(), 0.5 / (~positive).sum())
    design = np.stack([margins, np.ones_like(margins)], axis=1)
    solution = np.array([1.0, 0.0])
    for _ in range(_NEWTON_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(design @ solution, -30, 30)))
        gradient = design.T @ (weight * (chance - positive)) + 1e-4 * solution
        curvature = (design * (weight * chance * (1 - chance))[:, None]).T @ design
        solution = solution - np.linalg.solve(curvature + 1e-4 * np.eye(2), gradient)
    return float(solution[0]), float(solution[1])
