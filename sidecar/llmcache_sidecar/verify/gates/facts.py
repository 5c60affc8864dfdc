"""Numbers, units, dates, identifiers and literal strings: the same, or another answer."""

from __future__ import annotations

from collections import Counter

from ..facts import Fact
from ..lexicon import fold
from ..pair import Pair
from ..reading import Reading
from .base import Refusal


def _numbers(reading: Reading) -> Counter[str]:
    return Counter(fact.value for fact in reading.facts if not fact.value.startswith("id "))


def numbers(pair: Pair) -> Refusal | None:
    """Every number and date of one text stands in the other, as often."""
    if not pair.asked.facts and not pair.stored.facts:
        return None
    asked, stored = _numbers(pair.asked), _numbers(pair.stored)
    if asked == stored:
        return None
    # "one" may be a number or a pronoun, so that it may stand for a 1 and for nothing.
    more, less = asked - stored, stored - asked
    if set(more) <= {"1"} and set(less) <= {"1"}:
        ones = pair.stored.ones if more else pair.asked.ones
        if ones:
            return None
    return Refusal("numbers", f"{_told(more)} against {_told(less)}")


def units(pair: Pair) -> Refusal | None:
    """A number that has a unit in both texts has the same one."""
    asked, stored = _units(pair.asked.facts), _units(pair.stored.facts)
    for value, unit in asked.items():
        other = stored.get(value)
        if other is not None and unit != other and unit and other:
            return Refusal(
                "units", f"{value} {'/'.join(sorted(unit))} against {'/'.join(sorted(other))}"
            )
    return _rates(pair)


def _rates(pair: Pair) -> Refusal | None:
    """Five an hour is not five a day: a unit that counts nothing, in the place of another."""
    asked, stored = (
        {word.form for word in words if not word.fact and word.form in reading.lexicon.unit_of}
        for reading, words in (
            (pair.asked, pair.differences.asked),
            (pair.stored, pair.differences.stored),
        )
    )
    if asked and stored:
        return Refusal("units", f"{min(asked)} against {min(stored)}")
    return None


def _units(facts: tuple[Fact, ...]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for value, unit in facts:
        found[value] = found.get(value, frozenset()) | ({unit} if unit else frozenset())
    return found


def identifiers(pair: Pair) -> Refusal | None:
    """Codes, versions, addresses and paths are the same."""
    asked = Counter(f.value for f in pair.asked.facts if f.value.startswith("id "))
    stored = Counter(f.value for f in pair.stored.facts if f.value.startswith("id "))
    if set(asked) == set(stored):
        return None
    return Refusal("identifiers", f"{_told(asked - stored)} against {_told(stored - asked)}")


def literals(pair: Pair) -> Refusal | None:
    """What is quoted, or handed over behind a colon, is meant to the letter."""
    asked, stored = pair.asked.literals, pair.stored.literals
    if asked == stored:
        return None
    if asked and stored:
        if set(asked) == set(stored):
            return None
        return Refusal("literals", f"{' '.join(asked[0])!r} against {' '.join(stored[0])!r}")
    # Quoted on one side: the other must hold the words all the same.
    there = _forms(pair.stored if asked else pair.asked)
    for literal in asked or stored:
        if not there.issuperset(literal):
            return Refusal("literals", f"{' '.join(literal)!r} stands on one side only")
    return None


def _forms(reading: Reading) -> frozenset[str]:
    return frozenset(fold(piece) for raw in reading.exact for piece in raw.split("'"))


def _told(counts: Counter[str]) -> str:
    return " ".join(sorted(counts)).replace("id ", "") or "nothing"
