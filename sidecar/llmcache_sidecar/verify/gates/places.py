"""Calls to a country, calls in it, and calls from it: what a preposition before a place says."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from ..frames import SENT
from ..lexicon import listed
from ..pair import Pair
from ..reading import ACTORS, Reading

_TO: Final = {
    "en": frozenset({"to", "into"}),
    "de": frozenset({"nach"}),
    "fr": frozenset({"vers"}),
    "es": frozenset({"a", "hacia"}),
    "it": frozenset({"verso"}),
    "pt": frozenset({"para"}),
    "nl": frozenset({"naar"}),
}
_IN: Final = {
    "en": frozenset({"in", "within", "inside"}),
    "de": frozenset({"in", "innerhalb"}),
    "fr": frozenset({"en", "dans"}),
    "es": frozenset({"en"}),
    "it": frozenset({"in"}),
    "pt": frozenset({"em", "no", "na"}),
    "nl": frozenset({"in", "binnen"}),
}
_FROM: Final = {
    "en": frozenset({"from"}),
    "de": frozenset({"aus"}),
    "fr": frozenset({"depuis"}),
    "es": frozenset({"desde"}),
    "it": frozenset({"da", "dal", "dalla", "dallo", "dall", "dalle", "dagli"}),
    "pt": frozenset({"desde"}),
    "nl": frozenset({"vanuit", "vanaf"}),
}
_THERE_AND_BACK: Final = (
    *SENT,
    *listed(
        "travel trip visit visa vaccin vacation holiday mov relocat emigr reis urlaub visum impf "
        "umzieh voyag vacances demenag viaj viag vacacion vacanz mudar vakantie verhui ferie"
    ),
)
"""How words begin beside which it is one thing to go to a place and to be there."""
_TAKING: Final = tuple(listed("sav download delet remov copy export extract print order buy"))
"""How verbs begin that say the same of what is in something, and of what is taken from it."""
_CALLING: Final = frozenset(listed("call phone ring text email write contact fax"))
"""Verbs that mean whom is called or written to, name or not."""
_LEAVING: Final = frozenset(
    listed(
        "exit escape resign graduate unsubscribe withdraw disconnect retire quit uninstall remove "
        "delete log logout"
    )
)
"""Verbs that say the same with and without "from"."""


def another_way(pair: Pair) -> str:
    """The place that one text goes to and the other is in, comes from, or does something to."""
    code = pair.asked.tables
    if code != pair.stored.tables or code not in _TO:
        return ""
    for one, other in pair.both_ways:
        there = {word.stem: word for word in other.words}
        for word in one.words:
            same = there.get(word.stem)
            if same is None or word.lead == same.lead or word.fact:
                continue
            place = code != "en" or word.name or same.name
            within = place and word.lead in _TO[code] and same.lead in _IN[code]
            if within and not (_goes_there(one) or _goes_there(other)):
                return word.form
            if word.lead in _FROM[code] and same.lead in _IN[code] and not _takes_out(one, other):
                return word.form
        if code == "en":
            bare = _without_from(one, other)
            if bare:
                return bare
    return ""


def _goes_there(reading: Reading) -> bool:
    return any(word.form.startswith(_THERE_AND_BACK) for word in reading.words)


def _takes_out(*readings: Reading) -> bool:
    return any(word.form.startswith(_TAKING) for r in readings for word in r.words)


def _without_from(one: Reading, other: Reading) -> str:
    """A place that one calls from, and the other calls: "call from Turkey", "call Turkey"."""
    done = {
        (deed.stem, place.stem)
        for deed, place in pairwise(other.words)
        if deed.lead in ACTORS and ((place.name and not place.lead) or deed.form in _CALLING)
    }
    for deed, place in pairwise(one.words):
        if place.lead == "from" and (deed.stem, place.stem) in done and deed.form not in _LEAVING:
            return place.form
    return ""
