"""Fit what decides about the grey zone: `python -m tests.quality.cross_encoder.fuse`.

A logistic regression over the relative cosine, its square, the verifier's logit and the
cross-encoder's, on the groups that the cross-encoder was not trained on, where all gates pass. The
thresholds stay as they are in the file: `python -m tests.quality --calibrate-grey` shows what they
bring.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from llmcache_sidecar.verify import Chain, GreyZone, threshold_of
from llmcache_sidecar.verify.grey_zone import opinion_of

from ..deciding import VERIFY, comparison, full_chain, reading
from ..embedding import MODEL, Vectors
from .examples import held

PATH = VERIFY / "grey_zone.json"
PENALTY = 1e-3
EVERYTHING = GreyZone(-10.0, 1.0, 1.1, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)


def rows(chain: Chain) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What is known of each grey pair, and whether it is the same."""
    pairs = held()
    vectors = Vectors()
    vectors.learn(text for pair in pairs for text in (pair.a, pair.b))
    found, same = [], []
    for pair in pairs:
        similarity = float(vectors[pair.a] @ vectors[pair.b])
        judgement = chain.judge(reading(pair.a), reading(pair.b), similarity)
        if not judgement.grey:
            continue
        logit = comparison(pair.a, pair.b)
        if logit is not None:
            found.append(
                EVERYTHING.features(opinion_of(similarity, judgement.score, chain.threshold), logit)
            )
            same.append(float(pair.same))
    return np.array(found), np.array(same)


def fit(design: NDArray[np.float64], same: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights, the bias last. Both labels count alike; a little is drawn to nothing."""
    design = np.hstack([design, np.ones((len(design), 1))])
    weights = np.where(same == 1, 0.5 / same.sum(), 0.5 / (1 - same).sum())
    beta = np.zeros(design.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-design @ beta))
        slope = design.T @ (weights * (chance - same)) + PENALTY * beta
        curve = (design * (weights * chance * (1 - chance))[:, None]).T @ design
        step = np.linalg.solve(curve + PENALTY * np.eye(len(beta)), slope)
        beta -= step
        if np.abs(step).max() < 1e-9:
            break
    return beta


def main() -> None:
    """Fit and write."""
    chain = replace(full_chain(threshold_of(MODEL.name)).chain, grey_zone=EVERYTHING)
    design, same = rows(chain)
    *weights, bias = fit(design, same)
    before = GreyZone.from_json(PATH.read_text(encoding="utf-8"))
    names = ("similarity", "similarity_squared", "score", "compared")
    zone = replace(before, bias=bias, **dict(zip(names, weights, strict=True)))
    PATH.write_text(zone.to_json(), encoding="utf-8")
    print(f"{len(same)} grey pairs, {int(same.sum())} the same\n{zone.to_json()}")


if __name__ == "__main__":
    main()
