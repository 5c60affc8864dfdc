"""Thresholds that learn from judged matches: for the cache as a whole, and for each entry.

The idea is vCache's (Schroeder et al., arXiv 2502.03771): what similarity is enough differs from entry
to entry, and shows in which matches were right. A candidate whose error probability is too high by all
that was seen is a miss, and the engine's answer to that miss is the next label; serving it while one is
unsure would be an error that nobody bounds. Most entries are matched once or twice, far too seldom to
learn from alone. So each entry starts from what all candidates with a like score have shown, and those
start from what the chain was measured to do.

With nothing seen, everything that the chain accepts is served: learning only takes away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_EDGES: Final = (0.88, 0.94, 0.97, 0.985)
"""Of the verifier's probabilities, so that about as many hits fall into each band."""
_CHAIN_ERROR: Final = 0.01
_CHAIN_WEIGHT: Final = 200.0
"""The chain's measured error counts like so many samples of a band."""
_BAND_WEIGHT: Final = 20.0
"""What a band has shown counts like so many matches of an entry."""
_TOLERANCE: Final = 2.0
"""Times the error budget: one entry may err more often than all together."""
_AGAIN: Final = 3
"""Whatever the budget: an entry that was wrong must have been right so many times as often. With a
budget of 3 % and more a single error would change nothing else."""
_STEP: Final = 0.02

BANDS: Final = len(_EDGES) + 1


@dataclass(frozen=True, slots=True)
class Seen:
    """Judged matches."""

    wrong: int = 0
    right: int = 0


def band_of(score: float) -> int:
    """Which candidates a candidate is judged along with, by the verifier's probability."""
    return sum(score >= edge for edge in _EDGES)


def step_of(similarity: float) -> int:
    """A similarity as a whole number of steps, for keeping."""
    return int(similarity / _STEP)


def bears_on(step: int, seen: int, *, wrong: bool) -> bool:
    """Whether a match at step `seen` says something about one at `step`: a wrong one about all that
    are no nearer, a right one about all that are no farther."""
    return seen >= step if wrong else seen <= step


def error_of(band: Seen, entry: Seen) -> float:
    """The expected error probability of a candidate, 0 to 1.

    Args:
        band: matches with a like score, of all entries.
        entry: matches of its entry that bear on its similarity.
    """
    prior = (_CHAIN_WEIGHT * _CHAIN_ERROR + band.wrong) / (_CHAIN_WEIGHT + band.wrong + band.right)
    return (_BAND_WEIGHT * prior + entry.wrong) / (_BAND_WEIGHT + entry.wrong + entry.right)


def may_serve(band: Seen, entry: Seen, allowed: float) -> bool:
    """Whether a candidate is right often enough, by all that was seen.

    Args:
        allowed: the error budget, 0 to 1.
    """
    if not band.wrong and not entry.wrong:
        return True
    if entry.right < _AGAIN * entry.wrong:
        return False
    return error_of(band, entry) <= max(_TOLERANCE * allowed, _CHAIN_ERROR)
