"""`python -m tests.quality`: tables of what is served, rightly and wrongly, and the picture of it.

`--calibrate` shows which thresholds the tuning halves choose; write them into
`verify/thresholds.py`. `--calibrate-grey` does so for the cross-encoder and `verify/grey_zone.json`.
`--kinds` tells our own pairs apart by what was done to them.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

from llmcache_sidecar.quality.shares import interval
from llmcache_sidecar.verify import Chain, Threshold, threshold_of

from . import data, grouped
from .cross_encoder.examples import held
from .deciding import (
    ByChain,
    CosineAlone,
    Decider,
    full_chain,
    gates_only,
    with_cross_encoder,
)
from .embedding import MODEL, ROOT, Vectors
from .languages import ELSEWHERE, NEAR, ROWS, accepted
from .measuring import Labelled, Outcome, Stream, on_pairs, on_stream
from .near_misses import Made, made, stream
from .picture import draw
from .reordered import reordered

PICTURE = ROOT / "docs" / "images" / "trust.png"
MOST_WRONG = 0.01
MOST_ACCEPTED = 0.025
"""Of different question pairs; 1.5 to 2 in a hundred of them are labelled wrongly."""
FLOORS = (0.76, 0.78, 0.80, 0.82, 0.84, 0.86)
SCORES = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.84, 0.88)
PROBABILITIES = (0.7, 0.8, 0.85, 0.9, 0.92, 0.94, 0.96, 0.98, 1.0)
"""Of the grey zone."""
LEASTS = (-1.4, -0.8)
"""Relative cosines from which on a cross-encoder is asked."""
SURE = (0.95, 0.98, 1.0)
"""Probabilities of the verifier from which on it is not asked."""
DOUBTS = (0.2, 0.4, 0.6)
"""Probabilities below which what the verifier accepts is refused."""
COSINES = (0.80, 0.85, 0.88, 0.90, 0.92, 0.94, 0.96, 0.98)

Measure = Callable[[Decider], Outcome]


class Sets:
    """Everything that is measured, in halves: one to tune on, one to report."""

    def __init__(self, half: str) -> None:
        self.vectors = Vectors()
        self.whole: list[Stream] = []
        self.made = made(half)
        self.pairs: dict[str, Sequence[Labelled]] = {"own pairs": self.made}
        self.authors: dict[str, list[grouped.Grouped]] = {}
        for pair in grouped.pairs(half):
            self.authors.setdefault(f"author {pair.author}", []).append(pair)
        self.streams = [Stream("own stream", list(stream(half)))]
        folder = data.folder()
        if folder is not None:
            found = [pair for pair in data.pairs(folder) if pair.split == half]
            self.pairs["question pairs"] = found
            if half == "test":
                self.pairs["reordered"] = reordered((pair.a for pair in found), half)
            arrivals = [(arrival.prompt, arrival.intent) for arrival in data.workload(folder)]
            middle = len(arrivals) // 2
            part = arrivals[:middle] if half == "train" else arrivals[middle:]
            self.streams.append(Stream("FAQ and pairs", part))
            faq = [arrival for arrival in arrivals if not arrival[1].startswith(data.PAIRS)]
            middle = len(faq) // 2
            part = faq[:middle] if half == "train" else faq[middle:]
            self.streams.append(Stream("FAQ alone", part))
            if half == "test":
                self.whole = [
                    Stream("both, whole", arrivals),
                    Stream("FAQ, whole", faq),
                ]
        for pairs in (*self.pairs.values(), *self.authors.values()):
            self.vectors.learn(text for pair in pairs for text in (pair.a, pair.b))
        for requests in self.streams + self.whole:
            self.vectors.learn(text for text, _ in requests.requests)

    def measures(self) -> list[Measure]:
        """One function a set, pairs first."""
        return self.pair_measures(self.pairs) + self.stream_measures(self.streams)

    def pair_measures(self, sets: Mapping[str, Sequence[Labelled]]) -> list[Measure]:
        """One function a set of pairs."""
        return [
            lambda decider, name=name, pairs=pairs: on_pairs(  # type: ignore[misc]
                name, pairs, decider, self.vectors
            )
            for name, pairs in sets.items()
        ]

    def stream_measures(self, streams: Sequence[Stream]) -> list[Measure]:
        """One function a stream."""
        return [
            lambda decider, requests=requests: on_stream(  # type: ignore[misc]
                requests, decider, self.vectors
            )
            for requests in streams
        ]


def line(who: str, outcome: Outcome) -> str:
    """One row of the table."""
    if not outcome.possible:
        low, high = interval(outcome.wrong, outcome.refusable)
        told = f"{outcome.accepted_wrong:6.2%} ({low:.1%} to {high:.1%})"
        return f"{outcome.name:<15} {who:<22}{'':48}{told}"
    served = outcome.right + outcome.wrong + outcome.exact
    low, high = interval(outcome.right + outcome.exact, outcome.possible)
    wrong_low, wrong_high = interval(outcome.wrong, served)
    told = (
        f"{outcome.name:<15} {who:<22} {outcome.recall:6.1%} ({low:5.1%} to {high:5.1%})   "
        f"{outcome.wrong_share:6.2%} ({wrong_low:5.2%} to {wrong_high:6.2%})"
    )
    if outcome.refusable:
        told += f"   {outcome.accepted_wrong:6.2%}"
    return told


def deciders(threshold: Threshold) -> list[tuple[str, Decider]]:
    """Who is compared."""
    return [
        ("cosine .85", CosineAlone(0.85)),
        ("cosine .90", CosineAlone(0.90)),
        ("cosine .92", CosineAlone(0.92)),
        ("gates", gates_only(threshold)),
        ("gates and verifier", full_chain(threshold)),
        ("and cross-encoder", with_cross_encoder(threshold)),
    ]


def report(sets: Sets, threshold: Threshold) -> None:
    """The table, and the curves of the streams."""
    print(f"{'':38} hits of the possible         wrong of all hits          different accepted")
    measures = sets.measures() + sets.stream_measures(sets.whole)
    for measure in measures + sets.pair_measures(sets.authors):
        for who, decider in deciders(threshold):
            print(line(who, measure(decider)))
        print()


def by_language(threshold: Threshold) -> None:
    """What the gates know in each language, at one cosine for all."""
    print(f"{'':15} at a cosine of {NEAR:.2f}: other wordings served, near misses served")
    chain = full_chain(threshold).chain
    for lang, rows in {**ROWS, "without tables": ELSEWHERE}.items():
        missed, wrong = accepted(chain, rows)
        print(
            f"{lang:<15} {len(rows) - len(missed):3} of {len(rows):3}   {len(wrong):3} of {len(rows):3}"
        )
    print()


def picture(sets: Sets, threshold: Threshold, path: Path) -> None:
    """Curves over the thresholds, a panel a stream."""
    full = full_chain(threshold)
    whole = with_cross_encoder(threshold)
    panels = {}
    for measure in sets.measures():
        curves = {
            "cosine alone": [measure(CosineAlone(cosine)) for cosine in COSINES],
            "gates": [
                measure(gates_only(Threshold(floor, 0.0))) for floor in (*FLOORS, 0.93, 0.96)
            ],
            "gates and verifier": [measure(full.at(score)) for score in SCORES],
            "and cross-encoder": [measure(whole.served_from(one)) for one in PROBABILITIES],
        }
        outcome = measure(whole)
        if outcome.possible:  # where all must be refused there is no curve
            panels[outcome.name] = (curves, outcome)
    draw(panels, path)


def calibrate(sets: Sets) -> Threshold:
    """The thresholds that serve most on the tuning streams with one wrong hit in a hundred."""
    best, most = Threshold(1.0, 1.0), -1.0
    base = full_chain(Threshold(0.0, 0.0))
    for floor in FLOORS:
        chain = ByChain(Chain(Threshold(floor, 0.5), base.chain.verifier))
        for score in SCORES:
            at = chain.at(score)
            outcomes = [measure(at) for measure in sets.stream_measures(sets.streams)]
            wrong = max(outcome.wrong_share for outcome in outcomes)
            recall = sum(outcome.recall for outcome in outcomes) / len(outcomes)
            accepted = max(
                (
                    on_pairs(name, pairs, at, sets.vectors).accepted_wrong
                    for name, pairs in sets.pairs.items()
                ),
                default=0.0,
            )
            mark = ""
            if wrong <= MOST_WRONG and accepted <= MOST_ACCEPTED and recall > most:
                best, most, mark = Threshold(floor, score), recall, "  <- best so far"
            print(
                f"cosine {floor:.2f} score {score:.2f}: {recall:6.1%} {wrong:6.2%} {accepted:6.2%}{mark}"
            )
    return best


def calibrate_grey(sets: Sets, threshold: Threshold) -> None:
    """What each threshold of the grey zone brings, on what the cross-encoder was not trained on."""
    pairs: dict[str, Sequence[Labelled]] = {"held groups": held()}
    if "question pairs" in sets.pairs:
        pairs["question pairs"] = sets.pairs["question pairs"]
    sets.vectors.learn(text for one in pairs.values() for pair in one for text in (pair.a, pair.b))
    streams = [stream for stream in sets.streams if stream.name.startswith("FAQ")]
    print("hits and different ones accepted of pairs, hits and wrong ones of streams")
    for least, sure, doubt in product(LEASTS, SURE, DOUBTS):
        zone = with_cross_encoder(threshold).chain.grey_zone
        assert zone is not None
        zone = replace(zone, least=least, sure=sure, doubt=doubt)
        whole = ByChain(replace(full_chain(threshold).chain, grey_zone=zone))
        for probability in PROBABILITIES:
            decider = whole.served_from(probability)
            told = [
                f"{outcome.recall:6.1%} {outcome.accepted_wrong:6.2%}"
                for outcome in (
                    on_pairs(name, one, decider, sets.vectors) for name, one in pairs.items()
                )
            ] + [
                f"{outcome.recall:6.1%} {outcome.wrong_share:6.2%}"
                for outcome in (measure(decider) for measure in sets.stream_measures(streams))
            ]
            print(
                f"least {least:5.2f} sure {sure:.2f} doubt {doubt:.2f} probability "
                f"{probability:.2f}:  {'   '.join(told)}"
            )


def kinds(sets: Sets, threshold: Threshold) -> None:
    """Our own pairs by what was done to them."""
    groups: dict[str, list[Made]] = {}
    for pair in sets.made:
        groups.setdefault(f"{'same' if pair.same else 'other'}: {pair.kind}", []).append(pair)
        groups.setdefault(f"{'same' if pair.same else 'other'} in {pair.lang}", []).append(pair)
    chain = with_cross_encoder(threshold)
    for name, pairs in sorted(groups.items()):
        outcome = on_pairs(name, pairs, chain, sets.vectors)
        print(f"{name:<32} {outcome.right + outcome.wrong:5} of {len(pairs):5} accepted")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.quality", description=__doc__)
    parser.add_argument("--calibrate", action="store_true")
    parser.add_argument("--calibrate-grey", action="store_true")
    parser.add_argument("--kinds", action="store_true")
    parser.add_argument("--picture", type=Path, default=PICTURE)
    options = parser.parse_args()
    threshold = threshold_of(MODEL.name)
    if options.calibrate:
        print(calibrate(Sets("train")))
        return
    if options.calibrate_grey:
        calibrate_grey(Sets("train"), threshold)
        return
    sets = Sets("test")
    if data.folder() is None:
        print("Our own pairs only: LLMCACHE_QUALITY_DATA names no folder with labelled data.\n")
    report(sets, threshold)
    by_language(threshold)
    if options.kinds:
        kinds(sets, threshold)
    picture(sets, threshold, options.picture)
    print(f"The curves are in {options.picture}")


if __name__ == "__main__":
    main()
