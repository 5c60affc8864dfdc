"""Slips of the pen in words that tables know: "waht" is "what", "teh" is "the".

Neighbours that changed places, in a word that no table knows, where one known word alone comes of
it. What is a word of its own is left alone (`Lexicon.lookalikes`), and so is what names something.
An accent that was left out is none, but for the words of a table (`Lexicon.accents`).
"""

from __future__ import annotations

from typing import Final

from .facts import Token
from .lexicon import Lexicon, spelling

_LEAST: Final = 4
_LEAST_EMPTY: Final = 3
"""Letters of a word of content, and of one that carries none."""
_MOST: Final = 14


def without_slips(tokens: list[Token], lexicon: Lexicon) -> list[Token]:
    """The tokens, each slip put right."""
    if not lexicon.known_words:
        return tokens
    return [_put_right(token, lexicon) for token in tokens]


def with_accents(tokens: list[Token], lexicon: Lexicon) -> list[Token]:
    """The tokens, each word that only an accent tells from another with that accent."""
    accented = lexicon.accented
    if not accented:
        return tokens
    return [
        token if meant is None else token._replace(form=meant)
        for token, meant in ((token, accented.get(spelling(token.raw))) for token in tokens)
    ]


def _put_right(token: Token, lexicon: Lexicon) -> Token:
    form = token.form
    known = lexicon.known_words
    if form in known or not _LEAST_EMPTY <= len(form) <= _MOST or form in lexicon.own_words:
        return token
    if not form.isascii() or not form.isalpha() or _may_name(token):
        return token
    meant = {other for other in _exchanged(form) if other in known and _is_long(other, lexicon)}
    return token._replace(form=meant.pop()) if len(meant) == 1 else token


def _may_name(token: Token) -> bool:
    """Whether its capitals may say that it is a name or an abbreviation."""
    raw = token.raw
    return raw[:1].isupper() and (not token.first or raw.isupper())


def _is_long(word: str, lexicon: Lexicon) -> bool:
    return len(word) >= _LEAST or word in lexicon.empty_words


def _exchanged(form: str) -> list[str]:
    """All that come of two neighbours that change places."""
    return [
        form[:at] + form[at + 1] + form[at] + form[at + 2 :]
        for at in range(len(form) - 1)
        if form[at] != form[at + 1]
    ]
