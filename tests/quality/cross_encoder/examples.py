"""What the cross-encoder learns from, and what is held back from it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Final

from .. import grouped
from ..near_misses import made

GROUPS: Final = Path(__file__).with_name("groups")
BY_HAND: Final = Path(__file__).parents[1]
HELD: Final = 6
"""Every sixth group is learned from by nobody but `fuse`."""
DIFFERENT: Final = 10
"""Different pairs of a group in an epoch, drawn anew each time; it has 20, and 10 that are the same."""
OF_A_GROUP: Final = 0.8
"""What a group's pair counts for; one of ours, or one by hand, counts 1."""


@dataclass(frozen=True, slots=True)
class Example:
    """Two texts, whether one answer fits both, and what that counts for."""

    a: str
    b: str
    same: bool
    weight: float = 1.0


def _groups() -> list[grouped.Group]:
    """Without those that share a line with a group for testing."""
    tested = {line for group in grouped.every() if group.half == "test" for line in group.lines} | {
        text for pair in made("test") for text in (pair.a, pair.b)
    }
    return [group for group in grouped.every(GROUPS) if tested.isdisjoint(group.lines)]


def held_groups() -> list[grouped.Group]:
    """The groups that are held back."""
    return [group for group in _groups() if group.number % HELD == 0]


def held() -> list[Example]:
    """All pairs of the groups that are held back."""
    return [example for group in held_groups() for example in pairs_of(group)]


class Training:
    """Examples of one epoch after the other."""

    def __init__(self, seed: int, different: int = DIFFERENT) -> None:
        self._different = different
        self._draw = random.Random(seed)
        self._groups = [group for group in _groups() if group.number % HELD]
        self._fixed = [
            *(Example(pair.a, pair.b, pair.same) for pair in made("train")),
            *(Example(pair.a, pair.b, pair.same) for pair in grouped.pairs("train")),
            *_by_hand("paraphrases_by_hand.txt", same=True),
            *_by_hand("near_misses_by_hand.txt", same=False),
            *_by_hand("near_misses_of_any_cosine_by_hand.txt", same=False),
        ]

    def epoch(self) -> list[Example]:
        """All that is fixed and all that is the same; of the different pairs of a group, some."""
        drawn = (
            pair for group in self._groups for pair in pairs_of(group, self._draw, self._different)
        )
        return [*self._fixed, *drawn]


def _by_hand(name: str, *, same: bool) -> Iterator[Example]:
    for line in (BY_HAND / name).read_text(encoding="utf-8").splitlines():
        a, b = line.split("|")
        yield Example(a, b, same)


def pairs_of(
    group: grouped.Group, draw: random.Random | None = None, most: int = 0
) -> Iterator[Example]:
    """All of a group, or, of what is different, as many as are drawn."""
    different = [(a, b) for a in group.same for b in group.different]
    if draw is not None:
        different = draw.sample(different, min(most, len(different)))
    for a, b in combinations(group.same, 2):
        yield Example(a, b, True, OF_A_GROUP)
    for a, b in different:
        yield Example(a, b, False, OF_A_GROUP)
