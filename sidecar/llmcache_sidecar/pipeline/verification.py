"""The chain of gates for the embedding model in use, with what was read of texts kept for a while."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from ..domain.vectors import EmbeddingModel
from ..verify.chain import ERROR, Chain, Judgement
from ..verify.learned import Verifier
from ..verify.reading import Reading, read
from ..verify.thresholds import threshold_of

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

    def chain(self, model: EmbeddingModel, floor: float | None) -> Chain:
        """The chain for `model`; `floor` is the user's own least cosine."""
        if self._chain is None or self._made_for != (model.identity, floor):
            self._chain = Chain(threshold_of(model.name, floor), self._learned)
            self._made_for = (model.identity, floor)
        return self._chain

    def judge(self, chain: Chain, asked: str, stored: str, similarity: float) -> Judgement:
        """Whether the answer to `stored` may be served to `asked`. Never raises."""
        try:
            return chain.judge(self._reading(asked), self._reading(stored), similarity)
        except Exception as error:
            return Judgement(False, ERROR, type(error).__name__, 0.0)

    def _reading(self, text: str) -> Reading:
        return self._read(text) if len(text) <= _LONGEST else read(text)
