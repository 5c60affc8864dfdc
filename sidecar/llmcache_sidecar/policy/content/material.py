"""Material: the text that a prompt brings along, told from what is asked of it.

"Translate into German: cancel my order" asks for a translation, not for a cancellation. What stands
in quotation marks, or behind the colon of a task on a text, counts as one word of its own.
"""

from __future__ import annotations

import re
from typing import Final

from .words import QUOTED, UNSPACED, count, tokens

_QUOTES: Final = re.compile("[\"“„«「『'](?<!\\w')")
"""An apostrophe within a word opens none."""
_QUOTATION: Final = re.compile(
    r'"[^"]{8,}"'
    r"|[“„«][^“”„«»]{8,}[”“»]"
    r"|「[^「」]{5,}」|『[^『』]{5,}』"
    r"|(?<![\w'])'(?=\w)[^\n']*(?:(?<=\w)'(?=\w)[^\n']*)*(?<=[\w.!?])'(?!\w)"
)
_BREAK: Final = re.compile(
    r"[:\n\u2192>\u2013\u2014-]"
    rf"(?:(?<=[\n\u2192])|(?<=->)|(?<=:)(?=\s|$|[{UNSPACED}])|(?<= [-\u2013\u2014])(?= ))"
)
"""Each begins with one of a set of characters, which is what makes the search fast."""
_QUOTATION_OF: Final = 3
_ASKED_OUTSIDE: Final = 1
_MATERIAL_OF: Final = 4
_LOOKED_AT: Final = 80
_ASKED_BEFORE: Final = 4
"""Less than that asks for nothing, or is a name that is quoted. The last two are characters, the others
words."""


def without_quotations(normal: str) -> str:
    """The text with `QUOTED` for each longer quotation, unless it is nothing but a quotation."""
    if not _QUOTES.search(normal):
        return normal
    left = _QUOTATION.sub(_shortened, normal)
    if left != normal and count(tokens(left.replace(QUOTED, ""))) < _ASKED_OUTSIDE:
        return normal
    return left


def _shortened(quotation: re.Match[str]) -> str:
    whole = quotation[0]
    return f" {QUOTED} " if count(tokens(whole[1:-1])) >= _QUOTATION_OF else whole


def asked_of_material(normal: str) -> str | None:
    """What stands before the first colon, arrow or new line, if a text follows and nothing is quoted."""
    found = _BREAK.search(normal)
    if found is None or found.start() < _ASKED_BEFORE:
        return None
    asked = normal[: found.start()]
    if (
        QUOTED in asked
        or count(tokens(normal[found.end() : found.end() + _LOOKED_AT])) < _MATERIAL_OF
    ):
        return None
    return asked
