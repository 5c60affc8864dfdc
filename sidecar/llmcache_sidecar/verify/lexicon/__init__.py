"""Words that gates go by, one module a language, and what is common to all.

Tables are data: lines of folded words (lower case, no accents). They need not be complete. A word
that no table knows is a content word, and a changed content word is refused further on; a table
only says earlier, and more surely, what a change means.
"""

from __future__ import annotations

from typing import Final

from . import de, en, es, fr, it, nl, pl, pt
from .elsewhere import ELSEWHERE
from .table import Lexicon, Question, fold, listed

__all__ = [
    "ELSEWHERE",
    "LEXICONS",
    "Lexicon",
    "Question",
    "fold",
    "language_of",
    "lexicon_of",
    "listed",
]

LEXICONS: Final[dict[str, Lexicon]] = {
    module.LEXICON.code: module.LEXICON for module in (en, de, fr, es, it, pt, nl, pl)
}

_KNOWN: Final = 0.5
"""What a word counts that is in a table, but is no small word."""


_LINKING: Final = 0.75
"""What "and" and "or" count: "o" is an article more often than it is an "or"."""


def _votes() -> dict[str, tuple[tuple[str, float], ...]]:
    """Word to what it says for each language: small words most, and the fewer share it the more."""
    votes: dict[str, dict[str, float]] = {}
    for code, lexicon in LEXICONS.items():
        for word in lexicon.vocabulary:
            votes.setdefault(word, {})[code] = _KNOWN
        for word in lexicon.markers:
            votes.setdefault(word, {})[code] = _LINKING if word in lexicon.linking else 1.0
    return {
        word: tuple((code, vote / len(codes)) for code, vote in codes.items())
        for word, codes in votes.items()
    }


_VOTES: Final = _votes()


def language_of(words: list[tuple[str, str]]) -> str:
    """The language whose words most of these are; "" where none leads.

    Args:
        words: in lower case, and folded: an accent may tell two languages apart.
    """
    votes: dict[str, float] = {}
    for written, folded in words:
        for code, vote in _VOTES.get(written) or _VOTES.get(folded, ()):
            votes[code] = votes.get(code, 0.0) + vote
    if not votes:
        return ""
    best = max(votes, key=votes.__getitem__)
    lead = votes[best]
    second = max((value for code, value in votes.items() if code != best), default=0.0)
    return best if lead >= 0.5 and lead > second else ""


def lexicon_of(language: str) -> Lexicon:
    """The tables of a language; where it is not known, what is common to many."""
    return LEXICONS.get(language, ELSEWHERE)
