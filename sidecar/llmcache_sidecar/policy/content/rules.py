"""The lexical rules: which cues together say enough, whatever the language.

A rule is a row: the class, the name that the reason shows, cues that must all be there, cues of
which one must be there, and cues that forbid it. "What is an exchange rate" is a definition, "how do
I see my balance" a procedure: both have one answer for everybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .classes import ContentClass


@dataclass(frozen=True, slots=True)
class LexicalRule:
    """One row. Cues are named as in cues.txt, in angle brackets."""

    content_class: ContentClass
    name: str
    all_of: frozenset[str]
    any_of: frozenset[str] = frozenset()
    none_of: frozenset[str] = frozenset()

    def applies(self, cues: frozenset[str]) -> bool:
        """Whether a text with these cues belongs to the class."""
        return (
            self.all_of <= cues
            and (not self.any_of or not self.any_of.isdisjoint(cues))
            and self.none_of.isdisjoint(cues)
        )


def _cues(*names: str) -> frozenset[str]:
    return frozenset(f"<{name}>" for name in names)


_DEFINED: Final = _cues("define")
_EXPLAINED: Final = _cues("define", "procedure")
RULES: Final[tuple[LexicalRule, ...]] = (
    LexicalRule(ContentClass.PERSONAL, "state", _cues("my", "thing", "past"), none_of=_EXPLAINED),
    LexicalRule(
        ContentClass.TEMPORAL,
        "now",
        _cues("now"),
        any_of=_cues("news", "weather", "open", "clock"),
        none_of=_EXPLAINED | _cues("art"),
    ),
    LexicalRule(ContentClass.TEMPORAL, "clock", _cues("clock"), none_of=_EXPLAINED),
    LexicalRule(ContentClass.FINANCIAL, "rate", _cues("rate"), none_of=_DEFINED),
    LexicalRule(ContentClass.FINANCIAL, "market", _cues("market", "price"), none_of=_EXPLAINED),
    LexicalRule(ContentClass.FINANCIAL, "balance", _cues("my", "balance"), none_of=_EXPLAINED),
    LexicalRule(ContentClass.CODE, "failure", _cues("failure", "code"), none_of=_DEFINED),
    LexicalRule(
        ContentClass.CODE, "make", _cues("make", "code"), none_of=_EXPLAINED | _cues("art", "thing")
    ),
    LexicalRule(
        ContentClass.RANDOM, "draw", _cues("draw"), none_of=_EXPLAINED | _cues("thing", "chance")
    ),
)
"""In the order of the classes."""
