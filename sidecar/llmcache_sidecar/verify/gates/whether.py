"""Yes or no against what the answer is: "is it A or B", "what is it"; "why is it", "will it be"."""

from __future__ import annotations

from typing import Final

from ..lexicon import Question, listed
from ..pair import Pair
from ..reading import CONTENT, Reading

_HELPING: Final = frozenset({"do", "does", "did"})
_HAVE: Final = frozenset({"have", "has", "had"})
_BE: Final = frozenset({"is", "are", "was", "were", "am"})
_OR: Final = frozenset(listed("or oder ou o of lub czy"))
_MORE_THAN_WAY: Final = frozenset({"should"})
_WAY_OR_PLACE: Final = frozenset({Question.HOW, Question.WHERE})
_LIKING: Final = frozenset(listed("like likes love loves enjoy enjoys prefer hate dislike"))
_ASKED: Final = frozenset(listed("you they he she people"))


def another_kind(pair: Pair) -> str:
    """What sets two questions in the same words apart; "" where nothing does."""
    if pair.differences.in_content:
        return ""
    for one, other in pair.both_ways:
        if _why(one) and _will(other):
            return "only one asks why"
        if _what(one) and _which_of_two(other):
            return "what it is against which of two"
        if _has(one) and _is(other) and _content(one) == _content(other):
            return "what it has against what it is"
        if _likes(one) and _LIKING.isdisjoint(other.forms):
            return "what one likes against what one does"
    kinds = {question for r in (pair.asked, pair.stored) for question in r.questions[:1]}
    if kinds == _WAY_OR_PLACE and any(
        not _MORE_THAN_WAY.isdisjoint(r.forms) for r in (pair.asked, pair.stored)
    ):
        return "how against where it should be"
    return ""


def _why(reading: Reading) -> bool:
    return Question.WHY in reading.questions


def _will(reading: Reading) -> bool:
    """Whether it is asked behind an "if" whether something will be."""
    asks = not reading.questions and reading.text.rstrip().endswith("?")
    return asks and bool(reading.tense) | ("will" in reading.forms)


def _what(reading: Reading) -> bool:
    return reading.questions == (Question.WHAT,) and not _BE.isdisjoint(reading.forms[1:2])


def _which_of_two(reading: Reading) -> bool:
    return reading.questions[:1] == (Question.YES_NO,) and not _OR.isdisjoint(reading.forms)


def _has(reading: Reading) -> bool:
    """Does it have a sister?"""
    return not _HELPING.isdisjoint(reading.forms[:1]) and not _HAVE.isdisjoint(reading.forms)


def _is(reading: Reading) -> bool:
    """Is it a sister?"""
    return (
        not _BE.isdisjoint(reading.forms[:1])
        and _HAVE.isdisjoint(reading.forms)
        and "there" not in reading.forms[1:2]
    )


def _content(reading: Reading) -> list[str]:
    return [word.stem for word in reading.words if word.weight >= CONTENT]


def _likes(reading: Reading) -> bool:
    """What do you like doing; not what would you like to do."""
    if _HELPING.isdisjoint(reading.forms):
        return False
    return any(
        who in _ASKED and likes in _LIKING and what.endswith("ing")
        for who, likes, what in zip(
            reading.forms, reading.forms[1:], reading.forms[2:], strict=False
        )
    )
