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
    stream_usage,
    whole_stream,
)
from .dialect import Dialect, dicts, openai_error, openai_usage, pieces

_OBJECT: Final = "text_completion"
_TOP: Final = (
    "id", "object", "created", "model", "choices", "service_tier", "system_fingerprint", "usage",
    "kv_transfer_params", "ec_transfer_params", "metrics",
)  # fmt: skip
_TOP_NULL: Final = frozenset(_TOP[5:]) - {"usage"}
_CHOICE: Final = (
    "index", "text", "logprobs", "finish_reason", "stop_reason", "token_ids", "prompt_logprobs",
    "prompt_token_ids", "routed_experts",
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
            index = part.get("index")
            if type(index) is not int:
                return None
            choice = choices.setdefault(index, {"index": index, "text": ""})
            for name, value in part.items():
                if name != "index" and value is not None:
                    grow(choice, name, value)
    if not choices or any("finish_reason" not in choice for choice in choices.values()):
        return None
    answer = merge_top(chunks, _OBJECT)
    answer["choices"] = [in_order(choices[i], _CHOICE, _CHOICE) for i in sorted(choices)]
    return in_order(answer, _TOP, _TOP_NULL)


def _cut(answer: JsonObject) -> list[bytes]:
    head: JsonObject = {name: answer[name] for name in ("id", "created", "model") if name in answer}
    head = {"id": head.get("id"), "object": _OBJECT, **head}
    # With the last choice, not with the usage as the engine has it: not every client gets that.
    extra = {
        name: value
        for name, value in answer.items()
        if name not in (*head, "choices", "usage") and value is not None
    }
    events = []
    for choice in answer["choices"]:
        plain = {"index": choice["index"], "text": "", "logprobs": None, "finish_reason": None,
                 "stop_reason": None}  # fmt: skip
        events += [
            data_event({**head, "choices": [{**plain, "text": piece}]})
            for piece in pieces(choice["text"])
        ]
        ending = {n: v for n, v in choice.items() if n not in ("text",) and v is not None}
        top = extra if choice is answer["choices"][-1] else {}
        events.append(data_event({**head, "choices": [{**plain, **ending}], **top}))
    events.append(data_event({**head, "choices": [], "usage": stream_usage(answer.get("usage"))}))
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
