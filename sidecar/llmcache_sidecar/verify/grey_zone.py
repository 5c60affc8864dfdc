"""The grey zone: what no gate refuses and neither cosine nor verifier is sure of, whether it was refused
or accepted; a cross-encoder, which reads both texts at once, is asked there.

It is held against what cosine and verifier said: a logistic regression over the three, its weights in a
readable file, fitted by `python -m tests.quality.cross_encoder.fuse` on pairs of our own making that the
cross-encoder was not trained on.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, fields
from typing import Final

from .thresholds import Threshold

VERSION: Final = 1
_SURE: Final = 8.0


@dataclass(frozen=True, slots=True)
class Opinion:
    """What is known of a candidate in the grey zone.

    Attributes:
        similarity: 0 at the threshold of the model that made the vectors, 1 at the same text.
        score: the verifier's probability.
    """

    similarity: float
    score: float


@dataclass(frozen=True, slots=True)
class GreyZone:
    """Weights, and from where on a candidate is served.

    Attributes:
        least: relative similarity of a candidate that is compared at all.
        threshold: the least probability at which a candidate is served that was refused before.
        sure: the verifier's probability from which on what it accepts is not compared.
        doubt: the least probability at which a candidate is served that the verifier has accepted.
        similarity, similarity_squared, score, compared: weights of the relative cosine, its square, the
            logit of the verifier and the cross-encoder's.
    """

    least: float
    threshold: float
    sure: float
    doubt: float
    bias: float
    similarity: float
    similarity_squared: float
    score: float
    compared: float

    def holds(self, similarity: float) -> bool:
        """Whether a candidate of this relative similarity is worth a comparison."""
        return similarity >= self.least

    @staticmethod
    def features(opinion: Opinion, compared: float) -> tuple[float, float, float, float]:
        """What the weights are for, in their order; `compared` is the cross-encoder's logit."""
        held = max(-_SURE, min(_SURE, compared))
        return opinion.similarity, opinion.similarity**2, _logit(opinion.score), held

    def probability(self, opinion: Opinion, compared: float) -> float:
        """That one answer fits both texts; `compared` is the cross-encoder's logit."""
        weights = (self.similarity, self.similarity_squared, self.score, self.compared)
        features = self.features(opinion, compared)
        total = self.bias + sum(w * x for w, x in zip(weights, features, strict=True))
        return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, total))))

    @classmethod
    def from_json(cls, text: str) -> GreyZone:
        """Read the file; a `ValueError` when it is of another version."""
        stated = json.loads(text)
        if stated.pop("version", None) != VERSION:
            raise ValueError("the weights are of another version: run tests.quality.cross_encoder")
        return cls(**{name: float(value) for name, value in stated.items()})

    def to_json(self) -> str:
        """The file: a line a number."""
        stated = {one.name: round(float(getattr(self, one.name)), 4) for one in fields(self)}
        return json.dumps({"version": VERSION, **stated}, indent=1) + "\n"


def opinion_of(similarity: float, score: float, threshold: Threshold) -> Opinion:
    """What a cosine and the verifier say of a pair."""
    return Opinion((similarity - threshold.zero) / (1.0 - threshold.zero), score)


def _logit(probability: float) -> float:
    held = min(1 - math.exp(-_SURE), max(math.exp(-_SURE), probability))
    return math.log(held / (1 - held))
