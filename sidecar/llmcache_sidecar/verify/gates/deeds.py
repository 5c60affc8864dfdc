"""Who did it, and to whom it was done: "my phone is stolen", "I stole a phone"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..pair import Pair
from ..reading import Reading

_EITHER: Final = ("lost", "los", "misplac", "forg", "br", "damag", "miss", "verl", "vergess")
"""How deeds begin that are told in the same sense of oneself and of the thing."""


def did_or_suffered(pair: Pair) -> str:
    """What somebody did in one text and what was done to him or his in the other."""
    code = pair.asked.tables
    if code != pair.stored.tables:
        return ""
    if pair.asked.questions and pair.stored.questions:
        return _why_did_or_was(pair) if code == "en" else ""
    if pair.asked.questions or pair.stored.questions:
        return ""
    for one, other in pair.both_ways:
        done = _suffered(one, code)
        for stem, form in _did(other, code).items():
            if stem in done and not form.startswith(_EITHER):
                return form
    return ""


def _why_did_or_was(pair: Pair) -> str:
    """ "Why did I reject the offer", "why was my offer rejected"."""
    for one, other in pair.both_ways:
        if other.lexicon.deeds.be.isdisjoint(other.forms[1:2]) or "by" in other.forms:
            continue
        done = {word.stem for word in other.words if other.lexicon.participle(word.form)}
        for before, form, stem in _each(one):
            told = before[0] == "did" and before[1] in one.lexicon.deeds.askers
            if told and stem in done and not form.startswith(_EITHER):
                return form
    return ""


def _did(reading: Reading, code: str) -> dict[str, str]:
    """Deeds of the asker, as stems and forms: "I stole", "ich habe gestohlen"."""
    if code == "fr":
        return _behind(reading, ("j", "ai"))
    deeds = reading.lexicon.deeds
    askers, have, forms = deeds.askers, deeds.have, reading.forms
    if not askers:
        return {}
    if reading.lexicon.verbs_last:
        acts = bool(forms) and forms[0] in askers and not have.isdisjoint(forms[1:2])
        return {word.stem: word.form for word in reading.words[-1:] if acts}
    return {
        stem: form
        for before, form, stem in _each(reading)
        if before[1] in askers or (before[1] in have and before[0] in askers)
    }


def _suffered(reading: Reading, code: str) -> set[str]:
    """What was done: "is stolen", "wurde gestohlen"."""
    if code == "fr":
        return set(_behind(reading, ("m", "a")))
    be = reading.lexicon.deeds.be
    if not be:
        return set()
    if reading.lexicon.verbs_last:
        return {word.stem for word in reading.words[-1:] if not be.isdisjoint(reading.forms)}
    return {stem for before, _, stem in _each(reading) if before[1] in be}


def _behind(reading: Reading, words: tuple[str, str]) -> dict[str, str]:
    return {stem: form for before, form, stem in _each(reading) if before == words}


def _each(reading: Reading) -> Iterator[tuple[tuple[str, str], str, str]]:
    """Two forms and the word behind them, as form and stem."""
    stem_of = {word.form: word.stem for word in reading.words}
    forms = ("", "", *reading.forms)
    for earlier, before, form in zip(forms, forms[1:], forms[2:], strict=False):
        if form in stem_of:
            yield (earlier, before), form, stem_of[form]
