"""POST /v1/responses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ..domain.answer import Finish, Usage
from ..domain.api import Api
from ..domain.json import JsonObject
from ..domain.request import RequestFacts
from ..streaming.template import Place, Slot
from .dialect import Dialect, count, dicts, openai_error, pieces
from .messages import named_event

_SAYING: Final = ("message", "reasoning")
"""Items of an answer that only say something; every other kind calls for something."""


def _places(document: JsonObject) -> list[Place]:
    """In a whole answer, or in an event, which may hold an answer, an item or an item's id."""
    response = document.get("response")
    answer = response if type(response) is dict else document
    places = []
    if answer.get("object") == "response":
        places.append(Place(answer, "id", Slot.RESPONSE_ID))
        places += [
            Place(answer, name, Slot.TIME)
            for name in ("created_at", "completed_at")
            if answer.get(name) is not None
        ]
    item = document.get("item")
    for part in [*dicts(answer.get("output")), *([item] if type(item) is dict else [])]:
        places += [Place(part, name, Slot.ITEM_ID) for name in ("id", "call_id") if part.get(name)]
    if document.get("item_id"):
        places.append(Place(document, "item_id", Slot.ITEM_ID))
    return places


def _finishes(answer: JsonObject) -> list[Finish]:
    if answer.get("object") != "response" or type(answer.get("output")) is not list:
        return []
    calls = any(item.get("type") not in _SAYING for item in dicts(answer["output"]))
    return [Finish(answer.get("status") == "completed", calls=calls)]


def _usage(answer: JsonObject) -> Usage:
    usage = answer.get("usage")
    if type(usage) is not dict:
        return Usage()
    return Usage(count(usage.get("input_tokens")), count(usage.get("output_tokens")))


def _assemble(events: Sequence[JsonObject]) -> JsonObject | None:
    """The last event carries the whole answer."""
    for event in events:
        if event.get("type") in ("error", "response.failed") or event.get("error") is not None:
            return None
    last = events[-1] if events else {}
    response = last.get("response")
    if last.get("type") != "response.completed" or type(response) is not dict:
        return None
    return response


def _cut(answer: JsonObject) -> list[bytes]:
    begun = {**answer, "output": [], "status": "in_progress", "usage": None}
    begun.pop("completed_at", None)
    events: list[JsonObject] = [
        {"response": begun, "type": "response.created"},
        {"response": begun, "type": "response.in_progress"},
    ]
    for position, item in enumerate(dicts(answer["output"])):
        events += _item_events(position, item)
    events.append({"response": answer, "type": "response.completed"})
    return [
        named_event({**event, "sequence_number": number}) for number, event in enumerate(events)
    ]


def _item_events(position: int, item: JsonObject) -> Iterator[JsonObject]:
    where = {"output_index": position}
    at_item = {**where, "item_id": item.get("id")}
    started = dict(item)
    if "status" in item:
        started["status"] = "in_progress"
    match item.get("type"):
        case "function_call":
            started["arguments"] = ""
        case "custom_tool_call":
            started["input"] = ""
        case "message" | "reasoning":
            started["content"] = []
    yield {"type": "response.output_item.added", **where, "item": started}
    match item.get("type"):
        case "function_call":
            kind, text = "response.function_call_arguments", item.get("arguments") or ""
            for piece in pieces(text):
                yield {"type": f"{kind}.delta", **at_item, "delta": piece}
            yield {"type": f"{kind}.done", **at_item, "arguments": text, "name": item.get("name")}
        case "custom_tool_call":
            kind, text = "response.custom_tool_call_input", item.get("input") or ""
            for piece in pieces(text):
                yield {"type": f"{kind}.delta", **at_item, "delta": piece}
            yield {"type": f"{kind}.done", **at_item, "input": text}
        case "message" | "reasoning":
            for index, part in enumerate(dicts(item.get("content"))):
                yield from _part_events({**at_item, "content_index": index}, part)
    yield {"type": "response.output_item.done", **where, "item": item}


_TEXT_PARTS: Final[dict[str, tuple[str, str, JsonObject]]] = {
    "output_text": ("response.output_text", "text", {"logprobs": []}),
    "reasoning_text": ("response.reasoning_text", "text", {}),
    "refusal": ("response.refusal", "refusal", {}),
}
"""Kind of part: (name of its events, the member with its text, what else its events carry)."""


def _part_events(where: JsonObject, part: JsonObject) -> Iterator[JsonObject]:
    known = _TEXT_PARTS.get(part.get("type", ""))
    if known is None:
        yield {"type": "response.content_part.added", **where, "part": part}
    else:
        name, member, rest = known
        text = part.get(member) or ""
        yield {"type": "response.content_part.added", **where, "part": {**part, member: ""}}
        for piece in pieces(text):
            yield {"type": f"{name}.delta", **where, "delta": piece, **rest}
        yield {"type": f"{name}.done", **where, member: text, **rest}
    yield {"type": "response.content_part.done", **where, "part": part}


def _new_id(facts: RequestFacts, _: str | None, random_hex: str) -> str:
    return facts.request_id or f"resp_{random_hex}"


RESPONSES: Final = Dialect(
    api=Api.RESPONSES,
    places=_places,
    finishes=_finishes,
    usage=_usage,
    assemble=_assemble,
    cut=_cut,
    is_usage_event=lambda _: False,
    new_id=_new_id,
    error=openai_error,
    ends_with_done=False,
)
