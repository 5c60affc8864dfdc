"""The learned last gate: a logistic regression over `features`, its weights in a readable file.

Trained by `python -m tests.quality.train` on pairs of our own making, never on anybody's data.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .features import FEATURES, features
from .pair import Pair

VERSION: Final = 1


class WeightsError(ValueError):
    """The weights do not fit this version of the features; train again."""


@dataclass(frozen=True, eq=False, slots=True)
class Verifier:
    """Weights, one a feature, and the bias."""

    weights: NDArray[np.float64]
    bias: float

    def score(self, pair: Pair) -> float:
        """The probability that one answer fits both texts."""
        total = float(features(pair) @ self.weights) + self.bias
        return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, total))))

    @classmethod
    def from_json(cls, text: str) -> Verifier:
        """Read the weights file. Raises `WeightsError`."""
        stated = json.loads(text)
        weights = stated.get("weights", {})
        if stated.get("version") != VERSION or tuple(weights) != FEATURES:
            raise WeightsError("the weights are of other features: run tests.quality.train")
        return cls(np.array(list(weights.values()), dtype=np.float64), float(stated["bias"]))

    def to_json(self) -> str:
        """The weights file: a line a feature."""
        weights = {
            name: round(float(weight), 4)
            for name, weight in zip(FEATURES, self.weights, strict=True)
        }
        stated = {"version": VERSION, "bias": round(self.bias, 4), "weights": weights}
        return json.dumps(stated, indent=1) + "\n"
