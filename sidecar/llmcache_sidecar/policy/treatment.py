"""What becomes of a request by the classes that its question belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from .request_rules import Level


class Treatment(IntEnum):
    """How requests of a class are treated, from the most to the least lenient."""

    CACHE = 0
    SHORT_TTL = 1
    EXACT_ONLY = 2
    BYPASS = 3


@dataclass(frozen=True, slots=True)
class Treatments:
    """The treatment of every class.

    Attributes:
        by_class: a class that is not in here is cached.
        short_ttl: seconds, for SHORT_TTL.
    """

    by_class: Mapping[str, Treatment] = field(default_factory=dict)
    short_ttl: float = 60.0

    @property
    def watched(self) -> frozenset[str]:
        """The classes that make a difference."""
        return frozenset(n for n, t in self.by_class.items() if t is not Treatment.CACHE)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the classes say of one request.

    Attributes:
        level: how far it may go.
        longest: how long its answer may be served, in seconds; None when nothing shortens it.
        details: the classes that keep it out of the cache, in lower case.
    """

    level: Level = Level.ALL
    longest: float | None = None
    details: tuple[str, ...] = ()


FREE = Ruling()


def rule(classes: Iterable[str], treatments: Treatments) -> Ruling:
    """The strictest treatment decides; a shorter life holds beside EXACT_ONLY."""
    level = Level.ALL
    longest = None
    details: list[str] = []
    for name in classes:
        match treatments.by_class.get(name, Treatment.CACHE):
            case Treatment.BYPASS:
                details.append(name.lower())
            case Treatment.EXACT_ONLY:
                level = Level.EXACT
            case Treatment.SHORT_TTL:
                longest = treatments.short_ttl
            case Treatment.CACHE:
                pass
    if details:
        return Ruling(Level.NONE, None, tuple(details))
    return Ruling(level, longest) if level is not Level.ALL or longest is not None else FREE
