"""Phrases that say what one word says: "get in touch with", "contact"; "turn it on", "enable"."""

from __future__ import annotations

from typing import Final

from .facts import Token
from .lexicon import Lexicon

_GAP: Final = 4
"""Words that may stand between a verb and its particle."""


def with_phrases(tokens: list[Token], lexicon: Lexicon) -> list[Token]:
    """The tokens, each known phrase put into its one word."""
    table = lexicon.phrases_from
    if not table:
        return tokens
    found: list[Token] = []
    taken: set[int] = set()
    for at, token in enumerate(tokens):
        if at in taken:
            continue
        for words, name in table.get(token.form, ()):
            places = _places(tokens, at + 1, words)
            if places is not None:
                taken.update(places)
                token = Token(name, name, token.first)
                break
        found.append(token)
    return found


def _places(tokens: list[Token], begin: int, words: tuple[str, ...]) -> range | None:
    """Where the rest of a phrase stands behind its first word; None where it does not."""
    gap = words[0] == "~"
    rest = words[gap:]
    for start in range(begin + 1, begin + _GAP + 1) if gap else (begin,):
        end = start + len(rest)
        if end > len(tokens) or any(token.first for token in tokens[begin:end]):
            return None
        if tuple(token.form for token in tokens[start:end]) == rest:
            return range(start, end)
    return None
