"""What a decider does to pairs and streams, in numbers with their intervals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .deciding import Decider
from .embedding import Vectors

NEAREST = 5
LEAST = 0.5
"""Candidates below this are never looked at, whoever decides."""


class Labelled(Protocol):
    """A pair with a known answer."""

    @property
    def a(self) -> str: ...
    @property
    def b(self) -> str: ...
    @property
    def same(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one set.

    Attributes:
        possible: hits that a perfect cache would have served.
        right, wrong: hits that were served beyond identical texts.
        exact: identical texts, which need no decision.
        refusable: pairs that had to be refused (0 for streams).
    """

    name: str
    possible: int
    right: int
    wrong: int
    exact: int = 0
    refusable: int = 0

    @property
    def recall(self) -> float:
        """Share of the possible hits that were served."""
        return (self.right + self.exact) / max(1, self.possible)

    @property
    def wrong_share(self) -> float:
        """Share of wrong answers among all hits."""
        return self.wrong / max(1, self.right + self.wrong + self.exact)

    @property
    def accepted_wrong(self) -> float:
        """Share of the pairs to refuse that were accepted."""
        return self.wrong / max(1, self.refusable)


def on_pairs(name: str, pairs: Iterable[Labelled], decider: Decider, vectors: Vectors) -> Outcome:
    """Each pair for itself: b is stored, a is asked."""
    possible = right = wrong = refusable = 0
    for pair in pairs:
        similarity = float(vectors[pair.a] @ vectors[pair.b])
        candidates = [(pair.b, similarity)] if similarity >= LEAST else []
        served = decider.decide(pair.a, candidates) is not None
        possible += pair.same
        refusable += not pair.same
        right += served and pair.same
        wrong += served and not pair.same
    return Outcome(name, possible, right, wrong, refusable=refusable)


@dataclass(frozen=True, slots=True)
class Stream:
    """Requests in order of arrival, with what may be served to what."""

    name: str
    requests: Sequence[tuple[str, str]]


def on_stream(stream: Stream, decider: Decider, vectors: Vectors) -> Outcome:
    """A cache that starts empty: what is not served is answered and stored."""
    first = vectors[stream.requests[0][0]]
    kept: NDArray[np.float32] = np.zeros((len(stream.requests), len(first)), dtype=np.float32)
    texts: list[str] = []
    intents: list[str] = []
    stored: dict[str, str] = {}
    seen: set[str] = set()
    possible = right = wrong = exact = 0
    for text, intent in stream.requests:
        possible += intent in seen
        seen.add(intent)
        if text in stored:
            exact += stored[text] == intent
            continue
        vector = vectors[text]
        served = None
        if texts:
            similarities = kept[: len(texts)] @ vector
            nearest = [
                int(at) for at in np.argsort(-similarities)[:NEAREST] if similarities[at] >= LEAST
            ]
            place = decider.decide(text, [(texts[at], float(similarities[at])) for at in nearest])
            served = None if place is None else nearest[place]
        if served is None:
            kept[len(texts)] = vector
            texts.append(text)
            intents.append(intent)
            stored[text] = intent
        elif intents[served] == intent:
            right += 1
        else:
            wrong += 1
    return Outcome(stream.name, possible, right, wrong, exact)
