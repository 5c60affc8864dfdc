"""Text to the features that the word model weighs.

Words, their beginnings (so that endings don't matter), pairs, pairs with a gap, and frames of three;
for scripts without spaces, runs of one to three characters. Nothing here knows a language.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

HEAD: Final = 240
TAIL: Final = 240
"""Characters that are looked at: people say what they want first or last. What lies between, in a
longer text, is material."""

UNSPACED: Final = "\u3040-\u30ff\u3400-\u9fff"
_TOKEN: Final = re.compile(rf"c\+\+|c#|f#|```|\"\"|[{UNSPACED}]+|[^\W_{UNSPACED}]+")
_ASCII_TOKEN: Final = re.compile(r"c\+\+|c#|f#|```|\"\"|[a-z0-9]+")
"""The same for plain text, in half the time."""
_MARK: Final = re.compile(r"[(){};=<>\"]")
_SYNTAX: Final = re.compile(
    r"\w\(\)|\w\(\w[\w.\[\]]*, ?\w|\w\(\w+\):|\]\)|\.\w+\(|=>|[=!+]=|\+\+|&&|::|-> ?\w|</\w"
    r"|;\s*(?:$|[\n}])|\{\s*(?:$|[\n\w])|\bdef \w+\(|\"\"\"|#include|\w\[\w*\]\s*[=;.)]"
)
"""Marks that stand so in source text and nowhere else; looked for where one of `_MARK` is."""
SYNTAX: Final = "<syntax>"
QUOTED: Final = '""'
"""Stands for a quotation (`material`)."""
_STEM: Final = 5
_SHORT: Final = 10


def normalise(text: str) -> str:
    """Lower case, compatible characters unified, bounded in length."""
    if len(text) > HEAD + TAIL:
        text = text[:HEAD] + " \n " + text[-TAIL:]
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return text.lower()


def tokens(normal: str) -> list[str]:
    """Words and numbers ("#"); a run of a script without spaces is one token."""
    pattern = _ASCII_TOKEN if normal.isascii() else _TOKEN
    return ["#" if token.isdecimal() else token for token in pattern.findall(normal)]


def has_syntax(normal: str) -> bool:
    """Source text of some language or other is in it."""
    return _MARK.search(normal) is not None and _SYNTAX.search(normal) is not None


def unspaced(token: str) -> bool:
    """Chinese or Japanese, where a word has no visible end."""
    return not token.isascii() and "\u3040" <= token[0] <= "\u9fff"


def count(words: list[str]) -> int:
    """How many words, two characters of a script without spaces being one."""
    return sum(len(word) // 2 + 1 if unspaced(word) else 1 for word in words)


def features(words: list[str]) -> set[str]:
    """What the text consists of, as names that the model's file holds."""
    found = {f"={min(len(words), _SHORT)}"}
    add = found.add
    before, last = "^", "^^"
    for word in words:
        if unspaced(word):
            _characters(word, found)
            before, last = last, word[-1]
            continue
        add(word)
        if len(word) > _STEM:
            add(word[:_STEM] + "*")
        pair = f"{last} {word}"
        add(pair)
        add(f"{before} {pair}")
        add(f"{before} _ {word}")
        before, last = last, word
    add(f"{last} $")
    return found


def _characters(run: str, found: set[str]) -> None:
    run = f"^{run}$"
    for size in (1, 2, 3):
        found.update([run[at : at + size] for at in range(len(run) - size + 1)])
