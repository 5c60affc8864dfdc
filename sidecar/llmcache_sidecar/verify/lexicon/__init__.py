"""Words that gates go by, one module a language, and what is common to all.

Tables are data: lines of folded words (lower case, no accents). They need not be complete. A word
that no table knows is a content word, and a changed content word is refused further on; a table
only says earlier, and more surely, what a change means.
"""

from __future__ import annotations

from typing import Final

from . import de, en, es, fr, it, nl, pl, pt
from .elsewhere import ELSEWHERE
from .table import Lexicon, Question, fold, listed, spelling

__all__ = [
    "ELSEWHERE",
    "LEXICONS",
    "Lexicon",
    "Question",
    "fold",
    "language_of",
    "lexicon_of",
    "listed",
    "spelling",
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


_LETTERS: Final = {
    "\u00bf": ("es",),
    "\u00a1": ("es",),
    "\u00f1": ("es",),
    "\u00df": ("de",),
    "\u00e4": ("de",),
    "\u00f6": ("de",),
    "\u00fc": ("de",),
    "\u00e3": ("pt",),
    "\u00f5": ("pt",),
    "\u00ea": ("pt", "fr"),
    "\u00e7": ("pt", "fr"),
    "\u0153": ("fr",),
    "\u00f2": ("it",),
    "\u00ec": ("it",),
    "\u00f9": ("it", "fr"),
    "\u00e8": ("it", "fr"),
    "\u00e0": ("it", "fr"),
} | dict.fromkeys("\u0105\u0119\u0142\u0144\u015b\u017a\u017c\u0107", ("pl",))
"""What a letter speaks for, where a word speaks for it too."""
_SURE: Final = {"\u00bf": "es", "\u0142": "pl"}
"""Letters that no other language of ours has, nor any other that is often written."""
_LETTER: Final = 0.5
_FOREIGN: Final = frozenset(
    "\u011f\u015f\u0131\u00e5\u00f8\u00e6\u0151\u0171\u0111\u0103\u021b\u0219\u010d\u0161\u017e\u0159\u011b\u016f"
    "\u1ea1\u1ea3\u1ebf\u1ec1\u1ed1\u01b0\u01a1\u0101\u0113\u012b"
)
"""Letters of languages that have no tables: a word or two in common with one of ours may be chance."""
_LEAST: Final = 0.5
_LEAST_FOREIGN: Final = 1.6


def language_of(words: list[tuple[str, str]], text: str = "") -> str:
    """The language whose words most of these are; "" where none leads.

    Args:
        words: in lower case, and folded: an accent may tell two languages apart.
        text: that they were read from: letters and marks may tell where words do not.
    """
    votes = _voted(words)
    least = _LEAST
    if not text.isascii():
        letters = set(text.lower())
        least = _LEAST if letters.isdisjoint(_FOREIGN) else _LEAST_FOREIGN
        for letter in letters & _LETTERS.keys():
            for code in _LETTERS[letter]:
                if code in votes or _SURE.get(letter) == code:
                    votes[code] = votes.get(code, 0.0) + _LETTER
    if not votes:
        return ""
    best = max(votes, key=votes.__getitem__)
    lead = votes[best]
    second = max((value for code, value in votes.items() if code != best), default=0.0)
    return best if lead >= least and lead > second else ""


_WRITTEN: Final = {
    "\u00e9": (("pt", 1.0),),
    "h\u00e1": (("pt", 1.0),),
    "\u00e0s": (("pt", 1.0),),
    "\u00e8": (("it", 1.0),),
}
"""What words say whose accent alone tells them from another language's."""


def _voted(words: list[tuple[str, str]]) -> dict[str, float]:
    votes: dict[str, float] = {}
    for written, folded in words:
        for code, vote in _WRITTEN.get(written) or _VOTES.get(written) or _VOTES.get(folded, ()):
            votes[code] = votes.get(code, 0.0) + vote
    return votes


def lexicon_of(language: str) -> Lexicon:
    """The tables of a language; where it is not known, what is common to many."""
    return LEXICONS.get(language, ELSEWHERE)
