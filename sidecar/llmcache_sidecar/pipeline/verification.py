"""The chain of gates for the embedding model in use, with what was read of texts kept for a while."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from ..domain.vectors import EmbeddingModel
from ..verify.chain import Chain, Judgement, Step
from ..verify.learned import Verifier
from ..verify.reading import Reading, read
from ..verify.thresholds import Threshold, threshold_of

_READINGS: Final = 512
_LONGEST: Final = 2_000
"""Characters; the readings of longer texts are not kept."""


class Verification:
    """Judges candidates.

    Args:
        learned: the last gate; None asks the others alone.
    """

    def __init__(self, learned: Verifier | None = None) -> None:
        self._learned = learned
        self._read = lru_cache(_READINGS)(read)
        self._chain: Chain | None = None
        self._made_for: tuple[str, float | None] = ("", None)

    def threshold(self, model: EmbeddingModel, floor: float | None) -> Threshold:
        """What holds for `model`; `floor` is the user's own least cosine."""
        return self._chain_for(model, floor).threshold

    def judge(
        self,
        asked: str,
        stored: str,
        similarity: float,
        model: EmbeddingModel,
        floor: float | None,
    ) -> Judgement:
        """Whether the answer to `stored` may be served to `asked`. Never raises."""
        chain = self._chain_for(model, floor)
        try:
            return chain.judge(self._reading(asked), self._reading(stored), similarity)
        except Exception as error:
            return Judgement(False, "error", type(error).__name__, 0.0)

    def explain(
        self,
        asked: str,
        stored: str,
        similarity: float,
        model: EmbeddingModel,
        floor: float | None,
    ) -> tuple[Step, ...]:
        """What every gate says."""
        chain = self._chain_for(model, floor)
        return chain.explain(self._reading(asked), self._reading(stored), similarity)

    def _reading(self, text: str) -> Reading:
        return self._read(text) if len(text) <= _LONGEST else read(text)

    def _chain_for(self, model: EmbeddingModel, floor: float | None) -> Chain:
        if self._chain is None or self._made_for != (model.identity, floor):
            self._chain = Chain(threshold_of(model.name, floor), self._learned)
            self._made_for = (model.identity, floor)
        return self._chain
