"""Phrases that say what one word says: "get in touch with", "contact"; "turn it on", "enable"."""

from __future__ import annotations

from typing import Final

from .facts import Token
from .lexicon import Lexicon
from .lexicon.table import Sense

_GAP: Final = 4
"""Words that may stand between a verb and its particle or object."""
STAYS: Final = "+"
"""Before a word of a phrase that is read on its own too: "make an +appointment" books one."""


def with_phrases(tokens: list[Token], lexicon: Lexicon) -> list[Token]:
    """The tokens, each known phrase put into its one word."""
    table, senses = lexicon.phrases_from, lexicon.senses_from
    if not table and not senses:
        return tokens
    found: list[Token] = []
    taken: set[int] = set()
    for at, token in enumerate(tokens):
        if at in taken:
            continue
        sense = _sense(tokens, at + 1, senses.get(token.form, ()))
        sense = sense or _undergone(tokens, at, lexicon)
        if sense is not None:
            taken.update(range(at + 1, at + 1 + len(sense.particles)))
            found.append(Token(sense.name, sense.name, token.first))
            continue
        for words, name in table.get(token.form, ()):
            places = _places(tokens, at + 1, words)
            if places is not None:
                taken.update(places)
                token = Token(name, name, token.first)
                break
        found.append(token)
    return found


def _sense(tokens: list[Token], begin: int, senses: tuple[Sense, ...]) -> Sense | None:
    """What the verb before `begin` says beside what stands behind it; None where nothing else."""
    for sense in senses:
        behind = begin + len(sense.particles)
        if tuple(token.form for token in tokens[begin:behind]) != sense.particles:
            continue
        for token in tokens[behind : behind + _GAP + 1]:
            if token.first:
                break
            if token.form in sense.objects:
                return sense
    return None


def _undergone(tokens: list[Token], at: int, lexicon: Lexicon) -> Sense | None:
    """The same for what an object before it undergoes: "the filter needs to be changed"; and where
    verbs stand last, for any object: "wie kann ich Sie erreichen"."""
    senses = lexicon.undergone_from.get(tokens[at].form)
    if not senses or not at:
        return None
    undergoing = lexicon.undergoing_words
    if undergoing and tokens[at - 1].form not in undergoing:
        return None
    for token in reversed(tokens[max(0, at - _GAP - 2) : at]):
        for sense in senses:
            if token.form in sense.objects:
                return sense
        if token.first:
            break
    return None


def _places(tokens: list[Token], begin: int, words: tuple[str, ...]) -> list[int] | None:
    """Which of the words behind a phrase's first belong to it; None where it does not stand here."""
    gap = words[0] == "~"
    rest = words[gap:]
    plain = tuple(word.lstrip(STAYS) for word in rest)
    for start in range(begin + 1, begin + _GAP + 1) if gap else (begin,):
        end = start + len(rest)
        if end > len(tokens) or any(token.first for token in tokens[begin:end]):
            return None
        if tuple(token.form for token in tokens[start:end]) == plain:
            return [start + at for at, word in enumerate(rest) if word[0] != STAYS]
    return None
