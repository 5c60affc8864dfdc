"""Whether two answers say the same.

Certain where an answer is a label, a number, a tool call or a JSON document: such answers are equal or
they are not. Free text is open: it is compared by the embedding model and the gates that know facts,
which say "the same", "something else", or that they can't tell.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Final

from ..apis.saying import Said
from ..verify.gates.facts import identifiers, numbers, units
from ..verify.gates.polarity import negation, opposites
from ..verify.pair import Pair
from ..verify.reading import read
from .verdicts import Agreement

_LABEL_WORDS: Final = 4
_LABEL_LENGTH: Final = 40
_SHORT_WORDS: Final = 25
"""Up to here one sentence more or less turned round is the whole answer."""
_FAR: Final = 0.25
"""So far below the threshold of the same question, two texts are about different things."""
_FENCE: Final = re.compile(r"\A```[a-zA-Z]*\n(.*?)\n?```\Z", re.DOTALL)
_EDGES: Final = " \t\r\n.!*_\"'`\u3002\uff0e\uff61\uff01\u300c\u300d\u300e\u300f\u201c\u201d"
"""What may stand around a label; stops, marks and quotes of scripts without spaces too."""
_SIGNS: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")
"""Of scripts without spaces, as in `verify.facts.TOKENS`."""
_SIGN_WORDS: Final = re.compile(r"[\u30a0-\u30ff]+|[\u3040-\u309f\u3400-\u9fff\u0e01-\u0e2e]")
"""What counts as one word of a label there: a run of katakana, another kana or Han sign, a Thai
consonant."""
_DIGITS: Final = re.compile(r"\d+(?:[.,:/-]\d+)*")


@dataclass(frozen=True, slots=True)
class OpenTexts:
    """Pairs of free texts: the answers agree if both of every pair do."""

    pairs: tuple[tuple[str, str], ...]


def compare(one: Said, other: Said) -> Agreement | OpenTexts:
    """Compare two answers as far as that is certain."""
    if len(one.texts) != len(other.texts) or one.calls != other.calls:
        return False
    pairs: list[tuple[str, str]] = []
    for text, against in zip(one.texts, other.texts, strict=True):
        found = _compare_texts(text, against)
        if found is False:
            return False
        if found is not True:
            pairs += found
    return OpenTexts(tuple(pairs)) if pairs else True


def _compare_texts(one: str, other: str) -> bool | list[tuple[str, str]]:
    one, other = _unfenced(one), _unfenced(other)
    plain, against = _plain(one), _plain(other)
    if plain == against:
        return True
    document, counterpart = _json(one), _json(other)
    if (document is None) != (counterpart is None):
        return False
    if document is not None:
        pairs: list[tuple[str, str]] = []
        try:
            return (pairs or True) if _same_shape(document, counterpart, pairs) else False
        except RecursionError:
            return [(one, other)]
    if _is_label(plain) and _is_label(against):
        return False
    return [(one, other)]


def _same_shape(one: Any, other: Any, pairs: list[tuple[str, str]]) -> bool:
    """Equal but for free texts, which are put into `pairs`."""
    if isinstance(one, str) and isinstance(other, str):
        plain, against = _plain(one), _plain(other)
        if plain != against:
            if _is_label(plain) or _is_label(against):
                return False
            pairs.append((one, other))
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(
            _same_shape(value, other[name], pairs) for name, value in one.items()
        )
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(
            _same_shape(*both, pairs) for both in zip(one, other, strict=True)
        )
    return type(one) is type(other) and bool(one == other)


def _json(text: str) -> Any:
    """The document that a text is; None where it is none, or nested too deep to be read. A plain number
    or word is a label."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _unfenced(text: str) -> str:
    match = _FENCE.match(text.strip())
    return match[1] if match else text


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).strip(_EDGES)


def _is_label(plain: str) -> bool:
    words = len(_SIGN_WORDS.findall(plain)) + len(_SIGNS.sub(" ", plain).split())
    return len(plain) <= _LABEL_LENGTH and words <= _LABEL_WORDS


def _is_unspaced(text: str) -> bool:
    return 2 * len(_SIGNS.findall(text)) > len("".join(text.split()))


def by_meaning(one: str, other: str, similarity: float, threshold: float) -> Agreement:
    """Compare two free texts.

    Args:
        similarity: the cosine of their vectors.
        threshold: from which cosine on the model takes two questions for the same.
    """
    if similarity < threshold - _FAR:
        return False
    if _is_unspaced(one) or _is_unspaced(other):
        return _without_spaces(one, other)
    pair = Pair(read(one), read(other), similarity, threshold)
    if any(gate(pair) is not None for gate in (numbers, units, identifiers)):
        values = {fact.value for fact in pair.asked.facts}
        against = {fact.value for fact in pair.stored.facts}
        # Each says what the other does not: they contradict. One that says more may be the same.
        return False if values - against and against - values else None
    if any(gate(pair) is not None for gate in (negation, opposites)):
        short = max(len(one.split()), len(other.split())) <= _SHORT_WORDS
        return False if short else None
    return True if similarity >= threshold else None


def _without_spaces(one: str, other: str) -> Agreement:
    """Of two texts that are not far apart: no table reads them, and a model that doesn't either finds
    "on" and "off" equal. Their numbers alone are certain."""
    values, against = (
        set(_DIGITS.findall(unicodedata.normalize("NFKC", text))) for text in (one, other)
    )
    return False if values - against and against - values else None
