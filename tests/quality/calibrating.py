"""`python -m tests.quality.calibrating [--check]`: the pairs that `llmcache calibrate` comes with.

Pairs that the verifier was not trained on: the halves of our own that are for testing, and of each held
group of `cross_encoder` three same and six different pairs.
"""

from __future__ import annotations

import random
import sys
from importlib.resources import files

from llmcache_sidecar.tools import calibrating

from .cross_encoder.examples import held_groups, pairs_of
from .embedding import ROOT
from .near_misses import made

PATH = ROOT / "sidecar" / "llmcache_sidecar" / "tools" / "calibrating" / "pairs.tsv"
SAME, DIFFERENT = 3, 6
"""Pairs of a group."""


def lines() -> list[str]:
    """The file's."""
    draw = random.Random(8)
    found = [(pair.same, pair.a, pair.b) for pair in made("test")]
    for group in held_groups():
        pairs = [(pair.same, pair.a, pair.b) for pair in pairs_of(group)]
        same = [pair for pair in pairs if pair[0]]
        different = [pair for pair in pairs if not pair[0]]
        found += draw.sample(same, min(SAME, len(same)))
        found += draw.sample(different, min(DIFFERENT, len(different)))
    return [f"{'same' if same else 'different'}\t{a}\t{b}" for same, a, b in found]


def main() -> int:
    """Write, or say whether what is written is what would be."""
    text = "\n".join(lines()) + "\n"
    if "--check" not in sys.argv[1:]:
        PATH.write_text(text, encoding="utf-8")
        return 0
    if files(calibrating).joinpath("pairs.tsv").read_text(encoding="utf-8") == text:
        return 0
    print(f"{PATH} is of other sources: run python -m tests.quality.calibrating", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
