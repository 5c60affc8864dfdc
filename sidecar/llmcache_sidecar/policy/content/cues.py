"""Cues: words of many languages that hint at the same thing, and the file that lists them."""

from __future__ import annotations

from collections.abc import Mapping

from .words import features, normalise, tokens


class CueError(ValueError):
    """The file of cues can't be read; the message names the line."""


def read_cues(text: str) -> Mapping[str, str]:
    """From a feature, as `words.features` makes it, to the cue that it stands for.

    Raises `CueError`.
    """
    cues: dict[str, str] = {}
    name = ""
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            name = f"<{line[1:-1]}>"
            continue
        _, colon, phrases = line.partition(":")
        if not name or not colon:
            raise CueError(f"line {number}: not `language: phrase | phrase` under a [cue]")
        for phrase in phrases.split("|"):
            cues.setdefault(_as_feature(phrase.strip(), number), name)
    return cues


def _as_feature(phrase: str, number: int) -> str:
    if phrase.endswith("*"):
        return phrase
    words = tokens(normalise(phrase))
    made = " ".join(words)
    if made not in features(words):
        raise CueError(f"line {number}: longer than three words or characters: {phrase}")
    return made
