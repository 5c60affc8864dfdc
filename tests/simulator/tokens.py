"""Words to tokens and back. A token is a word of up to eight letters with the space before it, a
punctuation mark, or a white-space character; joined they give the text again."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable

VOCABULARY = 151_936
MAX_KNOWN = 200_000
PIECE = re.compile(r" ?\w{1,8}|[^\w\s]|\s")

_known: dict[int, str] = {}


def split(text: str) -> list[str]:
    return PIECE.findall(text)


def count(text: str) -> int:
    return len(PIECE.findall(text))


def identify(pieces: Iterable[str]) -> list[int]:
    """Stable ids, the same in every process; remembered so that they can be turned back."""
    ids = []
    for piece in pieces:
        number = zlib.crc32(piece.encode()) % VOCABULARY
        if len(_known) < MAX_KNOWN:
            _known[number] = piece
        ids.append(number)
    return ids


def join(ids: Iterable[int]) -> str:
    """The text of ids that ``identify`` gave out; others read as a replacement character."""
    return "".join(_known.get(number, "\ufffd") for number in ids)
