"""Dates among the words of a text: a day, its month and year, in whatever order they are written."""

from __future__ import annotations

from typing import Final, NamedTuple

from .lexicon import listed
from .reading import Word

_MONTH: Final = "month "
_WEEKDAY: Final = "weekday "
_LAST_DAY: Final = 31
_YEAR: Final = 4
"""Digits."""
_JOINING: Final = frozenset([*listed("the of de del di do da du van le el il der den am on"), ""])
"""Before the parts of one date: "the 3rd of May", "Monday the 3rd"."""


class Date(NamedTuple):
    """One date, and which words of a text tell it.

    Attributes:
        told: month, day and year; "" where there is none.
        start, end: of its words.
    """

    told: tuple[str, str, str]
    start: int
    end: int


def dates_of(words: tuple[Word, ...]) -> list[Date]:
    """The dates that have a month, in order."""
    found: list[Date] = []
    for at, word in enumerate(words):
        if word.fact and word.stem.startswith(_MONTH):
            found.append(_date(words, at, found[-1].end if found else 0))
    return found


def _date(words: tuple[Word, ...], month: int, least: int) -> Date:
    """What stands around a month and belongs to it; nothing before `least` does."""
    start, end = month, month + 1
    day = year = ""
    if month > least and _is_day(words[month - 1]) and words[month].lead in _JOINING:
        start, day = month - 1, words[month - 1].stem
    elif end < len(words) and _is_day(words[end]) and words[end].lead in _JOINING:
        end, day = end + 1, words[end].stem
    if end < len(words) and _is_year(words[end]) and words[end].lead in _JOINING:
        end, year = end + 1, words[end].stem
    elif start > least and _is_year(words[start - 1]) and words[start].lead in _JOINING:
        start, year = start - 1, words[start - 1].stem
    if start > least and words[start - 1].stem.startswith(_WEEKDAY):
        start -= 1
    if end < len(words) and words[end].stem.startswith(_WEEKDAY):
        end += 1
    return Date((words[month].stem, day, year), start, end)


def _is_day(word: Word) -> bool:
    return word.fact and word.form.isdigit() and 0 < int(word.form) <= _LAST_DAY


def _is_year(word: Word) -> bool:
    return word.fact and word.form.isdigit() and len(word.form) == _YEAR
