"""Who is spoken of, where a pronoun alone says it: "did he say so" is not "did she say so"."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from ..pair import Pair
from ..reading import Reading
from .base import Refusal
from .owners import exchanged_owner

_SUBJECTS: Final = {
    "en": (
        frozenset({"i", "we", "you", "one"}),
        frozenset({"he"}),
        frozenset({"she"}),
        frozenset({"they"}),
    ),
    "de": (frozenset({"ich", "wir", "man", "du"}), frozenset({"er"})),
    "fr": (frozenset({"je", "j", "nous", "on", "vous", "tu"}), frozenset({"elle", "elles", "ils"})),
    "nl": (frozenset({"ik", "wij", "we", "je", "jij", "men"}), frozenset({"hij"})),
}
"""Pronouns of one person a line, those that people use for one another together (who writes "you" may
mean anybody). Left out is what means a person only sometimes, such as "sie" and "il"."""
_OWNERS: Final = {
    "en": (
        frozenset({"he", "him", "his", "himself"}),
        frozenset({"she", "her", "hers", "herself"}),
    ),
}
_DEGREES: Final = frozenset({"master", "bachelor"})
"""Whose degree is nobody's: "a master's degree", "a master's"."""
_MINE: Final = frozenset({"my", "your", "our"})
_START: Final = 4
"""Words at the start of a question among which its subject is looked for."""


def persons(pair: Pair) -> Refusal | None:
    """The subject is the same person, and his is not hers, nor mine."""
    language = pair.asked.language
    if language == pair.stored.language and exchanged_owner(pair):
        return Refusal("persons", "who owns it and who does it")
    if language != pair.stored.language or language not in _SUBJECTS:
        return None
    asked, stored = _subject(pair.asked), _subject(pair.stored)
    if asked is not None and stored is not None and asked != stored:
        return Refusal("persons", "another subject")
    for owner in _OWNERS.get(language, ()):
        if owner.isdisjoint(pair.asked.exact) != owner.isdisjoint(pair.stored.exact):
            return Refusal("persons", "somebody else's")
    differences = pair.differences
    kin = {word.form for words in (*differences.akin, *differences.near) for word in words}
    for one, other in pair.both_ways:
        if _belonging(one, other, kin) or _mine_or_its(one, other):
            return Refusal("persons", "what belongs to whom")
    return None


def _belonging(one: Reading, other: Reading, kin: set[str]) -> bool:
    """One names what is somebody's ("my boss's wife"), the other that somebody alone."""
    if "s" not in one.forms:
        return False
    lexicon = one.lexicon
    there = [lexicon.stem(form) for form in other.forms]
    here = [lexicon.stem(form) for form in one.forms]
    for whose, mark, what in zip(one.forms, one.forms[1:], one.forms[2:], strict=False):
        if mark != "s" or whose in lexicon.empty_words | _DEGREES or what in kin:
            continue
        thing = lexicon.stem(what)
        owned = here.count(thing) > there.count(thing) and what not in lexicon.empty_words
        if owned and lexicon.stem(whose) in there and "s" not in other.forms:
            return True
    return False


def _mine_or_its(one: Reading, other: Reading) -> bool:
    """My address, and the address of the branch."""
    mine = {word.stem for word in one.words if word.lead in _MINE}
    for thing, owner in pairwise(one.words):
        if owner.lead == "of":
            mine.discard(thing.stem)
    return any(
        thing.stem in mine and thing.lead not in _MINE and owner.lead == "of"
        for thing, owner in pairwise(other.words)
    )


def _subject(reading: Reading) -> int | None:
    """The line of the first pronoun; None where the question does not begin with one."""
    for word in reading.exact[:_START]:
        for line, pronouns in enumerate(_SUBJECTS[reading.language]):
            if word in pronouns:
                return line
    return None
