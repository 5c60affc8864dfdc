"""Which way a text is turned: negations and opposites."""

from __future__ import annotations

from ..pair import Pair, turned
from .base import Refusal


def negation(pair: Pair) -> Refusal | None:
    """Both texts turn their sense round equally often."""
    asked, stored = pair.asked.negations, pair.stored.negations
    if asked == stored:
        return None
    return Refusal("negation", f"{asked} against {stored}")


def opposites(pair: Pair) -> Refusal | None:
    """No word of one text stands opposite to a word of the other."""
    asked, stored = pair.asked.sides, pair.stored.sides
    both = _both_sides(asked) & _both_sides(stored)
    if asked and stored:
        asked_only = [(form, places) for form, places in asked.items() if form not in stored]
        if asked_only:
            there = {
                place: form
                for form, places in stored.items()
                if form not in asked
                for place in places
            }
            for form, places in asked_only:
                for place in places:
                    if abs(place) in both:
                        continue
                    against = there.get(-place)
                    # On the same side of another axis, the two agree there.
                    if against is not None and not set(places) & set(stored[against]):
                        return Refusal("opposites", f"{form} against {against}")
    found = turned(pair.differences.asked, pair.differences.stored)
    return Refusal("opposites", f"{found[0].form} against {found[1].form}") if found else None


def _both_sides(sides: dict[str, tuple[int, ...]]) -> set[int]:
    """Axes of which a text names both ends: "pros and cons"."""
    found = {place for places in sides.values() for place in places}
    return {abs(place) for place in found if -place in found}
