"""What nobody sees, and what is told along with a question: how answers are planted for others."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from ..pair import Pair
from ..reading import CONTENT, Reading
from .base import Refusal

_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
"""Controls, joiners, marks of direction, selectors, tags, private characters: a model reads them, and
whole sentences can be written in them."""
_APART: Final = re.compile("[\u0300-\u036f]")
"""Accents written behind their letter: some systems write all of theirs so, and nobody types one."""
_SENTENCES: Final = re.compile(r"(?<=[.!?\u2026\u3002\uff01\uff1f])\s+|\n+")
_TOLD: Final = 2
"""Words that say something and stand in one text only, from which on a sentence tells something."""


def hidden(pair: Pair) -> Refusal | None:
    """Characters that nobody sees are the same in both texts, or there are none."""
    one, other = pair.asked.text, pair.stored.text
    if _HIDDEN.findall(one) != _HIDDEN.findall(other):
        return Refusal("hidden", "characters that nobody sees")
    if (_APART.search(one) or _APART.search(other)) and _accented(one) != _accented(other):
        return Refusal("hidden", "a mark that stands apart from its letter")
    return None


def _accented(text: str) -> list[str]:
    """Letters with their accents, however the accents are written."""
    return sorted(
        sign for sign in unicodedata.normalize("NFC", text.casefold()) if not sign.isascii()
    )


def told(pair: Pair) -> Refusal | None:
    """A sentence beside the question, about which the other text says nothing, may be an order or a
    lie that the answer obeys."""
    for reading, other, alone in (
        (pair.stored, pair.asked, pair.differences.stored_content),
        (pair.asked, pair.stored, pair.differences.asked_content),
    ):
        if len(alone) < _TOLD:
            continue
        sentences = _SENTENCES.split(reading.text.strip())
        if len(sentences) <= len(_SENTENCES.split(other.text.strip())):
            continue
        forms = {word.form for word in alone}
        shared = {word.form for word in reading.words if word.weight >= CONTENT} - forms
        for sentence in sentences:
            words = _forms(sentence, reading)
            if len(words & forms) >= _TOLD and not words & shared:
                return Refusal("told", "a sentence beside the question")
    return None


def _forms(sentence: str, reading: Reading) -> set[str]:
    lowered = sentence.casefold()
    return {word.form for word in reading.words if word.form in lowered}
