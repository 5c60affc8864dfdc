"""How an answer ended and what it cost, as admission and the account read it."""

from __future__ import annotations

import pytest

from llmcache_sidecar.apis.registry import DIALECTS
from llmcache_sidecar.domain.answer import Finish, Usage
from llmcache_sidecar.domain.api import Api
from llmcache_sidecar.domain.json import JsonObject

from .answers import (
    chat_answer,
    chat_choice,
    completion_answer,
    completion_choice,
    embeddings_answer,
    messages_answer,
    responses_answer,
)

NATURAL, LIMITED, CUT = Finish(True), Finish(False, True), Finish(False)
WHOLE = {
    Api.CHAT: chat_answer(),
    Api.COMPLETIONS: completion_answer(),
    Api.RESPONSES: responses_answer(),
    Api.MESSAGES: messages_answer(),
    Api.EMBEDDINGS: embeddings_answer(),
}


@pytest.mark.parametrize(
    ("reason", "finish"),
    [("stop", NATURAL), ("tool_calls", NATURAL), ("length", LIMITED), ("content_filter", CUT),
     ("abort", CUT), ("error", CUT), (None, CUT), ("", CUT), (5, CUT), (["stop"], CUT)],
)  # fmt: skip
def test_how_a_chat_choice_ended(reason: object, finish: Finish) -> None:
    answer = chat_answer(chat_choice(finish_reason=reason), chat_choice(1))
    assert DIALECTS[Api.CHAT].finishes(answer) == [finish, NATURAL]


@pytest.mark.parametrize(
    ("reason", "finish"),
    [("stop", NATURAL), ("length", LIMITED), ("tool_calls", CUT), ("abort", CUT), (None, CUT)],
)
def test_how_a_completion_ended(reason: object, finish: Finish) -> None:
    answer = completion_answer(completion_choice(finish_reason=reason))
    assert DIALECTS[Api.COMPLETIONS].finishes(answer) == [finish]


@pytest.mark.parametrize(
    ("status", "finish"),
    [("completed", NATURAL), ("incomplete", CUT), ("in_progress", CUT), ("queued", CUT),
     ("failed", CUT), ("cancelled", CUT), (None, CUT)],
)  # fmt: skip
def test_how_a_response_ended(status: object, finish: Finish) -> None:
    assert DIALECTS[Api.RESPONSES].finishes(responses_answer(status=status)) == [finish]


@pytest.mark.parametrize(
    ("reason", "finish"),
    [("end_turn", NATURAL), ("stop_sequence", NATURAL), ("tool_use", NATURAL),
     ("max_tokens", CUT), ("refusal", CUT), ("pause_turn", CUT), (None, CUT)],
)  # fmt: skip
def test_how_a_message_ended(reason: object, finish: Finish) -> None:
    assert DIALECTS[Api.MESSAGES].finishes(messages_answer(stop_reason=reason)) == [finish]


def test_embeddings_end_naturally() -> None:
    assert DIALECTS[Api.EMBEDDINGS].finishes(embeddings_answer()) == [NATURAL]


STRANGE: list[JsonObject] = [
    {},
    {"error": {"message": "x"}},
    {"object": "error", "message": "x", "code": 400},
    {"detail": "Not Found"},
    {"object": "list", "data": []},
    {"object": "chat.completion"},
    {"object": "chat.completion", "choices": "x"},
    {"object": "chat.completion", "choices": [{"finish_reason": "stop"}, "x", None]},
    {"object": "chat.completion.chunk", "choices": [{"delta": {}, "finish_reason": "stop"}]},
    {"object": "text_completion", "choices": [{"finish_reason": "stop"}]},
    {"object": "response", "status": "completed"},
    {"object": "response", "status": "completed", "output": "x"},
    {"type": "message", "stop_reason": "end_turn"},
    {"type": "error", "error": {"type": "x", "message": "x"}},
]


@pytest.mark.parametrize("api", Api)
@pytest.mark.parametrize("answer", STRANGE, ids=str)
def test_what_is_no_such_answer_has_not_ended(api: Api, answer: JsonObject) -> None:
    assert DIALECTS[api].finishes(answer) == []


@pytest.mark.parametrize("api", Api)
def test_an_answer_of_another_api_has_not_ended(api: Api) -> None:
    for other, answer in WHOLE.items():
        assert bool(DIALECTS[api].finishes(answer)) == (api is other)


@pytest.mark.parametrize(
    ("api", "usage"),
    [(Api.CHAT, Usage(49, 6)), (Api.COMPLETIONS, Usage(16, 4)), (Api.RESPONSES, Usage(49, 6)),
     (Api.MESSAGES, Usage(49, 6)), (Api.EMBEDDINGS, Usage(4, 0))],
)  # fmt: skip
def test_what_an_answer_cost(api: Api, usage: Usage) -> None:
    """Messages tells cached tokens apart; they are prompt tokens like the others."""
    assert DIALECTS[api].usage(WHOLE[api]) == usage


@pytest.mark.parametrize("api", Api)
@pytest.mark.parametrize(
    "usage",
    [None, {}, [], "x", {"prompt_tokens": None, "input_tokens": "5"},
     {"prompt_tokens": -1, "input_tokens": -1, "output_tokens": 1.5, "completion_tokens": True}],
    ids=str,
)  # fmt: skip
def test_usage_that_is_none_counts_as_nothing(api: Api, usage: object) -> None:
    assert DIALECTS[api].usage({**WHOLE[api], "usage": usage}) == Usage()
    without = {name: value for name, value in WHOLE[api].items() if name != "usage"}
    assert DIALECTS[api].usage(without) == Usage()


def test_the_usage_event_is_the_one_without_choices() -> None:
    usage = {"prompt_tokens": 1}
    for api in (Api.CHAT, Api.COMPLETIONS):
        said = DIALECTS[api].is_usage_event
        assert said({"choices": [], "usage": usage})
        assert not said({"choices": [{"index": 0}], "usage": usage})
        assert not said({"choices": [], "usage": None})
        assert not said({"choices": []})
        assert not said({"usage": usage})
    for api in (Api.RESPONSES, Api.MESSAGES, Api.EMBEDDINGS):
        assert not DIALECTS[api].is_usage_event({"choices": [], "usage": usage})
