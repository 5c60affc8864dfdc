"""The chain: gates in order, then the learned verifier; the first that refuses decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from .aligned import aligned, same_words
from .gates import GATES, Gate, hidden
from .grey_zone import GreyZone, opinion_of
from .learned import Verifier
from .pair import Pair
from .reading import Reading
from .thresholds import Threshold

IDENTICAL: Final = "identical"
SIMILARITY: Final = "similarity"
VERIFIER: Final = "verifier"
ALIGNED: Final = "aligned"
CROSS_ENCODER: Final = "cross-encoder"
ERROR: Final = "error"
_FEW: Final = 4


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a stored answer may be served.

    Attributes:
        accepted: it may.
        gate: which decided.
        reason: what it found; may hold words of the texts.
        score: the verifier's probability that the answer is right; 1 for identical texts, 0 where
            a gate refused before it was asked.
        grey: no gate refused it, the verifier is not sure, and a cross-encoder may turn the verdict.
    """

    accepted: bool
    gate: str
    reason: str
    score: float
    grey: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What one gate said, for an explanation."""

    gate: str
    passed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Chain:
    """Gates and verifier, with the thresholds of one embedding model.

    Attributes:
        threshold: of the model that made the vectors.
        verifier: the learned last gate; None asks the gates alone.
        gates: in order.
        grey_zone: what a cross-encoder decides; None where there is none.
    """

    threshold: Threshold
    verifier: Verifier | None = None
    gates: tuple[tuple[str, Gate], ...] = GATES
    grey_zone: GreyZone | None = None

    def judge(self, asked: Reading, stored: Reading, similarity: float) -> Judgement:
        """Judge one candidate. Never raises: what errs, refuses."""
        try:
            return self._judge(Pair(asked, stored, similarity, self.threshold.zero))
        except Exception as error:
            return Judgement(False, ERROR, type(error).__name__, 0.0)

    def _judge(self, pair: Pair) -> Judgement:
        refusal = hidden(pair)
        if refusal is not None:
            return Judgement(False, refusal.gate, refusal.reason, 0.0)
        if same_text(pair):
            return Judgement(True, IDENTICAL, "the same words", 1.0)
        near = self._near(pair)
        whole = not near and self._whole(pair)
        grey = self._grey(pair, near)
        if not near and not whole and not grey:
            return Judgement(False, SIMILARITY, self._distance(pair), 0.0)
        for _, gate in self.gates:
            refusal = gate(pair)
            if refusal is not None:
                return Judgement(False, refusal.gate, refusal.reason, 0.0)
        if self.verifier is None:
            return Judgement(True, SIMILARITY, "no gate refused", pair.similarity)
        score = self.verifier.score(pair)
        if not near and not whole:
            return Judgement(False, SIMILARITY, self._distance(pair), score, grey=True)
        accepted = score >= self.threshold.score
        if not accepted and (whole or aligned(pair)):
            # The verifier goes by the cosine above all, and here the words say more.
            return Judgement(True, ALIGNED, "the same word for word", self.threshold.score)
        reason = f"{score:.3f}, {self.threshold.score:.3f} is needed"
        return Judgement(accepted, VERIFIER, reason, score, grey and not self._sure(score))

    def compared(self, judgement: Judgement, similarity: float, logit: float) -> Judgement:
        """The judgement of a grey candidate, now that a cross-encoder has read both texts.

        Args:
            judgement: of `judge`, with the same `similarity`.
            logit: of the cross-encoder's probability.
        """
        assert self.grey_zone is not None
        opinion = opinion_of(similarity, judgement.score, self.threshold)
        score = self.grey_zone.probability(opinion, logit)
        least = self.grey_zone.doubt if judgement.accepted else self.grey_zone.threshold
        reason = f"{score:.3f}, {least:.3f} is needed"
        if score < least:
            return Judgement(False, CROSS_ENCODER, reason, judgement.score)
        if judgement.accepted:
            return replace(judgement, grey=False)
        # What is let in is no surer than the least that the verifier accepts: its probability is of
        # another scale, and a tightened level asks for more.
        return Judgement(True, CROSS_ENCODER, reason, self.threshold.score)

    def explain(self, asked: Reading, stored: Reading, similarity: float) -> tuple[Step, ...]:
        """Ask every gate, also behind the first that refuses."""
        pair = Pair(asked, stored, similarity, self.threshold.zero)
        steps = [
            _step("hidden", partial(_reason, hidden, pair)),
            _step(IDENTICAL, lambda: None if same_text(pair) else "other words"),
            _step(SIMILARITY, lambda: self._far(pair)),
        ]
        for name, gate in self.gates:
            steps.append(_step(name, partial(_reason, gate, pair)))
        if self.verifier is not None:
            steps.append(_step(VERIFIER, lambda: self._doubt(pair)))
        return tuple(steps)

    def _near(self, pair: Pair) -> bool:
        """Whether the cosine is enough for these two."""
        if pair.similarity >= self._least(pair):
            return True
        return pair.similarity >= self.threshold.of_same_words and same_words(pair)

    def _whole(self, pair: Pair) -> bool:
        """Whether they are further apart, but nothing of one is left over in the other."""
        return pair.similarity >= self.threshold.least and aligned(pair)

    def _sure(self, score: float) -> bool:
        return self.grey_zone is not None and score >= self.grey_zone.sure

    def _grey(self, pair: Pair, near: bool) -> bool:
        """Whether it is worth a comparison, should no gate refuse it. Below a user's own floor, and the
        threshold of a model that nobody measured, nothing is; nor is what no table reads, where
        gates know too little to have refused it."""
        if self.grey_zone is None or self.verifier is None:
            return False
        if pair.similarity >= self._least(pair):
            return True
        if not self.threshold.calibrated or pair.similarity < self.threshold.floor:
            return False
        if unread(pair.asked) and unread(pair.stored):
            return False
        opinion = opinion_of(pair.similarity, 0.0, self.threshold)
        return near or self.grey_zone.holds(opinion.similarity)

    def _least(self, pair: Pair) -> float:
        least = self.threshold.similarity
        if unread(pair.asked) and unread(pair.stored):
            least += (1 - least) / 2
        return least

    def _distance(self, pair: Pair) -> str:
        return f"{pair.similarity:.3f} is below {self._least(pair):.2f}"

    def _far(self, pair: Pair) -> str | None:
        return None if self._near(pair) or self._whole(pair) else self._distance(pair)

    def _doubt(self, pair: Pair) -> str | None:
        assert self.verifier is not None
        score = self.verifier.score(pair)
        return None if score >= self.threshold.score or aligned(pair) else f"{score:.3f}"


def is_close(judgement: Judgement, similarity: float, threshold: Threshold) -> bool:
    """Whether an accepted candidate would also pass thresholds two thirds of the way from these to 1.

    Measured on the test halves of the quality data: of the hits two in five stay, and of the wrong ones
    three in ten (11.0 % wrong become 5.9 % on question pairs, 5.3 % become 4.1 % on our own).
    """
    return judgement.gate == IDENTICAL or (
        similarity >= _tighter(threshold.similarity)
        and judgement.score >= _tighter(threshold.score)
    )


def _tighter(least: float) -> float:
    return least + (1 - least) * 2 / 3


def same_text(pair: Pair) -> bool:
    """Whether the texts differ in layout only; "IT" and "it", "MW" and "mW" are read otherwise."""
    asked, stored = pair.asked, pair.stored
    return asked.text == stored.text or (
        bool(asked.exact)
        and asked.exact == stored.exact
        and asked.operators == stored.operators
        and asked.signs == stored.signs
        and asked.facts == stored.facts
        and asked.empty == stored.empty
    )


def unread(reading: Reading) -> bool:
    """Whether no table reads a text: opposites and small words are not known there.

    A few words of a known language may also go unrecognised; they are no reason to be stricter.
    """
    return not reading.language and (len(reading.exact) > _FEW or not reading.text.isascii())


def _reason(gate: Gate, pair: Pair) -> str | None:
    refusal = gate(pair)
    return None if refusal is None else refusal.reason


def _step(name: str, ask: Callable[[], str | None]) -> Step:
    try:
        reason = ask()
    except Exception as error:
        return Step(name, False, f"{ERROR}: {type(error).__name__}")
    return Step(name, reason is None, reason or "")
