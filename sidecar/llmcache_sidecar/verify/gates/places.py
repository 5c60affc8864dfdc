"""What a preposition says: calls to a country, in it and from it; to buy a card, to buy with a card."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from ..frames import SENT
from ..lexicon import listed
from ..pair import Pair
from ..reading import ACTORS, Reading, Word

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


_AT: Final = frozenset({"at", "in", "on", "inside"})
_NEVER_FOR: Final = {
    "near": _AT,
    "by": frozenset({"to"}),
    "before": frozenset({"of", "for", "with", *_AT}),
    "after": frozenset({"of", "for", "with", *_AT}),
}
"""Prepositions, and those that say another thing before the same word."""
_ASKERS: Final = frozenset({"i", "we", "you"})
_TOGETHER: Final = (
    *listed(
        "meet met consult help speak talk deal sync connect pair link integrat regist start begin"
    ),
    *listed("sprech red verb helf aid parl habl ayud aiut"),
)
"""How verbs begin that say the same with and without "with"."""


_DETERMINERS: Final = frozenset(
    listed(
        "a an the my our your this ein eine einen einem einer der die das den dem mein meine meinen "
        "meinem meiner un une le la les mon ma mes una el los las mi mis il lo i gli mio mia um uma o "
        "os as meu minha een de het mijn"
    )
)


def another_way(pair: Pair) -> str:
    """The place that one text goes to and the other is in, comes from, or does something to."""
    code, places = pair.asked.tables, pair.asked.lexicon.places
    if code != pair.stored.tables or not places.to:
        return ""
    for one, other in pair.both_ways:
        there = {word.stem: word for word in other.words}
        for word in one.words:
            same = there.get(word.stem)
            if same is None or word.lead == same.lead or word.fact:
                continue
            place = code != "en" or word.name or same.name
            within = place and word.lead in places.to and same.lead in places.inside
            if within and not (_goes_there(one) or _goes_there(other)):
                return word.form
            if (
                word.lead in places.away
                and same.lead in places.inside
                and not _takes_out(one, other)
            ):
                return word.form
        if code == "en":
            bare = _without_from(one, other) or _for_or_from(one, other)
            bare = bare or _with_it(one, other) or _elsewhere(one, other)
            if bare:
                return bare
        means = _without_with(one, other)
        if means:
            return means
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


def _for_or_from(one: Reading, other: Reading) -> str:
    """A visa for Japan, and one from there."""
    leads = {word.stem: word.lead for word in other.words if word.name}
    return next(
        (word.form for word in one.words if word.lead == "from" and leads.get(word.stem) == "for"),
        "",
    )


def _elsewhere(one: Reading, other: Reading) -> str:
    """A hotel near the beach, and one on it; by courier, to the courier; before the tour, part of it."""
    leads = {word.stem: word.lead for word in other.words}
    for word in one.words:
        if leads.get(word.stem) in _NEVER_FOR.get(word.lead, ()):
            return word.form
    return ""


def _with_it(one: Reading, other: Reading) -> str:
    """What somebody comes back with, and what comes back itself: "can the flu come back"."""
    first = other.words[0] if other.words else None
    if first is None or first.form not in other.forms[1:3] or _ASKERS.isdisjoint(one.forms[:3]):
        return ""
    acts = other.forms[0] in other.lexicon.opening and _ASKERS.isdisjoint(other.forms)
    behind = {word.stem for word in one.words if word.lead == "with"}
    return first.form if acts and first.stem in behind else ""


def _without_with(one: Reading, other: Reading) -> str:
    """What one pays with, and the other pays: "buy with a gift card", "buy a gift card"."""
    bound = one.lexicon.places.means
    means = {
        (deed.stem, thing.stem): thing.form
        for deed, thing in _done_to(one)
        if thing.lead in bound and not thing.fact and not deed.form.startswith(_TOGETHER)
    }
    for deed, thing in _done_to(other) if means else ():
        # "Pay PayPal" is carelessly written, "pay a card" is not.
        whole = thing.lead in _DETERMINERS or (not thing.lead and _is_plural(thing, other))
        if whole and (deed.stem, thing.stem) in means:
            return means[deed.stem, thing.stem]
    return ""


def _done_to(reading: Reading) -> Iterator[tuple[Word, Word]]:
    """Neighbours of which the first may be done to the second, or the other way round where verbs
    stand last."""
    for before, after in pairwise(reading.words):
        yield (after, before) if reading.lexicon.verbs_last else (before, after)


def _is_plural(word: Word, reading: Reading) -> bool:
    return reading.tables == "en" and word.form.endswith("s")
