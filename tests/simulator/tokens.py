"""Words to tokens and back. A token is a word of up to eight letters with the space before it, a
punctuation mark, or a white-space character; joined they give the text again."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from functools import lru_cache

VOCABULARY = 151_936
MAX_KNOWN = 200_000
PIECE = re.compile(r" ?\w{1,8}|[^\w\s]|\s")

_known: dict[int, str] = {}


@lru_cache(maxsize=4096)
def split_line(line: str) -> tuple[str, ...]:
    return tuple(PIECE.findall(line))


def split(text: str) -> list[str]:
    """No token goes beyond a line, and lines come again (system prompts, earlier turns)."""
    first, *others = text.split("\n")
    pieces = list(split_line(first))
    for line in others:
        pieces.append("\n")
        pieces += split_line(line)
    return pieces


def count(text: str) -> int:
    return len(split(text))


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
