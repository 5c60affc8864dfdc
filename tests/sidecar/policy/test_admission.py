"""Which answers may be stored, by how they ended."""

from __future__ import annotations

from typing import Any

import pytest

from llmcache_sidecar.apis.registry import DIALECTS
from llmcache_sidecar.domain.api import Api
from llmcache_sidecar.domain.json import JsonObject
from llmcache_sidecar.policy.admission import Refusal, judge_document, judge_finish
from tests.sidecar.apis.answers import (
    chat_answer,
    chat_choice,
    completion_answer,
    completion_choice,
    embeddings_answer,
    messages_answer,
    responses_answer,
)

from .making import asked

CHAT, COMPLETIONS = Api.CHAT, Api.COMPLETIONS
RESPONSES, MESSAGES, EMBEDDINGS = Api.RESPONSES, Api.MESSAGES, Api.EMBEDDINGS
LIMIT: dict[str, Any] = {"max_tokens": 5}


def chat(*reasons: str | None) -> JsonObject:
    return chat_answer(*(chat_choice(at, finish_reason=r) for at, r in enumerate(reasons)))


def completion(*reasons: str | None) -> JsonObject:
    choices = (completion_choice(at, finish_reason=r) for at, r in enumerate(reasons))
    return completion_answer(*choices)


def message(reason: str | None) -> JsonObject:
    return messages_answer(stop_reason=reason)


STORED: list[tuple[Api, dict[str, Any], JsonObject]] = [
    (CHAT, {}, chat("stop")),
    (CHAT, {}, chat("tool_calls")),
    (CHAT, LIMIT, chat("length")),
    (CHAT, {"max_completion_tokens": 5}, chat("length")),
    (CHAT, {"n": 2}, chat("stop", "stop")),
    (CHAT, {"n": 2, **LIMIT}, chat("stop", "length")),
    (CHAT, {"n": 0}, chat("stop")),
    (COMPLETIONS, {}, completion("stop")),
    (COMPLETIONS, LIMIT, completion("length")),
    (COMPLETIONS, {"prompt": ["a", "b"]}, completion("stop", "stop")),
    (COMPLETIONS, {"prompt": ["a", "b"], "n": 2, **LIMIT},
     completion("stop", "length", "length", "stop")),
    (COMPLETIONS, {"prompt": [1, 2, 3]}, completion("stop")),
    (RESPONSES, {}, responses_answer()),
    (RESPONSES, {"max_output_tokens": 5}, responses_answer()),
    (MESSAGES, LIMIT, message("end_turn")),
    (MESSAGES, LIMIT, message("stop_sequence")),
    (MESSAGES, LIMIT, message("tool_use")),
    (EMBEDDINGS, {"input": ["a", "b"]}, embeddings_answer()),
]  # fmt: skip
REFUSED: list[tuple[Api, dict[str, Any], JsonObject, Refusal]] = [
    (CHAT, {}, chat("length"), Refusal.FINISH),
    (CHAT, {"max_tokens": None}, chat("length"), Refusal.FINISH),
    (CHAT, {"max_output_tokens": 5}, chat("length"), Refusal.FINISH),
    (CHAT, {}, chat("content_filter"), Refusal.FINISH),
    (CHAT, {}, chat("abort"), Refusal.FINISH),
    (CHAT, LIMIT, chat("abort"), Refusal.FINISH),
    (CHAT, {}, chat("error"), Refusal.FINISH),
    (CHAT, LIMIT, chat(None), Refusal.FINISH),
    (CHAT, {"n": 2}, chat("stop"), Refusal.INCOMPLETE),
    (CHAT, {"n": 2}, chat("stop", "length"), Refusal.FINISH),
    (CHAT, {"n": 3, **LIMIT}, chat("stop", "stop", None), Refusal.FINISH),
    (CHAT, {}, chat_answer(choices=[]), Refusal.INCOMPLETE),
    (CHAT, {}, {"object": "error", "message": "x"}, Refusal.INCOMPLETE),
    (CHAT, {}, completion("stop"), Refusal.INCOMPLETE),
    (COMPLETIONS, {}, completion("length"), Refusal.FINISH),
    (COMPLETIONS, {}, completion("tool_calls"), Refusal.FINISH),
    (COMPLETIONS, {}, completion("abort"), Refusal.FINISH),
    (COMPLETIONS, {}, completion(None), Refusal.FINISH),
    (COMPLETIONS, {"prompt": ["a", "b"]}, completion("stop"), Refusal.INCOMPLETE),
    (COMPLETIONS, {"prompt": [[1], [2]]}, completion("stop"), Refusal.INCOMPLETE),
    (COMPLETIONS, {"prompt": ["a", "b"], "n": 2}, completion("stop", "stop", "stop"),
     Refusal.INCOMPLETE),
    (RESPONSES, {}, responses_answer(status="incomplete"), Refusal.FINISH),
    (RESPONSES, {"max_output_tokens": 5}, responses_answer(status="incomplete"), Refusal.FINISH),
    (RESPONSES, {}, responses_answer(status="failed"), Refusal.FINISH),
    (RESPONSES, {}, responses_answer(status="queued"), Refusal.FINISH),
    (RESPONSES, {}, responses_answer(status=None), Refusal.FINISH),
    (MESSAGES, LIMIT, message("max_tokens"), Refusal.FINISH),
    (MESSAGES, LIMIT, message("refusal"), Refusal.FINISH),
    (MESSAGES, LIMIT, message("pause_turn"), Refusal.FINISH),
    (MESSAGES, LIMIT, message(None), Refusal.FINISH),
    (EMBEDDINGS, {}, {"object": "list", "data": []}, Refusal.INCOMPLETE),
    (EMBEDDINGS, {}, {"data": [1]}, Refusal.INCOMPLETE),
]  # fmt: skip


def named(case: tuple[Any, ...]) -> str:
    api, body, answer, *_ = case
    ends = [c.get("finish_reason") for c in answer.get("choices", ())]
    return f"{api} {body} {ends or answer.get('status') or answer.get('stop_reason')}"


@pytest.mark.parametrize(("api", "body", "answer"), STORED, ids=map(named, STORED))
def test_an_answer_that_came_to_its_end_is_stored(
    api: Api, body: dict[str, Any], answer: JsonObject
) -> None:
    assert judge_finish(DIALECTS[api].finishes(answer), asked(api, **body)) is None


@pytest.mark.parametrize(("api", "body", "answer", "refusal"), REFUSED, ids=map(named, REFUSED))
def test_an_answer_that_did_not_is_not(
    api: Api, body: dict[str, Any], answer: JsonObject, refusal: Refusal
) -> None:
    assert judge_finish(DIALECTS[api].finishes(answer), asked(api, **body)) is refusal


def test_an_answer_that_carries_an_error_is_not_stored() -> None:
    assert judge_document({"error": {"message": "x"}}) is Refusal.ERROR_EVENT
    assert judge_document({**chat_answer(), "error": "x"}) is Refusal.ERROR_EVENT
    assert judge_document({**chat_answer(), "error": None}) is None
    assert judge_document(chat_answer()) is None
