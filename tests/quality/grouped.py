"""Questions that people wrote in groups, a file an author (`groups/*.tsv`): a question, the same in
other words, and questions that only seem the same.

Ten authors wrote them for this project, each without seeing the code, the data or one another's
groups. Of five, odd groups are for training and even ones for testing; five are kept for testing alone.
The cross-encoder's own authors are in `cross_encoder/groups`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Final

GROUPS: Final = Path(__file__).with_name("groups")
KEPT: Final = frozenset({"pe", "pf", "qg", "rh", "sg"})
"""Authors of whom nothing was read or learned from."""


@dataclass(slots=True)
class Group:
    """One question's lines: all of `same` may get one answer, none of `different` may get it."""

    author: str
    number: int
    lang: str
    same: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)

    @property
    def half(self) -> str:
        """Which half the whole group belongs to."""
        return "train" if self.number % 2 and self.author not in KEPT else "test"

    @property
    def lines(self) -> tuple[str, ...]:
        """All that the author wrote."""
        return (*self.same, *self.different)


@dataclass(frozen=True, slots=True)
class Grouped:
    """Two texts of one group, and whether one answer fits both."""

    a: str
    b: str
    same: bool
    author: str
    number: int
    lang: str


def groups(half: str) -> list[Group]:
    """All authors' groups of one half.

    Two authors asked the same now and then: what shares a line with a group for testing is in neither
    half, and a kept author's group that shares one with anybody's is left out.
    """
    found = every()
    known = {line for group in found if group.author not in KEPT for line in group.lines}
    found = [one for one in found if one.author not in KEPT or known.isdisjoint(one.lines)]
    tested = {line for group in found if group.half == "test" for line in group.lines}
    return [
        group
        for group in found
        if group.half == half and (half == "test" or tested.isdisjoint(group.lines))
    ]


def every(folder: Path = GROUPS) -> list[Group]:
    """All groups of all authors in a folder."""
    found: dict[tuple[str, int], Group] = {}
    for path in sorted(folder.glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            number, lang, role, text = line.split("\t")
            key = path.stem, int(number)
            group = found.setdefault(key, Group(*key, lang))
            (group.different if role == "D" else group.same).append(text)
    return list(found.values())


def pairs(half: str) -> Iterator[Grouped]:
    """Every two of the same, and each of them with each that differs. What differs is not compared
    with itself: nobody said whether that is the same."""
    for group in groups(half):
        of = group.author, group.number, group.lang
        for a, b in combinations(group.same, 2):
            yield Grouped(a, b, True, *of)
        for a in group.same:
            for b in group.different:
                yield Grouped(a, b, False, *of)
