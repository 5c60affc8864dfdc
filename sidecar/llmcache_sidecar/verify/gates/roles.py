"""Who does it to whom, where pronouns alone say it: what you know of bees, what bees know of you."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from ..lexicon import fold, listed
from ..pair import Pair
from ..reading import Reading
from .base import Refusal
from .deeds import did_or_suffered

_PERSONS: Final = {
    "en": ("i me", "you", "he him", "she her", "we us", "they them"),
    "de": ("ich mich mir", "du dich dir", "er ihn ihm", "wir uns", "ihr euch"),
    "fr": ("je j me m moi", "tu te t toi", "il lui", "vous", "nous"),
    "es": ("yo me", "tu te", "nos", "os"),
    "it": ("io mi me", "tu ti te", "vi"),
    "pt": ("eu me mim", "tu te ti", "nos"),
    "nl": ("ik mij", "jij jou", "hij hem", "wij ons", "zij haar hen"),
    "pl": ("ja mnie mi", "ty cie ciebie ci tobie", "on jego jemu"),
}
"""Pronouns of one person a line. English also has a word before it that shows who acts."""
_OBJECTS: Final = {
    "de": ("mich mir", "dich dir"),
    "fr": ("me m moi", "te t toi"),
    "es": ("me", "te"),
    "it": ("mi", "ti"),
    "pt": ("me", "te"),
    "nl": ("mij", "jou"),
    "pl": ("mnie mi", "cie ciebie ci tobie"),
}
"""Pronouns of whom it is done to, one person a line."""
_PERSON_OF, _OBJECT_OF = (
    {
        code: {word: line for line, words in enumerate(lines) for word in words.split()}
        for code, lines in table.items()
    }
    for table in (_PERSONS, _OBJECTS)
)
_INVERTED: Final = re.compile(r"(\w+)-(?:t-)?(je|tu|il|elle|on|vous)\b")
"""A French verb before who does it: "livrez-vous"."""
_GOVERNING: Final = frozenset(listed("by for from about of against without after before"))
"""Prepositions that say each another thing of the person behind them."""
_ENDING: Final = _GOVERNING | {"to", "with"}
_ACTS, _SUFFERS = True, False


def roles(pair: Pair) -> Refusal | None:
    """A pronoun that acts in one text is not acted upon in the other."""
    deed = did_or_suffered(pair)
    if deed:
        return Refusal("roles", f"who did it, against to whom it was done: {deed}")
    code = pair.asked.language
    if code != pair.stored.language or code not in _PERSON_OF:
        return None
    asked, stored = _bound(pair.asked), _bound(pair.stored)
    for place, acting in asked.items():
        other = stored.get(place, acting)
        if other != acting and len(other) == len(acting) == 1:
            return Refusal("roles", f"who does it to whom: {place[1]}")
    if code == "en":
        if {_who_acts(pair.asked), _who_acts(pair.stored)} == {_ACTS, _SUFFERS}:
            return Refusal("roles", "who does it, against to whom one does it")
        return _governed(pair)
    here, there = _objects(pair.asked), _objects(pair.stored)
    if here and there and here.isdisjoint(there):
        return Refusal("roles", "done to another person")
    return None


def _who_acts(reading: Reading) -> bool | None:
    """Whether the "who" that opens a question does it ("who reported it") or has it done ("who do I
    report to"); None where neither shows."""
    who, after, then = (*reading.forms, "", "", "")[:3]
    if who != "who" or not after:
        return None
    if after in reading.lexicon.empty_words:
        return _SUFFERS if _PERSON_OF["en"].get(then) is not None else None
    return _ACTS


def _bound(reading: Reading) -> dict[tuple[int, str], set[bool]]:
    """Persons and the words right beside them, and whether they act or are acted upon there."""
    person_of = _PERSON_OF[reading.language]
    lexicon = reading.lexicon
    empty = lexicon.empty_words
    openers = lexicon.phrase_openers
    forms = reading.forms
    inverted = set(_INVERTED.findall(fold(reading.text))) if reading.language == "fr" else ()
    found: dict[tuple[int, str], set[bool]] = {}
    for at, form in enumerate(forms):
        person = person_of.get(form)
        if person is None:
            continue
        for after in forms[at + 1 :]:
            if after in person_of or after in openers or after in lexicon.linking:
                break
            if after not in empty:
                found.setdefault((person, lexicon.stem(after)), set()).add(_ACTS)
                break
        before = at - 1
        if before > 0 and forms[before] in openers:
            before -= 1
        if before >= 0 and forms[before] not in empty:
            role = _ACTS if (forms[before], form) in inverted else _SUFFERS
            found.setdefault((person, lexicon.stem(forms[before])), set()).add(role)
    return found


def _objects(reading: Reading) -> set[int]:
    object_of = _OBJECT_OF[reading.language]
    return {object_of[form] for form in reading.forms if form in object_of}


def _governed(pair: Pair) -> Refusal | None:
    """Built by him, built for him; and at the end, about and by."""
    asked, stored = _governors(pair.asked), _governors(pair.stored)
    for person, preposition in asked.items():
        if stored.get(person, preposition) != preposition:
            return Refusal("roles", f"{preposition} against {stored[person]}")
    if pair.asked.forms and pair.stored.forms:
        last, other = pair.asked.forms[-1], pair.stored.forms[-1]
        if last != other and {last, other} <= _ENDING:
            return Refusal("roles", f"{last} against {other}")
    return None


def _governors(reading: Reading) -> dict[int, str]:
    person_of = _PERSON_OF[reading.language]
    return {
        person_of[word]: preposition
        for preposition, word in pairwise(reading.forms)
        if preposition in _GOVERNING and word in person_of
    }
