"""Train the learned verifier: `python -m tests.quality.train` writes `verify/weights.json`.

On the training halves of our own pairs and of the authors' groups only. What the gates refuse is left
out, since the verifier never sees it; kinds of pairs count alike, however many there are of each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from llmcache_sidecar.verify.features import FEATURES, features
from llmcache_sidecar.verify.gates import GATES
from llmcache_sidecar.verify.learned import Verifier
from llmcache_sidecar.verify.pair import Pair
from llmcache_sidecar.verify.reading import read

from . import grouped
from .embedding import ROOT, Vectors
from .measuring import Labelled
from .near_misses import HALVES, made

WEIGHTS = ROOT / "sidecar" / "llmcache_sidecar" / "verify" / "weights.json"
LEAST = 0.5
"""Pairs down to this cosine are learned from, far below the threshold: there are more of them, other
models profit, and the weights of what differs are not of the nearest pairs alone."""
FLOOR = 0.82
"""What similarity is told relative to in training; fixed, so that weights do not follow thresholds."""
GROUPED = 0.3
"""What the authors' groups count for; the rest is our own pairs'. From .5 on the narrowed questions
of our own stream pass, which people write seldom and a cache meets often."""
PENALTY = 10.0
DRAWN = {"relative similarity": 4.0, "nothing in common": -2.0}
"""Where weights are drawn to. Wordings that one person makes up are further apart than those of people
who meet the same question, so that our pairs alone would trust the similarity too little. And the
texts without a word in common that the bundled model finds near are mostly the same; other models
find more of them."""
CLOSER = frozenset(
    {
        "relative similarity",
        "relative similarity, squared",
        "very similar",
        "trigrams",
        "frame",
        "slips",
        "length",
        "nothing left over",
        "similarity, one word inserted",
        "similarity, words on each side",
        "small words apart",
    }
)
"""Features that speak for one answer; all others speak against it."""


@dataclass(frozen=True)
class Examples:
    """Features, labels and weights of the pairs that pass the gates."""

    rows: NDArray[np.float64]
    labels: NDArray[np.float64]
    weights: NDArray[np.float64]


def examples(
    pairs: Sequence[Labelled], kinds: Sequence[str], vectors: Vectors, share: float
) -> Examples:
    """What of some pairs the verifier would see, both labels alike and `share` of all the weight."""
    rows: list[NDArray[np.float64]] = []
    labels: list[float] = []
    passed: list[str] = []
    for labelled, kind in zip(pairs, kinds, strict=True):
        similarity = float(vectors[labelled.a] @ vectors[labelled.b])
        if similarity < LEAST:
            continue
        pair = Pair(read(labelled.a), read(labelled.b), similarity, FLOOR)
        if any(gate(pair) for _, gate in GATES):
            continue
        rows.append(features(pair))
        labels.append(float(labelled.same))
        passed.append(kind)
    found = np.array(labels)
    return Examples(np.array(rows), found, share * balanced(found, passed))


def balanced(labels: NDArray[np.float64], kinds: list[str]) -> NDArray[np.float64]:
    """Weights under which both labels count alike, and frequent kinds less than their number."""
    counts = Counter(kinds)
    weights = np.array([counts[kind] ** -0.5 for kind in kinds])
    for label in (0.0, 1.0):
        weights[labels == label] /= 2 * weights[labels == label].sum()
    return weights


def of_half(half: str, vectors: Vectors) -> tuple[Examples, Examples]:
    """Our own pairs, and the authors', who have no kinds: their lines are as they came."""
    own, theirs = made(half), list(grouped.pairs(half))
    labelled: list[Labelled] = [*own, *theirs]
    vectors.learn(text for pair in labelled for text in (pair.a, pair.b))
    return (
        examples(own, [f"{pair.kind}/{pair.lang}" for pair in own], vectors, 1 - GROUPED),
        examples(theirs, ["grouped"] * len(theirs), vectors, GROUPED),
    )


def fit(parts: Sequence[Examples]) -> Verifier:
    """Logistic regression with an L2 penalty, its signs held to what they must mean.

    A weight that comes out with the wrong sign says something about our frames and nothing about
    questions (that paraphrases share few small words, say): such a feature is left out.
    """
    rows = np.vstack([part.rows for part in parts])
    labels = np.concatenate([part.labels for part in parts])
    weights = np.concatenate([part.weights for part in parts]) * len(labels)
    prior = np.array([DRAWN.get(name, 0.0) for name in FEATURES])
    signs = np.array([1.0 if name in CLOSER else -1.0 for name in FEATURES])
    used = np.ones(len(FEATURES), dtype=bool)
    while True:
        beta, bias = _newton(rows[:, used], labels, weights, prior[used])
        wrong = beta * signs[used] < 0
        if not wrong.any():
            break
        used[np.flatnonzero(used)[np.argmin(beta * signs[used])]] = False
    found = np.zeros(len(FEATURES))
    found[used] = beta
    return Verifier(found, bias)


def _newton(
    rows: NDArray[np.float64],
    labels: NDArray[np.float64],
    weights: NDArray[np.float64],
    prior: NDArray[np.float64],
) -> tuple[NDArray[np.float64], float]:
    design = np.hstack([rows, np.ones((len(rows), 1))])
    penalty = np.full(design.shape[1], PENALTY)
    penalty[-1] = 0.01
    centre = np.append(prior, 0.0)
    beta = centre.copy()

    def loss(at: NDArray[np.float64]) -> float:
        told = np.logaddexp(0.0, design @ at) - labels * (design @ at)
        return float(weights @ told + penalty @ (at - centre) ** 2 / 2)

    for _ in range(60):
        chance = 1 / (1 + np.exp(-np.clip(design @ beta, -40, 40)))
        slope = design.T @ (weights * (chance - labels)) + penalty * (beta - centre)
        curve = (design * (weights * chance * (1 - chance))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        while loss(beta - step) > loss(beta) and np.abs(step).max() > 1e-8:
            step /= 2
        beta -= step
        if np.abs(step).max() < 1e-8:
            break
    return beta[:-1], float(beta[-1])


def main(path: Path = WEIGHTS) -> None:
    """Train, write, and say how well both halves are told apart."""
    vectors = Vectors()
    halves = {half: of_half(half, vectors) for half in HALVES}
    verifier = fit(halves["train"])
    path.write_text(verifier.to_json(), encoding="utf-8")
    for half, parts in halves.items():
        for whose, part in zip(("own pairs", "groups"), parts, strict=True):
            scores = part.rows @ verifier.weights + verifier.bias
            better = (scores[part.labels == 1][:, None] > scores[part.labels == 0]).mean()
            print(
                f"{half}, {whose}: {len(part.rows)} pairs pass the gates, "
                f"told apart in {better:.3f} of cases"
            )


if __name__ == "__main__":
    main()
