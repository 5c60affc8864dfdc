"""What chat and completions streams share: chunks with choices, a usage chunk, `[DONE]`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import orjson

from ..domain.json import Json, JsonObject
from ..streaming.template import Place, Slot

DONE_EVENT = b"data: [DONE]\n\n"


def data_event(document: JsonObject) -> bytes:
    """One unnamed event."""
    return b"data: " + orjson.dumps(document) + b"\n\n"


def head_places(document: JsonObject) -> list[Place]:
    """The id and the time at the top of a document."""
    return [
        Place(document, name, slot)
        for name, slot in (("id", Slot.RESPONSE_ID), ("created", Slot.TIME))
        if name in document
    ]


def is_usage_chunk(chunk: JsonObject) -> bool:
    """The extra chunk at the end: usage, and no choices."""
    return chunk.get("choices") == [] and type(chunk.get("usage")) is dict


def merge_top(chunks: Sequence[JsonObject], object_name: str) -> JsonObject:
    """The members above the choices: the first word on each, but the last on usage."""
    answer: JsonObject = {}
    for chunk in chunks:
        for name, value in chunk.items():
            if name not in ("choices", "usage") and answer.get(name) is None:
                answer[name] = value
        if chunk.get("usage") is not None:
            answer["usage"] = whole_usage(chunk["usage"])
    answer["object"] = object_name
    return answer


_USAGE_PARTS: Final = {
    "prompt_tokens_details": ("cached_tokens", "created_cache_tokens", "multimodal_tokens"),
    "completion_tokens_details": ("reasoning_tokens",),
}


def whole_usage(usage: JsonObject) -> JsonObject:
    """A stream's usage as a whole answer tells it: with the nulls that a stream leaves out."""
    result = dict(usage)
    for name, members in _USAGE_PARTS.items():
        part = result.setdefault(name, None)
        if type(part) is dict:
            result[name] = in_order(part, members, members)
    return result


def stream_usage(usage: Json) -> Json:
    """A whole answer's usage as a stream tells it: without nulls."""
    if type(usage) is not dict:
        return usage
    return {name: stream_usage(value) for name, value in usage.items() if value is not None}


def whole_stream(chunks: Sequence[JsonObject]) -> bool:
    """Chunks only, none an error, and the usage chunk among them, which comes after everything else
    (the sidecar always asks for it). Usage in the other chunks says nothing of the end."""
    return (
        bool(chunks)
        and all("error" not in c and type(c.get("choices")) is list for c in chunks)
        and any(is_usage_chunk(c) for c in chunks)
    )


def in_order(members: JsonObject, order: Sequence[str], defaults: Collection[str]) -> JsonObject:
    """`members` in the engine's order, unknown ones last, with null for the `defaults` missing."""
    result: JsonObject = {}
    for name in order:
        if name in members:
            result[name] = members[name]
        elif name in defaults:
            result[name] = None
    result.update((name, value) for name, value in members.items() if name not in result)
    return result


def merge_delta(target: JsonObject, delta: JsonObject, skip: Sequence[str] = ()) -> None:
    """Add one delta of a message to what has come so far."""
    for name, value in delta.items():
        if name not in skip and value is not None:
            grow(target, name, value)


def grow(target: JsonObject, name: str, value: Json) -> None:
    """Add one part of a growing member: texts and lists are joined, objects member by member,
    anything else (and what names a thing rather than growing) is replaced."""
    old: Json = target.get(name)
    if name in _NAMES:
        target[name] = value
    elif type(value) in (str, list) and type(old) is type(value):
        target[name] = old + value
    elif type(old) is dict and type(value) is dict:
        merged = dict(old)
        for inner, part in value.items():
            if part is not None:
                grow(merged, inner, part)
        target[name] = merged
    else:
        target[name] = value


_NAMES: Final = frozenset({"role", "finish_reason", "stop_reason", "id", "type", "name"})
