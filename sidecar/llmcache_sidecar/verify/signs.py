"""Signs that are no words, and that the tokens leave out: brackets, @ and #, faces, what music and
mathematics write."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from .facts import TOKENS
from .lexicon import listed

_RARE: Final = re.compile(r"[^\w\s,.?;:'\"\u2019-]|_")
"""What few questions have; all others have no sign at all."""
_FACTORIAL: Final = re.compile(r"(?<=[\d)])!(?=\s*[-+*/=^\u00d7\u00f7)]|\?)")
"""In a calculation; elsewhere a number may end a loud sentence."""
_NUMBER: Final = re.compile(r"#(?=\d)")
"""Before a number it says "number"."""
_PUNCTUATION: Final = frozenset(
    ",'\"`\u00b4\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a\u300c\u300d\u300e\u300f\u300a\u300b"
    "-\u2010\u2011\u2012\u2013\u2014\u2015\u2026\u2022\u00b7\u30fb\u00bf\u00a1\u3001\u3002\uff0c\uff01\uff1f\uff1a\uff1b\uff0e\u0964\u0965"
    "\u061f\u060c\u061b\u301c"
)
_OF_COMPUTERS: Final = frozenset("<>=&|^~*%")
"""Read on their own (`Reading.operators`)."""
BRACKETS: Final = frozenset("()[]")
"""In a sentence they change nothing, in a calculation they do."""
_SYMBOL: Final = "So"
_MODIFIER: Final = "Sk"
"""The colour of a hand."""
_OF_MUSIC: Final = frozenset(listed("\u266d \u266e"))


def signs_of(text: str) -> tuple[str, ...]:
    """The signs of a text, in order, without what ends sentences, quotes and joins words."""
    if _RARE.search(text) is None:
        return ()
    text = unicodedata.normalize("NFKC", text)
    left = [
        sign
        for sign in TOKENS.sub(" ", _NUMBER.sub("", text))
        if sign not in _PUNCTUATION
        and sign not in _OF_COMPUTERS
        and unicodedata.category(sign)[0] in "PS"
        and unicodedata.category(sign) != _MODIFIER
    ]
    return (*left, *_FACTORIAL.findall(text))


def says_something(sign: str) -> bool:
    """Whether a sign in one text only makes another question of it, as no face or trade mark does."""
    return sign in _OF_MUSIC or unicodedata.category(sign) != _SYMBOL
