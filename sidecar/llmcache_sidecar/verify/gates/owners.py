"""Who owns it, and who does it, change places: my boss reads my mail, I read my boss's mail."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from ..lexicon import listed
from ..pair import Pair
from ..reading import Reading

_MINE: Final = frozenset(
    listed(
        "my our your mein meine meinen meinem meiner unser unsere unseren mon ma mes notre nos mi "
        "mis nuestro nuestra mio mia miei mie nostro nostra meu minha meus minhas mijn onze ons "
        "moj moja moje mojego mojej"
    )
)
_PLURAL_OWNER: Final = re.compile(r"(\w+s)['\u2019](?!\w)")


def exchanged_owner(pair: Pair) -> bool:
    """Whether a thing is mine and its owner acts in one text, and is the owner's in the other."""
    if all(_MINE.isdisjoint(reading.forms) for reading in (pair.asked, pair.stored)):
        return False
    # "Vermieters" and "Vermieter" are one, and the tables have one name for neither.
    differences = pair.differences
    partners = (*differences.near, *differences.akin)
    same = {one.stem: other.stem for one, other in partners}
    same |= {other.stem: one.stem for one, other in partners}
    return any(_is_exchanged(one, other, same) for one, other in pair.both_ways)


def _is_exchanged(one: Reading, other: Reading, same: dict[str, str]) -> bool:
    mine = _mine(other)
    if not mine:
        return False
    stems = [word.stem for word in other.words]
    owned = {
        tuple(stem if stem in stems else same.get(stem, stem) for stem in both)
        for both in _owned(one)
    }
    owned = {(thing, owner) for thing, owner in owned if thing in mine}
    if not owned:
        return False
    theirs = _owned(other) | _beside(other)
    openers = other.lexicon.phrase_openers
    acting = {word.stem for word in other.words if word.lead not in openers}
    return any(
        owner in acting and (thing, owner) not in theirs and stems.index(owner) < stems.index(thing)
        for thing, owner in owned
    )


def _mine(reading: Reading) -> set[str]:
    """What is the asker's."""
    stem_of = {word.form: word.stem for word in reading.words}
    return {
        stem_of[thing]
        for whose, thing in pairwise(reading.forms)
        if whose in _MINE and thing in stem_of
    }


def _owned(reading: Reading) -> set[tuple[str, str]]:
    """Things and their owners: "my boss's mail", "the mail of my boss"."""
    stem_of = {word.form: word.stem for word in reading.words}
    of = reading.lexicon.owned_by
    found: set[tuple[str, str]] = set()
    plural = set(_PLURAL_OWNER.findall(reading.text.lower()))
    owner = ""
    thing = ""
    joined = False
    for before, form in zip(("", *reading.forms), reading.forms, strict=False):
        stem = stem_of.get(form)
        if stem is None:
            joined = (joined or form in of) and thing != ""
            continue
        if reading.tables == "en" and owner and (before == "s" or before in plural):
            found.add((stem, owner))
        elif joined and stem != thing:
            found.add((thing, stem))
        owner = thing = stem
        joined = False
    return found


def _beside(reading: Reading) -> set[tuple[str, str]]:
    """Neighbours, of which the first may own the second: "company mail"."""
    return {(thing.stem, owner.stem) for owner, thing in pairwise(reading.words) if not thing.lead}
