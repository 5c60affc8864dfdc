"""Who decides: the seam between the harness and what it measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final, Protocol

from llmcache_sidecar.verify import (
    Chain,
    GreyZone,
    Judgement,
    Reading,
    Threshold,
    Verifier,
    read,
)

from .comparisons import Comparisons
from .embedding import ROOT

VERIFY: Final = ROOT / "sidecar" / "llmcache_sidecar" / "verify"
COMPARED: Final = 2
"""Grey candidates that a cross-encoder reads for one request (`pipeline.semantic.look_up`)."""


class Decider(Protocol):
    """Takes a question and the nearest stored ones, best first, and serves one or none."""

    def decide(self, asked: str, candidates: Sequence[tuple[str, float]]) -> int | None:
        """The place of the candidate whose answer is served; None is a miss."""
        ...


@cache
def reading(text: str) -> Reading:
    """A text read once."""
    return read(text)


@dataclass(frozen=True)
class CosineAlone:
    """The nearest, if it is near enough: what most caches do."""

    threshold: float

    def decide(self, asked: str, candidates: Sequence[tuple[str, float]]) -> int | None:
        """The nearest or nothing."""
        return 0 if candidates and candidates[0][1] >= self.threshold else None


@dataclass(frozen=True)
class ByChain:
    """The chain, on each of the nearest until one is accepted; then, where it has a grey zone, what a
    cross-encoder says of the likeliest two that are grey, as the sidecar does it.

    Judgements are kept, so that a curve over thresholds of the grey zone costs no more than a point.
    """

    chain: Chain
    judgements: dict[tuple[str, str], Judgement] = field(default_factory=dict)

    def decide(self, asked: str, candidates: Sequence[tuple[str, float]]) -> int | None:
        """The first that the chain accepts, else the first grey one that the cross-encoder does."""
        left, denied = COMPARED, False
        grey: list[tuple[float, int]] = []

        def settled(place: int) -> bool:
            nonlocal left, denied
            text, similarity = candidates[place]
            judgement = self.judge(asked, text, similarity)
            if judgement.grey and left:
                logit = comparison(asked, text)
                if logit is not None:
                    left -= 1
                    judgement = self.chain.compared(judgement, similarity, logit)
                    denied |= not judgement.accepted
            elif judgement.grey and denied:
                return False
            return judgement.accepted

        for place, (text, similarity) in enumerate(candidates):
            judgement = self.judge(asked, text, similarity)
            if judgement.grey and not judgement.accepted:
                grey.append((-judgement.score, place))
            elif settled(place):
                return place
        return next((place for _, place in sorted(grey) if settled(place)), None)

    def judge(self, asked: str, text: str, similarity: float) -> Judgement:
        """What the chain says of a pair."""
        known = self.judgements.get((asked, text))
        if known is None:
            known = self.chain.judge(reading(asked), reading(text), similarity)
            self.judgements[asked, text] = known
        return known

    def at(self, score: float) -> ByChain:
        """The same with another threshold for the verifier's score; nothing is kept, since what a word
        for word match is worth depends on it."""
        threshold = replace(self.chain.threshold, score=score)
        return ByChain(replace(self.chain, threshold=threshold))

    def served_from(self, probability: float) -> ByChain:
        """The same with another threshold for the grey zone."""
        zone = self.chain.grey_zone
        assert zone is not None
        return ByChain(
            replace(self.chain, grey_zone=replace(zone, threshold=probability)), self.judgements
        )


def gates_only(threshold: Threshold) -> ByChain:
    """The gates without the learned verifier."""
    return ByChain(Chain(replace(threshold, score=0.0001)))


def full_chain(threshold: Threshold) -> ByChain:
    """Gates and verifier."""
    return ByChain(Chain(threshold, Verifier.from_json(_of_package("weights.json"))))


def with_cross_encoder(threshold: Threshold) -> ByChain:
    """Gates, verifier and cross-encoder: what the sidecar does by default."""
    zone = GreyZone.from_json(_of_package("grey_zone.json"))
    return ByChain(replace(full_chain(threshold).chain, grey_zone=zone))


def comparison(one: str, other: str) -> float | None:
    """The bundled cross-encoder's logit, kept between runs; None where it can't tell."""
    return _comparisons().of(one, other)


@cache
def _comparisons() -> Comparisons:
    return Comparisons()


def _of_package(name: str) -> str:
    return (VERIFY / name).read_text(encoding="utf-8")
