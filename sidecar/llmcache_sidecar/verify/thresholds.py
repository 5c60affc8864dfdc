"""Thresholds belong to the model that made the vectors: what .85 means differs between models.

Each line was chosen on the training half of the quality data for at most one wrong hit in a hundred,
and is reported on the other half (docs/trust.md, `make quality`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from ..domain.vectors import Calibration

_FURTHEST: Final = 2.9


@dataclass(frozen=True, slots=True)
class Threshold:
    """From where on a candidate may be served.

    Attributes:
        similarity: the least cosine of texts that differ in a word of content.
        score: the least probability that the learned verifier must give.
        scale: the cosine that the verifier sees as 0; None: `similarity`. A user's floor leaves it
            alone, or it would tighten twice.
        answers: from which cosine on two answers may say the same; None: `similarity`.
        calibrated: all were measured for this model, rather than assumed.
        floor: the user's own least cosine: nothing is served below it, whatever words say.
    """

    similarity: float
    score: float
    calibrated: bool = True
    scale: float | None = None
    answers: float | None = None
    floor: float = 0.0

    @property
    def zero(self) -> float:
        """Where the verifier's scale begins."""
        return self.similarity if self.scale is None else self.scale

    @property
    def same_answer(self) -> float:
        """From which cosine on two answers may say the same (`tests.quality.answers`)."""
        return self.similarity if self.answers is None else self.answers

    @property
    def of_same_words(self) -> float:
        """From where on texts in the same words are judged: half as far again from 1.

        "Tell me how to X" and "how to X" have every word of X in common, and are told apart by small
        models for the words around it. A user's own floor holds for them too.
        """
        return self._further(1.5)

    @property
    def least(self) -> float:
        """From where on anything is judged: texts of which nothing is left over may be 2.9 times as
        far from 1 ("effacer" is far from "supprimer" to a model that reads little French). A user's
        own floor holds for them too.
        """
        return self._further(_FURTHEST)

    def _further(self, times: float) -> float:
        if self.scale is not None:
            return self.similarity
        return max(self.floor, 1 - (1 - self.similarity) * times)


UNKNOWN: Final = Threshold(similarity=0.92, score=0.7, calibrated=False)
"""For models that nobody measured: few hits, few mistakes."""

THRESHOLDS: Final[dict[str, Threshold]] = {
    "all-mpnet-base-v2": Threshold(similarity=0.84, score=0.84),
    "all-MiniLM-L6-v2": Threshold(similarity=0.83, score=0.84, answers=0.80),
}
"""By the last part of the model's name."""


def threshold_of(
    model: str, floor: float | None = None, calibration: Calibration | None = None
) -> Threshold:
    """The thresholds for a model; `floor` is the user's own least cosine, which only tightens.

    Args:
        model: a name such as sentence-transformers/all-MiniLM-L6-v2, or a folder's.
        floor: None where the user left it to us.
        calibration: the user's own, in place of a line here; None where there is none.
    """
    known = THRESHOLDS.get(model.rstrip("/").rsplit("/", 1)[-1], UNKNOWN)
    if calibration is not None:
        known = Threshold(calibration.similarity, calibration.score)
    if floor is None:
        return known
    if floor <= known.similarity:
        return replace(known, floor=floor)
    return replace(known, similarity=floor, scale=known.zero, floor=floor)
