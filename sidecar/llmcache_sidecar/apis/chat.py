"""POST /v1/chat/completions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..domain.answer import Finish
from ..domain.api import Api
from ..domain.json import JsonObject
from ..domain.request import RequestFacts
from ..streaming.template import Place, Slot
from .chunks import (
    DONE_EVENT,
    data_event,
    grow,
    head_places,
    in_order,
    is_usage_chunk,
    merge_delta,
    merge_top,
    stream_usage,
    whole_stream,
)
from .dialect import Dialect, dicts, openai_error, openai_usage, pieces

_TOP: Final = (
    "id", "object", "created", "model", "choices", "service_tier", "system_fingerprint", "usage",
    "prompt_logprobs", "prompt_token_ids", "prompt_text", "kv_transfer_params",
    "ec_transfer_params", "metrics",
)  # fmt: skip
_TOP_NULL: Final = frozenset(_TOP[5:]) - {"usage"}
_CHOICE: Final = (
    "index", "message", "logprobs", "finish_reason", "stop_reason", "token_ids", "routed_experts",
)  # fmt: skip
_CHOICE_NULL: Final = frozenset(_CHOICE[2:])
_MESSAGE: Final = (
    "role", "content", "refusal", "annotations", "audio", "function_call", "tool_calls",
    "reasoning",
)  # fmt: skip
_MESSAGE_NULL: Final = frozenset(_MESSAGE) - {"role", "tool_calls"}
_TEXTS: Final = ("reasoning_content", "reasoning", "content", "refusal")
"""Members of a message that a model writes word by word; thoughts come before words."""


def _places(document: JsonObject) -> list[Place]:
    places = head_places(document)
    for choice in dicts(document.get("choices")):
        message = choice.get("message") or choice.get("delta")
        if type(message) is dict:
            for call in dicts(message.get("tool_calls")):
                if call.get("id"):
                    places.append(Place(call, "id", Slot.ITEM_ID))
    return places


def _finishes(answer: JsonObject) -> list[Finish]:
    if answer.get("object") != "chat.completion":
        return []
    return [
        Finish(
            c.get("finish_reason") in ("stop", "tool_calls"),
            c.get("finish_reason") == "length",
            bool(c["message"].get("tool_calls") or c["message"].get("function_call")),
        )
        for c in dicts(answer.get("choices"))
        if type(c.get("message")) is dict
    ]


def _assemble(chunks: Sequence[JsonObject]) -> JsonObject | None:
    if not whole_stream(chunks):
        return None
    choices: dict[int, JsonObject] = {}
    calls: dict[int, dict[int, JsonObject]] = {}
    for chunk in chunks:
        for part in dicts(chunk["choices"]):
            index = part.get("index")
            if type(index) is not int:
                return None
            choice = choices.setdefault(index, {"index": index, "message": {"role": "assistant"}})
            delta = part.get("delta")
            if type(delta) is dict:
                merge_delta(choice["message"], delta, skip=("tool_calls",))
                for call in dicts(delta.get("tool_calls")):
                    if not _add_call(calls.setdefault(index, {}), call):
                        return None
            for name, value in part.items():
                if name not in ("index", "delta") and value is not None:
                    grow(choice, name, value)
    if not choices or any("finish_reason" not in choice for choice in choices.values()):
        return None
    answer = merge_top(chunks, "chat.completion")
    answer["choices"] = []
    for index in sorted(choices):
        choice = choices[index]
        message = choice["message"]
        if index in calls:
            message["tool_calls"] = [calls[index][position] for position in sorted(calls[index])]
        if index in calls or message.get("reasoning") or message.get("reasoning_content"):
            # An engine that answers whole says null where a stream began with an empty text.
            message["content"] = message.get("content") or None
        choice["message"] = in_order(message, _MESSAGE, _MESSAGE_NULL)
        answer["choices"].append(in_order(choice, _CHOICE, _CHOICE_NULL))
    return in_order(answer, _TOP, _TOP_NULL)


def _add_call(calls: dict[int, JsonObject], delta: JsonObject) -> bool:
    """Add a part of a tool call; False where it does not say of which one."""
    index = delta.get("index")
    if type(index) is not int:
        return False
    call = calls.setdefault(index, {})
    if delta.get("id") and call.get("id") and delta["id"] != call["id"]:
        return False
    for name, value in delta.items():
        if name == "function" and type(value) is dict:
            function = call.setdefault("function", {"name": "", "arguments": ""})
            merge_delta(function, {n: v for n, v in value.items() if v or n != "name"})
        elif name != "index" and value is not None:
            call[name] = value
    return True


def _cut(answer: JsonObject) -> list[bytes]:
    head: JsonObject = {name: answer[name] for name in ("id", "created", "model") if name in answer}
    head = {"id": head.get("id"), "object": "chat.completion.chunk", **head}

    # With the last choice, not with the usage as the engine has it: not every client gets that.
    extra = {
        name: value
        for name, value in answer.items()
        if name not in (*head, "choices", "usage") and value is not None
    }

    def chunk(index: int, delta: JsonObject) -> bytes:
        choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": None}
        return data_event({**head, "choices": [choice]})

    events = []
    for choice in answer["choices"]:
        index = choice["index"]
        message = choice["message"]
        events.append(chunk(index, {"role": message.get("role", "assistant"), "content": ""}))
        for name in _TEXTS:
            if type(message.get(name)) is str:
                events += [chunk(index, {name: piece}) for piece in pieces(message[name])]
        for position, call in enumerate(dicts(message.get("tool_calls"))):
            events += [chunk(index, {"tool_calls": [part]}) for part in _call_parts(position, call)]
        rest = {
            name: value
            for name, value in message.items()
            if value is not None and name not in ("role", "tool_calls", *_TEXTS)
        }
        if rest:
            events.append(chunk(index, rest))
        ending = {
            name: value
            for name, value in choice.items()
            if name not in ("index", "message") and value is not None
        }
        last = {"index": index, "delta": {}, "logprobs": None, "finish_reason": None,
                "stop_reason": None, **ending}  # fmt: skip
        top = extra if choice is answer["choices"][-1] else {}
        events.append(data_event({**head, "choices": [last], **top}))
    events.append(data_event({**head, "choices": [], "usage": stream_usage(answer.get("usage"))}))
    events.append(DONE_EVENT)
    return events


def _call_parts(position: int, call: JsonObject) -> list[JsonObject]:
    function = call.get("function") or {}
    first = {**call, "index": position, "function": {**function, "arguments": ""}}
    return [first] + [
        {"index": position, "function": {"arguments": piece}}
        for piece in pieces(function.get("arguments") or "")
    ]


def _new_id(facts: RequestFacts, given: str | None, random_hex: str) -> str:
    return f"chatcmpl-{given or facts.request_id or random_hex}"


CHAT: Final = Dialect(
    api=Api.CHAT,
    places=_places,
    finishes=_finishes,
    usage=openai_usage,
    assemble=_assemble,
    cut=_cut,
    is_usage_event=is_usage_chunk,
    new_id=_new_id,
    error=openai_error,
)
