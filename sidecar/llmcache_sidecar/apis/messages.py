"""POST /v1/messages (the Anthropic Messages API)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

import orjson

from ..domain.answer import Finish, Usage
from ..domain.api import Api
from ..domain.json import JsonObject
from ..domain.request import RequestFacts
from ..streaming.template import Place, Slot
from .dialect import Dialect, count, dicts, pieces

_NATURAL: Final = ("end_turn", "stop_sequence", "tool_use")
_DELTA_OF: Final = {
    "text_delta": ("text", "text"),
    "thinking_delta": ("thinking", "thinking"),
    "signature_delta": ("signature", "signature"),
}
"""Kind of delta: (its member, the block's member that it grows)."""


def named_event(document: JsonObject) -> bytes:
    """One event with its name, which is the document's type."""
    return b"event: %s\ndata: %s\n\n" % (document["type"].encode(), orjson.dumps(document))


def _places(document: JsonObject) -> list[Place]:
    message = document.get("message") if document.get("type") == "message_start" else document
    places = []
    if type(message) is dict and message.get("type") == "message" and "id" in message:
        places.append(Place(message, "id", Slot.RESPONSE_ID))
    block = document.get("content_block")
    parts = [*dicts(document.get("content")), *([block] if type(block) is dict else [])]
    places += [
        Place(part, "id", Slot.ITEM_ID)
        for part in parts
        if part.get("type") == "tool_use" and part.get("id")
    ]
    return places


def _finishes(answer: JsonObject) -> list[Finish]:
    if answer.get("type") != "message" or type(answer.get("content")) is not list:
        return []
    calls = any(block.get("type") == "tool_use" for block in dicts(answer["content"]))
    return [Finish(answer.get("stop_reason") in _NATURAL, calls=calls)]


def _usage(answer: JsonObject) -> Usage:
    usage = answer.get("usage")
    if type(usage) is not dict:
        return Usage()
    cached = count(usage.get("cache_read_input_tokens"))
    cached += count(usage.get("cache_creation_input_tokens"))
    return Usage(count(usage.get("input_tokens")) + cached, count(usage.get("output_tokens")))


def _assemble(events: Sequence[JsonObject]) -> JsonObject | None:
    answer: JsonObject | None = None
    blocks: dict[int, JsonObject] = {}
    arguments: dict[int, str] = {}
    ended = False
    for event in events:
        if event.get("type") == "error" or event.get("error") is not None:
            return None
        match event.get("type"):
            case "message_start":
                answer = dict(event.get("message") or {})
            case "content_block_start":
                blocks[event["index"]] = dict(event["content_block"])
            case "content_block_delta":
                if not _grow(blocks, arguments, event):
                    return None
            case "message_delta":
                if answer is None:
                    return None
                answer.update(event.get("delta") or {})
                answer["usage"] = {**(answer.get("usage") or {}), **(event.get("usage") or {})}
            case "message_stop":
                ended = True
    if answer is None or not ended:
        return None
    for index, text in arguments.items():
        try:
            given = json.loads(text)
        except ValueError:
            return None
        if type(given) is not dict:
            return None  # where it answers whole, the engine makes an error of it
        blocks[index]["input"] = given
    # Like an answer that was sent whole: never without a block.
    content = [blocks[index] for index in sorted(blocks)] or [{"type": "text", "text": ""}]
    answer["content"] = content
    # Null is said in a stream and left out of an answer that is sent whole.
    return {name: value for name, value in answer.items() if value is not None}


def _grow(blocks: dict[int, JsonObject], arguments: dict[int, str], event: JsonObject) -> bool:
    index, delta = event.get("index"), event.get("delta")
    if type(index) is not int or index not in blocks or type(delta) is not dict:
        return False
    kind = delta.get("type")
    if kind == "input_json_delta":
        arguments[index] = arguments.get(index, "") + str(delta.get("partial_json", ""))
        return True
    if kind not in _DELTA_OF:
        return False
    source, target = _DELTA_OF[kind]
    blocks[index][target] = (blocks[index].get(target) or "") + str(delta.get(source, ""))
    return True


def _cut(answer: JsonObject) -> list[bytes]:
    usage = answer.get("usage") or {}
    asked = {"input_tokens": _usage(answer).prompt_tokens, "output_tokens": 0}
    message = {**answer, "content": [], "stop_reason": None, "stop_sequence": None,
               "usage": asked}  # fmt: skip
    events: list[JsonObject] = [{"type": "message_start", "message": message}]
    for index, block in enumerate(dicts(answer["content"])):
        if answer["content"] == [{"type": "text", "text": ""}]:
            continue
        empty, deltas = _block_deltas(block)
        events.append({"type": "content_block_start", "content_block": empty, "index": index})
        events += [{"type": "content_block_delta", "delta": d, "index": index} for d in deltas]
        events.append({"type": "content_block_stop", "index": index})
    ending = {name: answer.get(name) for name in ("stop_reason", "stop_sequence")}
    events.append({"type": "message_delta", "delta": ending, "usage": usage})
    events.append({"type": "message_stop"})
    return [named_event(event) for event in events]


def _block_deltas(block: JsonObject) -> tuple[JsonObject, list[JsonObject]]:
    """A block as it starts, and the deltas that fill it."""
    match block.get("type"):
        case "text":
            return {**block, "text": ""}, [
                {"type": "text_delta", "text": piece} for piece in pieces(block.get("text") or "")
            ]
        case "thinking":
            deltas: list[JsonObject] = [
                {"type": "thinking_delta", "thinking": piece}
                for piece in pieces(block.get("thinking") or "")
            ]
            start = {**block, "thinking": ""}
            if block.get("signature"):
                deltas.append({"type": "signature_delta", "signature": start.pop("signature")})
            return start, deltas
        case "tool_use":
            text = json.dumps(block.get("input") or {}, ensure_ascii=False)
            return {**block, "input": {}}, [
                {"type": "input_json_delta", "partial_json": piece} for piece in pieces(text)
            ]
        case _:
            return block, []


def _new_id(facts: RequestFacts, given: str | None, random_hex: str) -> str:
    return f"chatcmpl-{given or random_hex}"


def _error(status: int, message: str) -> JsonObject:
    kinds = {401: "authentication_error", 413: "request_too_large", 504: "timeout_error"}
    kind = kinds.get(status, "api_error" if status >= 500 else "invalid_request_error")
    return {"type": "error", "error": {"type": kind, "message": message}}


MESSAGES: Final = Dialect(
    api=Api.MESSAGES,
    places=_places,
    finishes=_finishes,
    usage=_usage,
    assemble=_assemble,
    cut=_cut,
    is_usage_event=lambda _: False,
    new_id=_new_id,
    error=_error,
    ends_with_done=False,
)
