"""What is so, or was done, is not how to do it: "my card is blocked", "how do I block my card"."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from ..lexicon import Question, listed
from ..pair import Pair
from ..reading import ACTORS, CONTENT, Reading
from .base import Refusal

_WISHES: Final = frozenset(
    listed(
        "intend want wants wanna like need needs please wish hope try trying looking let must "
        "should how show tell explain help know would mochte mochten will wollen muss mussen "
        "soll bitte brauche brauchen veux voudrais voudrait souhaite aimerais dois besoin "
        "faut plait quiero queremos quisiera necesito deseo gustaria debo vorrei voglio "
        "vogliamo devo desidero bisogno quero queria gostaria preciso desejo wil willen graag "
        "moet chce chcialbym chcialabym potrzebuje musze prosze"
    )
)
"""Words by which a sentence without a question mark asks for something."""
_MINE: Final = ACTORS | frozenset(
    listed("my our mein meine mon ma mes mi mis mio mia meu minha mijn")
)
_PERFECT: Final = frozenset(listed("ai avons ho hai abbiamo he hemos habe haben heb hebben hebt"))
"""What the past is made with where endings do not show it."""
_ORDERS: Final = frozenset(listed("put set make turn keep take start stop get use work"))
"""Small verbs that are what a text wants where they open it; others are content."""
_IS: Final = (("is",), ("are",), ("was",), ("were",))
_HAVE_TO: Final = ("have", "to")


def done(pair: Pair) -> Refusal | None:
    """In the same words, one asks how to do what the other says is done."""
    if pair.differences.in_content:
        return None
    for one, other in pair.both_ways:
        if _is_so(one) and _orders(other):
            return Refusal("done", "whether it is so, against that it be done")
        if _asks_whether_so(one) and not other.questions and _states(other, one):
            return Refusal("done", "whether it is so, against that it is")
        if _another_deed(one, other):
            return Refusal("done", "what is done, against what is done with it then")
        if one.questions[:1] != (Question.HOW,) and not _wishes(one):
            continue
        if (not other.questions and _states(other, one)) or _asks_whether_done(one, other):
            return Refusal("done", "how to do it, against that it is done")
    return None


def _is_so(reading: Reading) -> bool:
    """Is milk on my list?"""
    return reading.forms[:1] in (("is",), ("are",)) and reading.forms[1:2] != ("there",)


def _asks_whether_so(reading: Reading) -> bool:
    """Is my card blocked?"""
    return reading.forms[:1] in _IS and "possible" not in reading.forms


def _orders(reading: Reading) -> bool:
    """Put milk on my list."""
    return not reading.questions and reading.forms[:1] != () and reading.forms[0] in _ORDERS


def _another_deed(one: Reading, other: Reading) -> bool:
    """One boils an egg; the other does something else to a boiled egg."""
    participle = one.lexicon.participle
    here = [word for word in one.words if word.lead in ACTORS]
    there = [word for word in other.words if word.lead in ACTORS]
    if len(here) != 1 or len(there) != 1 or here[0].weight < CONTENT or participle(here[0].form):
        return False
    did, does = here[0], there[0]
    if does.form in _WISHES or any(word.stem == does.stem for word in one.words):
        return False
    return any(
        word.stem == did.stem and word.lead not in ACTORS and participle(word.form)
        for word in other.words
        if word.form != did.form
    )


def _wishes(reading: Reading) -> bool:
    """Whether a sentence asks for something without a word that asks."""
    if reading.questions:
        return False
    return not _WISHES.isdisjoint(reading.forms) or _HAVE_TO in pairwise(reading.forms)


def _states(reading: Reading, other: Reading) -> bool:
    """Whether it tells what is so: with somebody or a time, and no wish."""
    if _wishes(reading) or (reading.text.rstrip().endswith("?") and not reading.trouble):
        return False
    if reading.tense or not _PERFECT.isdisjoint(reading.forms):
        return True
    return not _MINE.isdisjoint(reading.forms[:1]) or _past(reading, other)


def _past(reading: Reading, other: Reading) -> bool:
    """Whether a verb of the other has an ending of the past here: "my card is blocked"."""
    participle = reading.lexicon.participle
    plain = {word.stem for word in other.words if not participle(word.form)}
    return any(participle(word.form) and word.stem in plain for word in reading.words)


def _asks_whether_done(one: Reading, other: Reading) -> bool:
    """Is it cancelled?"""
    if other.questions[:1] != (Question.YES_NO,) or "be" in other.forms:
        return False
    return bool(other.forms) and other.forms[0] in other.lexicon.tense_of and _past(other, one)
