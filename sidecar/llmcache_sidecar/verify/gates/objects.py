"""What is done to it, and what it does itself: "return it", "return"; "where is it", "where is it
going"."""

from __future__ import annotations

from typing import Final

from ..asked_for import WHICH
from ..lexicon import Question, listed
from ..pair import Pair
from ..reading import ACTORS, CONTENT, Reading

_IT: Final = frozenset({"it", "them"})
_BOTH_WAYS: Final = frozenset(
    listed("start begin finish end stop open close change move charge run turn break continue")
)
"""Verbs of which a thing may be who acts as well as what it is done to."""
_ASKERS: Final = frozenset({"i", "we"})
_HELPING: Final = frozenset(listed("does do did will can could would"))
_IS_WHERE: Final = frozenset({Question.WHERE, Question.WHAT, Question.WHO})
_IS: Final = frozenset(listed("is are was were s"))
_SAYING_NOTHING: Final = frozenset(
    listed("located situated found placed based called named listed kept being")
)
"""What a question for a place or a name may end with and ask the same."""
_GOES: Final = frozenset({("ou", "va"), ("ou", "vont"), ("dove", "va"), ("dove", "vanno")})
_MAKING: Final = frozenset(
    listed(
        "made built produced manufactured created calculated computed developed constructed "
        "hergestellt gemacht gebaut berechnet fabrique fabriquee produit calcule fabrica fabrican "
        "calcula prodotto prodotta fatto fatta calcolato gemaakt gebouwd berekend"
    )
)
_WORKING: Final = frozenset(
    listed(
        "work works function functions operate operates funktioniert funktionieren fonctionne "
        "fonctionnent funciona funcionan funziona funzionano werkt werken"
    )
)
_HOW: Final = frozenset({Question.HOW})


def another_object(pair: Pair) -> str:
    """A verb that is done to something in one text only; "" where there is none."""
    if pair.asked.tables != "en" or pair.stored.tables != "en":
        return ""
    for one, other in pair.both_ways:
        bare = _ends_without_it(one, other) or _does_it(one, other)
        if bare:
            return bare
    return ""


def _ends_without_it(one: Reading, other: Reading) -> str:
    """ "Can I return it", "can I return"."""
    if len(one.forms) < 3 or not other.forms or one.forms[-1] not in _IT:
        return ""
    last = other.forms[-1]
    if last != one.forms[-2] or last in other.lexicon.empty_words:
        return ""
    if "it" in other.forms:  # "why did it stop", "why did they stop it"
        return last
    return last if sum(word.weight >= CONTENT for word in one.words) <= 1 else ""


def _does_it(one: Reading, other: Reading) -> str:
    """ "When does the course start", "when do I start the course"."""
    if not one.forms or _HELPING.isdisjoint(one.forms[:2]):
        return ""
    *before, last = one.words or (None,)
    if last is None or not before or last.form not in _BOTH_WAYS or last.form != one.forms[-1]:
        return ""
    subject = before[-1]
    if subject.lead in ACTORS or not _ASKERS.isdisjoint(one.forms):
        return ""
    for at, word in enumerate(other.words[:-1]):
        acts = word.form == last.form and word.lead in _ASKERS
        if acts and other.words[at + 1].stem == subject.stem:
            return last.form
    return ""


def asks_another_deed(pair: Pair) -> str:
    """What one text asks of a thing beyond where or what it is, or how it works; or which other thing
    it asks for."""
    another = _asks_for_another(pair)
    if another:
        return another
    for one, other in pair.both_ways:
        told = _more_at_the_end(one, other) or _is_made(one, other)
        told = told or _does_something_there(one, pair)
        if told:
            return told
        if _goes(one) and not _goes(other) and other.questions[:1] == (Question.WHERE,):
            return "where it goes"
    return ""


def _asks_for_another(pair: Pair) -> str:
    """ "Which floor is my room on", "which room is on my floor"."""
    asked, stored = _which(pair.asked), _which(pair.stored)
    if not asked or not stored or asked == stored:
        return ""
    here, there = ({word.stem for word in reading.words} for reading in (pair.asked, pair.stored))
    return asked if asked in there and stored in here else ""


def _which(reading: Reading) -> str:
    """Of what a question that opens with "which" or "what" asks which one."""
    forms = reading.forms
    if len(forms) < 2 or forms[0] not in WHICH or not reading.words:
        return ""
    first = reading.words[0]
    if first.form != forms[1] or first.weight < CONTENT:
        return ""
    # "Which Python versions" asks for versions, of which "which versions of Python" asks too.
    second = reading.words[1:2]
    return "" if second and not second[0].lead else first.stem


def _more_at_the_end(one: Reading, other: Reading) -> str:
    """ "Where is my parcel going", "where is my parcel"."""
    last = one.words[-1] if one.words else None
    if last is None or one.tables != "en" or last.form != one.forms[-1]:
        return ""
    if one.questions[:1] != other.questions[:1] or not _IS_WHERE.issuperset(one.questions[:1]):
        return ""
    if _IS.isdisjoint(one.forms[:2]) or _IS.isdisjoint(other.forms[:2]) or not one.questions:
        return ""
    doing = last.form.endswith("ing") or one.lexicon.participle(last.form)
    if not doing or last.form in _SAYING_NOTHING or last.lead:
        return ""
    if other.forms[-1:] == one.forms[-1:] or last.stem in {word.stem for word in other.words}:
        return ""
    thing = one.words[-2].stem if len(one.words) > 1 else ""
    return last.form if other.words and other.words[-1].stem == thing else ""


def _does_something_there(reading: Reading, pair: Pair) -> str:
    """ "¿Dónde dejo mi paquete?", "¿dónde está mi paquete?"."""
    differences = pair.differences
    left = (*differences.asked_content, *differences.stored_content)
    if len(left) != 1 or reading.tables == "en" or left[0] not in reading.words:
        return ""
    where = reading.questions[:1] == (Question.WHERE,) and left[0].lead in reading.lexicon.asking
    return left[0].form if where else ""


def _is_made(one: Reading, other: Reading) -> str:
    """ "How does it work", "how is it made"."""
    if not _HOW.issuperset((*one.questions, *other.questions)) or not one.questions:
        return ""
    made = _MAKING.intersection(one.forms[1:])
    works = not _WORKING.isdisjoint(other.forms) and _WORKING.isdisjoint(one.forms)
    return min(made) if made and works else ""


def _goes(reading: Reading) -> bool:
    """Whether it asks where something goes."""
    forms = reading.forms
    if len(forms) < 2:
        return False
    whither = reading.lexicon.whither
    asks_where = reading.questions[:1] == (Question.WHERE,)
    return (
        forms[0] == whither.word
        or forms[:2] in _GOES
        or (asks_where and forms[-1] in whither.endings)
    )
