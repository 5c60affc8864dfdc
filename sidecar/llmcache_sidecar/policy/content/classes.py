"""The classes of prompts that a cache has to treat with care, and what is found of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias


class ContentClass(StrEnum):
    """Why an answer may not stand for the next one, in the order in which reasons are told."""

    PERSONAL = "Personal"
    """It differs per user: where is my parcel."""
    TEMPORAL = "Temporal"
    """It depends on when it is asked: is the store open now."""
    FINANCIAL = "Financial"
    """Rates, prices, balances, quotes: they move."""
    CODE = "Code"
    """Code is to be written, changed or repaired."""
    ACTION = "Action"
    """Something is to be done: set an alarm."""
    RANDOM = "Random"
    """Another draw is wanted each time: roll a die, tell me a joke."""
    CONTEXTUAL = "Contextual"
    """A reply without a meaning of its own: yes, the second one, why?"""
    CREATIVE = "Creative"
    """Something new is wanted: a poem, ten names for a café."""


CACHEABLE: Final = "cacheable"
"""The name, in the files of phrases, of what has one answer for everybody."""

ClassName: TypeAlias = ContentClass | str
"""One of ours, or the name of a class of the user's own."""


@dataclass(frozen=True, slots=True)
class ContentFinding:
    """One class that a text belongs to.

    Attributes:
        content_class: a `ContentClass`, or the name of a user's own class.
        reason: machine readable, never the text: `lexical:balance` (the rule that fired),
            `phrases:0.93` (the probability by words), `examples:0.83` (by meaning).
    """

    content_class: ClassName
    reason: str
