"""A JSON parser that refuses what it can't hold losslessly.

A body that means something else to us than to the engine must never be given a key: duplicate
members, integers over 64 bits, NaN, lone surrogates, invalid UTF-8. Such a body is forwarded as it
came and not cached.
"""

from __future__ import annotations

import json
from typing import Any

import orjson

from ..domain.json import JsonObject

_DIGITS_TO_ZERO = bytes(48 if 48 <= byte < 58 else byte for byte in range(256))
_LONG_NUMBER = b"0" * 19
_INT64_MIN, _UINT64_MAX = -(2**63), 2**64 - 1


class Unparsable(ValueError):
    """The body is no JSON object that we can hold losslessly; the message says why."""


def parse_object(raw: bytes) -> JsonObject:
    """Parse `raw` as one JSON object, or raise `Unparsable`.

    The usual body costs one parse, one dump and a few scans. orjson keeps the last of duplicate
    members and turns large integers into floats without a word; both change what a body means, so
    both are looked for: a duplicate leaves fewer colons in the dump than in the source, and a large
    integer leaves nineteen digits in a row. Only when one of these signs shows is the body parsed a
    second time, exactly.
    """
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Unparsable(str(error)) from None
    if type(body) is not dict:
        raise Unparsable("the body is no JSON object")
    try:
        # One level deeper than the body itself, as the key will dump it.
        dumped = orjson.dumps((body,))
    except orjson.JSONEncodeError as error:
        raise Unparsable(f"the body can't be written again: {error}") from None
    if (
        raw.count(b":") != dumped.count(b":")
        # An escaped colon in the source could hide a duplicate's surplus colon.
        or b"\\u003" in raw
        or _LONG_NUMBER in raw.translate(_DIGITS_TO_ZERO)
    ):
        _check_exactly(raw)
    return body


def _check_exactly(raw: bytes) -> None:
    def integer(digits: str) -> int:
        # A number of thousands of digits is refused before int() spends time on it.
        if len(digits) > 20 or not _INT64_MIN <= int(digits) <= _UINT64_MAX:
            raise Unparsable("an integer has more than 64 bits")
        return int(digits)

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        document = dict(pairs)
        if len(document) != len(pairs):
            raise Unparsable("an object names a member twice")
        return document

    try:
        json.loads(raw, parse_int=integer, object_pairs_hook=members)
    except Unparsable:
        raise
    except (ValueError, RecursionError) as error:
        raise Unparsable(str(error)) from None
