"""What stands around verbs and places in one language, for the gates that read words in order.

Shapes alone may enter; the words stand in the languages' modules.
"""

from __future__ import annotations

from dataclasses import dataclass

_NONE: frozenset[str] = frozenset()


def words(text: str) -> frozenset[str]:
    """The words of a table that is written as one text."""
    return frozenset(text.split())


@dataclass(frozen=True, slots=True)
class Places:
    """What stands before a place or a thing.

    Attributes:
        to: where something goes.
        inside: where it is.
        away: where it comes from.
        means: with what it is done.
    """

    to: frozenset[str] = _NONE
    inside: frozenset[str] = _NONE
    away: frozenset[str] = _NONE
    means: frozenset[str] = _NONE


@dataclass(frozen=True, slots=True)
class Deeds:
    """How somebody tells what he did, and what was done to him.

    Attributes:
        askers: who tells it ("i").
        have: what stands between him and what he did ("have").
        be: what stands before what was done ("was").
    """

    askers: frozenset[str] = _NONE
    have: frozenset[str] = _NONE
    be: frozenset[str] = _NONE


@dataclass(frozen=True, slots=True)
class Doers:
    """How who does a thing is named after it.

    Attributes:
        done: endings of a verb where its doer has "er".
        plural: the ending of several doers.
    """

    done: frozenset[str] = _NONE
    plural: str = ""


@dataclass(frozen=True, slots=True)
class Whither:
    """How one asks where something goes.

    Attributes:
        word: the one word that asks it; "" where there is none.
        endings: words that end such a question where it opens with "where".
    """

    word: str = ""
    endings: frozenset[str] = _NONE
