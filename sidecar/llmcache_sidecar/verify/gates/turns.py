"""Small words that turn a question: still or again, if or unless, at least or at most, by or on."""

from __future__ import annotations

from typing import Final

from ..lexicon import Question, listed
from ..pair import Pair
from ..reading import Reading
from ..signs import BRACKETS, says_something
from .base import Refusal

_POINTS: Final = frozenset(listed("on at am um"))
_PARTY: Final = frozenset({"at", "for"})
"""Before a bare number one tells the hour, and one how many: "a table for four"."""
_DEADLINES: Final = frozenset(listed("by until till since from before after bis seit ab vor nach"))


def turns(pair: Pair) -> Refusal | None:
    """What is still so is not so again, and what holds if it rains does not hold unless it does."""
    asked, stored = pair.asked.turns, pair.stored.turns
    if asked == stored or pair.asked.tables != pair.stored.tables:
        return None
    words = pair.asked.lexicon.turning
    whether = any(Question.YES_NO in reading.questions[:1] for reading in (pair.asked, pair.stored))
    for side in asked ^ stored:
        if side in words.needed or (whether and side in words.needed_whether):
            return Refusal("turns", f"{words.told[side]} in one text only")
    for line in {side[0] for side in asked}:
        here = {side for side in asked if side[0] == line}
        there = {side for side in stored if side[0] == line}
        if there and here.isdisjoint(there):
            one, other = words.told[min(here)], words.told[min(there)]
            return Refusal("turns", f"{one} against {other}")
    return None


def bounds(pair: Pair) -> Refusal | None:
    """At least five is not at most five, nor five; by Monday is not on Monday."""
    if pair.asked.bounds != pair.stored.bounds:
        return Refusal("bounds", "another bound of a number")
    if not pair.asked.facts:
        return None
    leads = {word.stem: word.lead for word in pair.stored.words if word.fact}
    for word in pair.asked.words:
        if word.fact and word.stem in leads:
            both = {word.lead, leads[word.stem]}
            if both == _PARTY and word.form.isdigit():
                return Refusal("bounds", f"at against for: {word.form}")
            if not both.isdisjoint(_POINTS) and not both.isdisjoint(_DEADLINES):
                return Refusal("bounds", f"{word.lead} against {leads[word.stem]}: {word.form}")
    return None


def operators(pair: Pair) -> Refusal | None:
    """Signs of a language of computers are meant to the letter: == is not ===; and so are others: @
    is not #, nor (8 - 3) * 2 what it is without its brackets."""
    asked, stored = pair.asked.operators, pair.stored.operators
    if asked and stored and asked != stored:
        return Refusal("operators", f"{' '.join(asked)} against {' '.join(stored)}")
    asked, stored = _signs(pair.asked), _signs(pair.stored)
    if asked != stored and (
        (asked and stored) or any(says_something(sign) for sign in (*asked, *stored))
    ):
        return Refusal("operators", f"{' '.join(asked)} against {' '.join(stored)}")
    return None


def _signs(reading: Reading) -> tuple[str, ...]:
    """Its signs, but for brackets outside of a calculation."""
    if not reading.signs or any(fact.value.startswith("op ") for fact in reading.facts):
        return reading.signs
    return tuple(sign for sign in reading.signs if sign not in BRACKETS)
