"""What must hold before one answer may stand for another, from the cheapest question up.

Each gate is a pure function from a pair to a refusal with its reason, or None. A gate knows one kind
of mistake; none of them has to know all.
"""

from __future__ import annotations

from typing import Final

from .base import Gate, Refusal
from .done import done
from .duty import duty
from .entities import kinds, names, replaced
from .facts import identifiers, literals, numbers, units
from .order import direction, order
from .persons import persons
from .planted import hidden, told
from .polarity import negation, opposites
from .roles import roles
from .scope import amounts, asks, language, tense
from .turns import bounds, operators, turns
from .verbs import verbs

__all__ = ["GATES", "Gate", "Refusal", "hidden"]

GATES: Final[tuple[tuple[str, Gate], ...]] = (
    ("language", language),
    ("numbers", numbers),
    ("units", units),
    ("identifiers", identifiers),
    ("negation", negation),
    ("opposites", opposites),
    ("amounts", amounts),
    ("question", asks),
    ("literals", literals),
    ("duty", duty),
    ("tense", tense),
    ("done", done),
    ("persons", persons),
    ("roles", roles),
    ("turns", turns),
    ("bounds", bounds),
    ("operators", operators),
    ("verbs", verbs),
    ("direction", direction),
    ("order", order),
    ("names", names),
    ("kinds", kinds),
    ("told", told),
    ("replaced", replaced),
)
"""In the order in which they are asked."""
