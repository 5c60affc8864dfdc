"""Comparing answers with everything that may tell: equality, meaning, a judge."""

from __future__ import annotations

from typing import Final

import numpy as np

from llmcache_api import AnswerJudge

from ...apis.saying import Said
from ...domain.vectors import Vector
from ...ports.embedder import Embedder, EmbeddingError, TextTooLong
from ...quality import llm_judge
from ...quality.comparing import OpenTexts, by_meaning, compare
from ...quality.verdicts import Agreement
from ...verify.thresholds import threshold_of
from .fresh_answers import FreshAnswers
from .trials import Trial

_PIECE: Final = 400
"""Characters of a piece of a text that is too long for the model's window."""
_PIECES: Final = 24


class AnswerComparison:
    """Tells whether two answers agree."""

    def __init__(self, embedder: Embedder, fresh: FreshAnswers) -> None:
        self._embedder = embedder
        self._fresh = fresh

    async def agree(self, trial: Trial, one: Said, other: Said) -> Agreement:
        """Compare two answers. May raise `fresh_answers.Abandoned` where a judge is asked."""
        found = compare(one, other)
        if not isinstance(found, OpenTexts):
            return found
        judge = trial.settings.quality.judge
        if judge is AnswerJudge.EXACT:
            return False
        unsure = False
        for text, against in found.pairs:
            verdict = await self._by_meaning(text, against)
            if verdict is None and judge is AnswerJudge.LLM:
                verdict = await self._by_model(trial, text, against)
            if verdict is False:
                return False
            unsure = unsure or verdict is None
        return None if unsure else True

    async def _by_meaning(self, one: str, other: str) -> Agreement:
        model = self._embedder.model
        if model is None:
            return None
        vectors = [await self._vector(text) for text in (one, other)]
        if vectors[0] is None or vectors[1] is None:
            return None
        similarity = float(vectors[0] @ vectors[1])
        return by_meaning(
            one, other, similarity, threshold_of(model.name, None, model.calibration).same_answer
        )

    async def _vector(self, text: str) -> Vector | None:
        """Of a text of any length: of its pieces, where it is too long for the window."""
        try:
            return (await self._embedder.embed_many([text]))[0]
        except TextTooLong:
            pass
        except EmbeddingError:
            return None
        pieces = _pieces(text)
        if pieces is None:
            return None
        try:
            vectors = await self._embedder.embed_many(pieces)
        except EmbeddingError:
            return None
        mean = np.mean(np.stack(vectors), axis=0)
        length = float(np.linalg.norm(mean))
        return (mean / length).astype(np.float32) if length > 0 else None

    async def _by_model(self, trial: Trial, one: str, other: str) -> Agreement:
        asked = llm_judge.questions(one, other)
        replies: list[str | None] = []
        for question in asked:
            replies.append(await self._fresh.to_chat(trial, llm_judge.messages(question)))
            if llm_judge.read_reply(replies[-1]) is None:
                return None
        return llm_judge.conclude(asked, replies)


def _pieces(text: str) -> list[str] | None:
    """None where they would be too many."""
    pieces: list[str] = []
    while text:
        if len(pieces) == _PIECES:
            return None
        end = min(_PIECE, len(text))
        if end < len(text):
            end = max(text.rfind(mark, 1, end) for mark in (". ", "\n", " ")) + 1 or end
        pieces.append(text[:end])
        text = text[end:].lstrip()
    return pieces
