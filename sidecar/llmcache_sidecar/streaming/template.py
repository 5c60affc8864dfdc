"""Stored answers with places for what must be new each time.

A hit is the stored answer with a new id, a new time, and new ids of its items and tool calls. The
places are found once, when the answer becomes hot; sending it again is a join of bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, NamedTuple

import orjson

from ..domain.json import Json, JsonObject


class Slot(Enum):
    """What kind of value a place takes."""

    RESPONSE_ID = auto()
    TIME = auto()  # Unix time in whole seconds
    ITEM_ID = auto()  # any other id: keeps its prefix, gets fresh random characters


@dataclass(frozen=True, slots=True)
class Place:
    """One member of a document that must be new: `holder[name]`."""

    holder: JsonObject
    name: str
    slot: Slot


class Fresh(NamedTuple):
    """The new values of one hit. A NamedTuple: cheaper to make than a frozen dataclass.

    Attributes:
        response_id: the whole id.
        time: Unix time in seconds.
        random_hex: gives that many random hexadecimal characters.
    """

    response_id: str
    time: int
    random_hex: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Template:
    """Bytes with places.

    Attributes:
        segments: the bytes between the places; one more than `order` has elements.
        order: for each place, which of `values` stands there.
        values: the distinct values: what it is, and what was there before.
        random: how many random characters its id has.
    """

    segments: tuple[bytes, ...]
    order: tuple[int, ...]
    values: tuple[tuple[Slot, str], ...]
    random: int = 32

    @property
    def nbytes(self) -> int:
        """About how much memory it takes, in bytes."""
        return sum(map(len, self.segments)) + 48 * len(self.segments) + 8 * len(self.order) + 200

    def render(self, fresh: Fresh) -> bytes:
        """The bytes with the new values in their places."""
        if not self.order:
            return self.segments[0]
        values = [_render(slot, old, fresh) for slot, old in self.values]
        parts = [b""] * (2 * len(self.order) + 1)
        parts[::2] = self.segments
        parts[1::2] = [values[index] for index in self.order]
        return b"".join(parts)


def _render(slot: Slot, old: str, fresh: Fresh) -> bytes:
    if slot is Slot.TIME:
        return b"%d" % fresh.time
    if slot is Slot.RESPONSE_ID:
        return orjson.dumps(fresh.response_id)
    return orjson.dumps(renewed(old, fresh.random_hex))


def renewed(old: str, random_hex: Callable[[int], str]) -> str:
    """`old` with everything after its prefix replaced, in the same length, so that an engine which
    checks it (Mistral's are 9 characters) takes it back; 16 fresh characters for a shorter one. An
    id that counts (`functions.NAME:0`) is no random one: the model itself reads it."""
    if _COUNTED.match(old):
        return old
    cut = max(old.rfind("_"), old.rfind("-")) + 1
    length = len(old) - cut
    return old[:cut] + random_hex(length if length >= 9 else 16)


_COUNTED: Final = re.compile(r"functions\.[^:]+:[0-9]+\Z")
_HEX: Final = frozenset("0123456789abcdef")


def random_length(old_id: str) -> int:
    """How many random characters an id of this kind has: as many as the stored one, where that was
    random; 32 otherwise."""
    cut = max(old_id.rfind("_"), old_id.rfind("-")) + 1
    random = old_id[cut:]
    return len(random) if len(random) >= 16 and _HEX.issuperset(random) else 32


class TemplateBuilder:
    """Collects pieces of an answer, documents among them, into one template.

    Args:
        nonce: text that no answer can contain, such as 16 random bytes in hex; it marks the places
            while documents are dumped.
    """

    _QUOTE: Final = b'"'

    def __init__(self, nonce: str) -> None:
        self._nonce = nonce
        self._pieces: list[bytes] = []
        self._values: dict[tuple[Slot, str], int] = {}
        self._old_id = ""

    def add_bytes(self, piece: bytes) -> None:
        """Bytes that stay as they are."""
        self._pieces.append(piece)

    def add_document(self, document: Json, places: Iterable[Place]) -> None:
        """A JSON document with its places; equal old ids get equal new ones throughout."""
        changed = []
        for place in places:
            old = place.holder[place.name]
            if place.slot is Slot.TIME:
                if type(old) is not int and type(old) is not float:
                    continue
                key: tuple[Slot, str] = (place.slot, "")
            elif type(old) is not str or not old:
                continue
            elif place.slot is Slot.RESPONSE_ID:
                key = (place.slot, "")
                self._old_id = self._old_id or old
            else:
                key = (place.slot, old)
            index = self._values.setdefault(key, len(self._values))
            place.holder[place.name] = f"{self._nonce}{index:06d}"
            changed.append((place, old))
        self._pieces.append(orjson.dumps(document))
        for place, old in changed:
            place.holder[place.name] = old

    def build(self) -> Template:
        """The template of everything added."""
        whole = b"".join(self._pieces)
        mark = self._QUOTE + self._nonce.encode()
        segments: list[bytes] = []
        order: list[int] = []
        first, *others = whole.split(mark)
        segments.append(first)
        for part in others:
            order.append(int(part[:6]))
            segments.append(part[7:])
        return Template(
            tuple(segments), tuple(order), tuple(self._values), random_length(self._old_id)
        )


def whole_template(document: JsonObject, places: Sequence[Place], nonce: str) -> Template:
    """The template of one JSON document."""
    builder = TemplateBuilder(nonce)
    builder.add_document(document, places)
    return builder.build()
