"""POST /v1/completions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..domain.answer import Finish
from ..domain.api import Api
from ..domain.json import JsonObject
from ..domain.request import RequestFacts
from .chunks import (
    DONE_EVENT,
    data_event,
    grow,
    head_places,
    in_order,
    is_usage_chunk,
    merge_top,
    whole_stream,
)
from .dialect import Dialect, dicts, openai_error, openai_usage, pieces

_OBJECT: Final = "text_completion"
_TOP: Final = (
    "id", "object", "created", "model", "choices", "service_tier", "system_fingerprint", "usage",
    "kv_transfer_params",
)  # fmt: skip
_TOP_NULL: Final = ("service_tier", "system_fingerprint", "kv_transfer_params")
_CHOICE: Final = (
    "index", "text", "logprobs", "finish_reason", "stop_reason", "token_ids", "prompt_logprobs",
    "prompt_token_ids",
)  # fmt: skip


def _finishes(answer: JsonObject) -> list[Finish]:
    if answer.get("object") != _OBJECT:
        return []
    return [
        Finish(c.get("finish_reason") == "stop", c.get("finish_reason") == "length")
        for c in dicts(answer.get("choices"))
        if type(c.get("text")) is str
    ]


def _assemble(chunks: Sequence[JsonObject]) -> JsonObject | None:
    if not whole_stream(chunks):
        return None
    choices: dict[int, JsonObject] = {}
    for chunk in chunks:
        for part in dicts(chunk["choices"]):
            index = part.get("index", 0)
            choice = choices.setdefault(index, {"index": index, "text": ""})
            for name, value in part.items():
                if name != "index" and value is not None:
                    grow(choice, name, value)
    if any("finish_reason" not in choice for choice in choices.values()):
        return None
    answer = merge_top(chunks, _OBJECT)
    answer["choices"] = [in_order(choices[i], _CHOICE, _CHOICE) for i in sorted(choices)]
    return in_order(answer, _TOP, _TOP_NULL)


def _cut(answer: JsonObject) -> list[bytes]:
    head: JsonObject = {name: answer[name] for name in ("id", "created", "model") if name in answer}
    head = {"id": head.get("id"), "object": _OBJECT, **head}
    events = []
    for choice in answer["choices"]:
        plain = {"index": choice["index"], "text": "", "logprobs": None, "finish_reason": None,
                 "stop_reason": None}  # fmt: skip
        events += [
            data_event({**head, "choices": [{**plain, "text": piece}]})
            for piece in pieces(choice["text"])
        ]
        ending = {n: v for n, v in choice.items() if n not in ("text",) and v is not None}
        events.append(data_event({**head, "choices": [{**plain, **ending}]}))
    extra = {
        name: value
        for name, value in answer.items()
        if name not in (*head, "choices", "usage") and value is not None
    }
    events.append(data_event({**head, "choices": [], "usage": answer.get("usage"), **extra}))
    events.append(DONE_EVENT)
    return events


def _new_id(facts: RequestFacts, given: str | None, random_hex: str) -> str:
    return f"cmpl-{given or facts.request_id or random_hex}"


COMPLETIONS: Final = Dialect(
    api=Api.COMPLETIONS,
    places=head_places,
    finishes=_finishes,
    usage=openai_usage,
    assemble=_assemble,
    cut=_cut,
    is_usage_event=is_usage_chunk,
    new_id=_new_id,
    error=openai_error,
)
