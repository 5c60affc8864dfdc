"""Thresholds belong to the model that made the vectors: what .85 means differs between models.

Each line was chosen on the training half of the quality data for at most one wrong hit in a hundred,
and is reported on the other half (docs/trust.md, `make quality`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Threshold:
    """From where on a candidate may be served.

    Attributes:
        similarity: the least cosine; below it no gate is asked.
        score: the least probability that the learned verifier must give.
        scale: the cosine that the verifier sees as 0; None: `similarity`. A user's floor leaves it
            alone, or it would tighten twice.
        calibrated: both were measured for this model, rather than assumed.
    """

    similarity: float
    score: float
    calibrated: bool = True
    scale: float | None = None

    @property
    def zero(self) -> float:
        """Where the verifier's scale begins."""
        return self.similarity if self.scale is None else self.scale


UNKNOWN: Final = Threshold(similarity=0.92, score=0.5, calibrated=False)
"""For models that nobody measured: few hits, few mistakes."""

THRESHOLDS: Final[dict[str, Threshold]] = {
    "all-MiniLM-L6-v2": Threshold(similarity=0.80, score=0.60),
}
"""By the last part of the model's name."""


def threshold_of(model: str, floor: float | None = None) -> Threshold:
    """The thresholds for a model; `floor` is the user's own least cosine, which only tightens.

    Args:
        model: a name such as sentence-transformers/all-MiniLM-L6-v2, or a folder's.
        floor: None where the user left it to us.
    """
    known = THRESHOLDS.get(model.rstrip("/").rsplit("/", 1)[-1], UNKNOWN)
    if floor is None or floor <= known.similarity:
        return known
    return Threshold(floor, known.score, known.calibrated, known.zero)
