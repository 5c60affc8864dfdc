"""Train the learned verifier: `python -m tests.quality.train` writes `verify/weights.json`.

On the training half of our own pairs only. What the gates refuse is left out, since the verifier
never sees it; kinds of pairs count alike, however many there are of each.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from llmcache_sidecar.verify.features import FEATURES, features
from llmcache_sidecar.verify.gates import GATES
from llmcache_sidecar.verify.learned import Verifier
from llmcache_sidecar.verify.pair import Pair
from llmcache_sidecar.verify.reading import read

from .embedding import ROOT, Vectors
from .near_misses import Made, made

WEIGHTS = ROOT / "sidecar" / "llmcache_sidecar" / "verify" / "weights.json"
BELOW = 0.15
"""Pairs this far below the threshold are learned from too, so that other models profit."""
FLOOR = 0.82
"""What similarity is told relative to in training; fixed, so that weights do not follow thresholds."""
PENALTY = 10.0
SIMILARITY = 4.0
"""Where the weight of the similarity is drawn to. Wordings that one person makes up are further apart
than those of people who meet the same question, so that our pairs alone would trust it too little."""
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
    }
)
"""Features that speak for one answer; all others speak against it."""


def examples(
    pairs: list[Made], vectors: Vectors, floor: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str]]:
    """Features, labels and kinds of the pairs that pass the gates."""
    rows: list[NDArray[np.float64]] = []
    labels: list[float] = []
    kinds: list[str] = []
    for made_pair in pairs:
        similarity = float(vectors[made_pair.a] @ vectors[made_pair.b])
        if similarity < floor - BELOW:
            continue
        pair = Pair(read(made_pair.a), read(made_pair.b), similarity, floor)
        if any(gate(pair) for _, gate in GATES):
            continue
        rows.append(features(pair))
        labels.append(float(made_pair.same))
        kinds.append(f"{made_pair.kind}/{made_pair.lang}")
    return np.array(rows), np.array(labels), kinds


def balanced(labels: NDArray[np.float64], kinds: list[str]) -> NDArray[np.float64]:
    """Weights under which both labels count alike, and frequent kinds less than their number."""
    counts = Counter(kinds)
    weights = np.array([counts[kind] ** -0.5 for kind in kinds])
    for label in (0.0, 1.0):
        weights[labels == label] /= weights[labels == label].sum()
    found: NDArray[np.float64] = weights * len(labels) / 2
    return found


def fit(
    rows: NDArray[np.float64], labels: NDArray[np.float64], weights: NDArray[np.float64]
) -> Verifier:
    """Logistic regression with an L2 penalty, its signs held to what they must mean.

    A weight that comes out with the wrong sign says something about our frames and nothing about
    questions (that paraphrases share few small words, say): such a feature is left out.
    """
    prior = np.array([SIMILARITY if name == FEATURES[0] else 0.0 for name in FEATURES])
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
    for _ in range(40):
        chance = 1 / (1 + np.exp(-np.clip(design @ beta, -40, 40)))
        slope = design.T @ (weights * (chance - labels)) + penalty * (beta - centre)
        curve = (design * (weights * chance * (1 - chance))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        beta -= step
        if np.abs(step).max() < 1e-8:
            break
    return beta[:-1], float(beta[-1])


def main(path: Path = WEIGHTS) -> None:
    """Train, write, and say how well both halves are told apart."""
    vectors = Vectors()
    halves = {half: made(half) for half in ("train", "test")}
    for pairs in halves.values():
        vectors.learn(text for pair in pairs for text in (pair.a, pair.b))
    rows, labels, kinds = examples(halves["train"], vectors, FLOOR)
    verifier = fit(rows, labels, balanced(labels, kinds))
    path.write_text(verifier.to_json(), encoding="utf-8")
    for half, pairs in halves.items():
        rows, labels, kinds = examples(pairs, vectors, FLOOR)
        scores = rows @ verifier.weights + verifier.bias
        better = (scores[labels == 1][:, None] > scores[labels == 0][None, :]).mean()
        print(f"{half}: {len(rows)} pairs pass the gates, told apart in {better:.3f} of cases")


if __name__ == "__main__":
    main()
