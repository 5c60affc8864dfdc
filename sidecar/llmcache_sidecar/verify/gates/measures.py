"""What number a question asks for: how old is not how long, and how much not how often."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from ..frames import WAYS
from ..lexicon import Question, listed
from ..pair import Pair
from ..reading import Reading
from .base import Refusal

_HOW: Final = frozenset(listed("how wie hoe"))
_LINES: Final = (
    "much many viel viele vielen veel",
    "often frequently regularly oft haufig vaak dikwijls",
    "long lang lange",
    "soon fast quickly quick schnell bald snel",
    "old alt oud",
    "tall high hoch gross hoog lang",
    "far weit ver",
    "big large",
    "deep tief diep",
    "heavy schwer zwaar",
    "wide breit breed",
    "thick dick dik",
    "hot warm cold heiss kalt heet koud",
    "expensive cheap teuer duur",
    "dangerous safe",
    "good well gut goed",
)
"""Words behind "how", those of one number together."""
_LINES_OF: Final = {
    word: frozenset(at for at, line in enumerate(_LINES) if word in line.split())
    for line in _LINES
    for word in line.split()
}
_KIN: Final = (
    frozenset({"much", "long", "soon", "expensive"}),
    frozenset({"much", "old", "tall", "far", "big", "deep", "heavy", "wide", "thick"}),
)
"""Lines, by their first words, that ask for one number now and then: "how much time", "how long";
"how many miles", "how far"."""
_KIN_LINES: Final = tuple(
    frozenset(at for at, line in enumerate(_LINES) if line.split()[0] in kin) for kin in _KIN
)
_LASTING: Final = frozenset(
    at for at, line in enumerate(_LINES) if line.split()[0] in ("long", "soon")
)
"""Lines that ask for a time, which "how much" does only of time, days or hours."""
_SPANS: Final = frozenset(
    listed(
        "time second seconds minute minutes hour hours day days week weeks month months year years "
        "zeit sekunden minuten stunden tage tagen wochen monate monaten jahre jahren "
        "tijd seconden minuten uur uren dagen weken maanden jaar jaren"
    )
)
_TIMES: Final = frozenset(listed("time times mal keer maal"))
_DOING: Final = frozenset(listed("do does did can could should would will to"))
_IT_TAKES: Final = ("what", "does", "it", "take")
_BEING: Final = frozenset(listed("is are was were"))
_MUCH: Final = 0
_OFTEN: Final = 1


def another_measure(pair: Pair) -> Refusal | None:
    """How old, how far, how often and how much ask for another number each."""
    asked, stored = _measure(pair.asked), _measure(pair.stored)
    if asked is None or stored is None:
        return None
    here, there = asked[1], stored[1]
    if asked[0] == stored[0] or not here.isdisjoint(there):
        return None
    both = here | there
    if any(both <= kin for kin in _KIN_LINES) and _MUCH in both:
        timed = not both.isdisjoint(_LASTING) and not any(map(_of_time, (pair.asked, pair.stored)))
        if not timed:
            return None
    if both <= {_MUCH, _OFTEN} and _counts_times(pair):
        return None
    return Refusal("question", f"how {asked[0]} against how {stored[0]}")


def measure_or_way(pair: Pair) -> str:
    """What sets how to do it apart from how common or how long it is; "" where nothing does."""
    for way, measured in pair.both_ways:
        named = _names_the_way(way)
        if named and measured.questions[:1] == (Question.HOW_LONG,):
            return "the way against how long it takes"
        if way.tables != "en" or not (named or (way.forms[:1] == ("how",) and _does(way, 1))):
            continue
        how, degree, *_ = (*measured.forms, "", "")
        beyond = {word.form for word in (*pair.differences.asked, *pair.differences.stored)}
        if how == "how" and degree in beyond and _is(measured, 2):
            return f"the way against how {degree} it is"
    return ""


def _names_the_way(reading: Reading) -> bool:
    """What the way is, or what it takes."""
    return reading.questions[:1] == (Question.WHAT,) and (
        reading.forms[:4] == _IT_TAKES or any(word.form in WAYS for word in reading.words)
    )


def _does(reading: Reading, at: int) -> bool:
    return not _DOING.isdisjoint(reading.forms[at : at + 1])


def _is(reading: Reading, at: int) -> bool:
    return not _BEING.isdisjoint(reading.forms[at : at + 1])


def counts(reading: Reading) -> bool:
    """How many?"""
    return ("how", "many") in pairwise(reading.forms)


def counted(reading: Reading) -> set[str]:
    """What is counted: "how many hours"."""
    unit_of = reading.lexicon.unit_of
    return {
        unit_of[what]
        for many, what in pairwise(reading.forms)
        if many == "many" and what in unit_of
    }


def rated(reading: Reading) -> set[str]:
    """Of what each is meant: "per hour"."""
    unit_of = reading.lexicon.unit_of
    return {
        unit_of[what] for per, what in pairwise(reading.forms) if per == "per" and what in unit_of
    }


def _measure(reading: Reading) -> tuple[str, frozenset[int]] | None:
    for how, what in pairwise(reading.forms):
        if how in _HOW and what in _LINES_OF:
            return what, _LINES_OF[what]
    return None


def _of_time(reading: Reading) -> bool:
    return not _SPANS.isdisjoint(reading.forms)


def _counts_times(pair: Pair) -> bool:
    """ "How many times a week", "how often"."""
    return any(not _TIMES.isdisjoint(reading.forms) for reading in (pair.asked, pair.stored))
