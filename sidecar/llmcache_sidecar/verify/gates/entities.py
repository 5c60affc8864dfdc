"""What a text is about: names, things of one kind, and a word replaced in the same frame."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import Final

from ..lexicon import listed
from ..pair import MOST_APART, Pair
from ..reading import ACTORS, SOFT, Reading, Word
from .base import Refusal

_CARRYING: Final = frozenset(
    listed(
        "know wonder want wanted wanna need needs like able supposed wish hope going go tell "
        "wissen mochte will brauche savoir voudrais veux saber quiero gustaria necesito sapere "
        "vorrei voglio quero gostaria preciso weten wil graag chce chcialbym"
    )
)
"""Small words around a question rather than in it: "I want to know how to ..."."""
_LEFT_OUT: Final = re.compile("[\u0591-\u05c7\u064b-\u0652]")
_BEFORE_A_NASAL: Final = re.compile("([eo])\u0302(?=[mn])")
_TONE: Final = re.compile("([ou])([\u0300\u0301\u0303\u0309\u0323])([aey])$")


def names(pair: Pair) -> Refusal | None:
    """A name in one text has its place in the other."""
    differences = pair.differences
    asked = [word for word in differences.asked if word.name]
    stored = [word for word in differences.stored if word.name]
    if asked and stored:
        if _abbreviates(asked, stored, pair) or _abbreviates(stored, asked, pair):
            return None
        return Refusal("names", f"{asked[0].form} against {stored[0].form}")
    added = _named_more(asked, differences.asked_content, differences.stored_content)
    added = added or _named_more(stored, differences.stored_content, differences.asked_content)
    if added:
        return Refusal("names", f"{added} in one text only")
    repeated = _asked_about(pair)
    return Refusal("names", f"asked about: {repeated}") if repeated else None


def _named_more(named: list[Word], more: tuple[Word, ...], less: tuple[Word, ...]) -> str:
    """A name and what it is, which one text alone has: "a battery", "a Cobalt oxide battery"."""
    return "" if less or not 0 < len(named) < len(more) else named[0].form


def _asked_about(pair: Pair) -> str:
    """What one text repeats and the other does not, in exchange: "... How many does Ann have?"."""
    asked, stored = (Counter(word.stem for word in r.words) for r in (pair.asked, pair.stored))
    if len(asked) == len(pair.asked.words) or asked.keys() != stored.keys():
        return ""
    more, fewer = asked - stored, stored - asked
    return f"{min(more)} against {min(fewer)}" if more and fewer else ""


def _abbreviates(short: list[Word], long: list[Word], pair: Pair) -> bool:
    """Whether one name is the initials of the others: "WoT", "World of Tanks"."""
    if len(short) != 1 or len(long) < 2:
        return False
    initials = "".join(word.form[0] for word in long)
    return short[0].form.replace("o", "") == initials.replace("o", "")


def kinds(pair: Pair) -> Refusal | None:
    """Two things of one kind exclude each other: red and blue, brother and sister."""
    differences = pair.differences
    if not differences.asked or not differences.stored:
        return None
    asked, stored = _kinds(differences.asked, pair.asked), _kinds(differences.stored, pair.stored)
    for kind, one in asked.items():
        other = stored.get(kind)
        if other is not None:
            return Refusal("kinds", f"{one} against {other}")
    return None


def _kinds(words: tuple[Word, ...], reading: Reading) -> dict[int, str]:
    table = reading.lexicon.class_of
    return {
        kind: word.form for word in words for kind in table.get(word.form, table.get(word.stem, ()))
    }


def _right_spelling(marked: str) -> str:
    """A word with its accents, in one of the ways that are all right: French and Italian take grave and
    acute for each other on an e, Portuguese circumflex and acute before m and n, Vietnamese sets its
    tone on either vowel; vowels that Arabic and Hebrew may leave out are none."""
    apart = unicodedata.normalize("NFD", _LEFT_OUT.sub("", marked)).replace("e\u0300", "e\u0301")
    apart = _BEFORE_A_NASAL.sub(r"\1" + "\u0301", apart)
    return _TONE.sub(r"\1\3\2", apart)


def replaced(pair: Pair) -> Refusal | None:
    """In the same frame, one content word is another, or one that an accent alone tells from it."""
    marked = {word.form: word.marked for word in pair.stored.words if word.marked}
    for word in pair.asked.words if marked else ():
        if word.marked and _right_spelling(marked.get(word.form, word.marked)) != (
            _right_spelling(word.marked)
        ):
            return Refusal("replaced", f"{word.marked} against {marked[word.form]}")
    differences = pair.differences
    asked, stored = differences.asked_content, differences.stored_content
    if max(len(asked), len(stored)) > MOST_APART:
        return Refusal("replaced", "too many words apart")
    if not asked and not stored:
        return _acts(pair)
    if len(asked) + len(stored) == 1:
        others = differences.stored if asked else differences.asked
        return _soft_for((*asked, *stored)[0], others, pair)
    if len(asked) != 1 or len(stored) != 1 or pair.in_another_frame:
        return None
    return Refusal("replaced", f"{asked[0].form} against {stored[0].form}")


def _soft_for(word: Word, others: tuple[Word, ...], pair: Pair) -> Refusal | None:
    """A small word in the place of one that says more: "to stop it", "to make it"."""
    place = _neighbours(word, pair)
    for other in others:
        if other.weight != SOFT or other.form in _CARRYING:
            continue
        acts = word.lead in ACTORS and other.lead == word.lead
        if acts or _neighbours(other, pair) == place:
            return Refusal("replaced", f"{word.form} against {other.form}")
    return None


def _neighbours(word: Word, pair: Pair) -> tuple[str, str]:
    """What stands before and behind a word."""
    words = next(r.words for r in (pair.asked, pair.stored) if any(w is word for w in r.words))
    at = next(at for at, other in enumerate(words) if other is word)
    before = words[at - 1].stem if at else ""
    return before, words[at + 1].stem if at + 1 < len(words) else ""


def _acts(pair: Pair) -> Refusal | None:
    """Where small words alone differ, they say it all: find my phone, use my phone."""
    acts = pair.asked.lexicon.act_of
    for one in pair.differences.asked:
        for other in pair.differences.stored:
            if one.lead != other.lead or one.lead not in ACTORS:
                continue
            if _CARRYING.isdisjoint((one.form, other.form)) and not set(
                acts.get(one.form, ())
            ) & set(acts.get(other.form, ())):
                return Refusal("replaced", f"{one.form} against {other.form}")
    asked = [word for word in pair.differences.asked if word.form in acts]
    stored = [word for word in pair.differences.stored if word.form in acts]
    for one in asked:
        if any(set(acts[one.form]) & set(acts[other.form]) for other in stored):
            return None
    if asked and stored:
        return Refusal("replaced", f"{asked[0].form} against {stored[0].form}")
    return None
