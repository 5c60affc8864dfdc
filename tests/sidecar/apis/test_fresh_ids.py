"""What must be new on every hit is new, everywhere alike; nothing else changes."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given

from llmcache_sidecar.apis.dialect import Dialect
from llmcache_sidecar.apis.reading import read_facts
from llmcache_sidecar.apis.registry import DIALECTS
from llmcache_sidecar.domain.api import Api
from llmcache_sidecar.domain.json import JsonObject
from llmcache_sidecar.streaming.sse import DONE, event_data
from llmcache_sidecar.streaming.template import Fresh, TemplateBuilder, whole_template

from .answers import (
    chat_answer,
    chat_answers,
    chat_choice,
    completion_answer,
    embeddings_answer,
    function_call,
    messages_answer,
    messages_answers,
    output_message,
    quickly,
    reasoning_item,
    responses_answer,
    responses_answers,
    tool_call,
    tool_use,
)

NONCE = "4e6f6e6365206f6620746573747321aa"


class Counting:
    """Hexadecimal characters that never come twice."""

    def __init__(self, start: int = 1) -> None:
        self._numbers = itertools.count(start)

    def __call__(self, length: int) -> str:
        return f"{next(self._numbers):0{length}x}"[-length:]


def fresh(start: int = 1) -> Fresh:
    return Fresh("fresh-id", 1_900_000_000 + start, Counting(start))


def rendered(dialect: Dialect, answer: JsonObject, start: int = 1) -> Any:
    template = whole_template(answer, dialect.places(answer), NONCE)
    return orjson.loads(template.render(fresh(start)))


def rendered_stream(dialect: Dialect, answer: JsonObject, start: int = 1) -> list[JsonObject]:
    """The documents of a cut answer, each with its places."""
    builder = TemplateBuilder(NONCE)
    for event in dialect.cut(answer):
        data = event_data(event)
        if data is not None and data != DONE:
            document = orjson.loads(data)
            builder.add_document(document, dialect.places(document))
            builder.add_bytes(b"\n")
    return [orjson.loads(line) for line in builder.build().render(fresh(start)).splitlines()]


def differences(one: Any, other: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    if isinstance(one, dict) and isinstance(other, dict):
        assert list(one) == list(other)
        for name in one:
            yield from differences(one[name], other[name], f"{path}.{name}")
    elif isinstance(one, list) and isinstance(other, list):
        assert len(one) == len(other)
        for left, right in zip(one, other, strict=True):
            yield from differences(left, right, f"{path}[]")
    elif one != other or type(one) is not type(other):
        yield path, one, other


ID_PATHS: dict[Api, set[str]] = {
    Api.CHAT: {".id", ".created", ".choices[].message.tool_calls[].id"},
    Api.COMPLETIONS: {".id", ".created"},
    Api.RESPONSES: {".id", ".created_at", ".output[].id", ".output[].call_id"},
    Api.MESSAGES: {".id", ".content[].id"},
    Api.EMBEDDINGS: {".id", ".created"},
}
ANSWERS: dict[Api, JsonObject] = {
    Api.CHAT: chat_answer(
        chat_choice(message={"content": None, "tool_calls": [tool_call(), tool_call(id="call_b")]})
    ),
    Api.COMPLETIONS: completion_answer(),
    Api.RESPONSES: responses_answer(reasoning_item(), output_message(), function_call()),
    Api.MESSAGES: messages_answer(tool_use(), tool_use(id="toolu_other"), stop_reason="tool_use"),
    Api.EMBEDDINGS: embeddings_answer(),
}


@pytest.mark.parametrize("api", Api)
def test_ids_and_times_are_new_and_nothing_else(api: Api) -> None:
    answer = ANSWERS[api]
    changed = list(differences(answer, rendered(DIALECTS[api], answer)))
    assert {path for path, _, _ in changed} == ID_PATHS[api]
    for path, old, new in changed:
        if path in (".created", ".created_at"):
            assert (type(new), new) == (int, 1_900_000_001)
        elif path == ".id":
            assert new == "fresh-id"
        else:
            assert len(new) >= 9
            assert new != old


@pytest.mark.parametrize("api", Api)
def test_the_stored_answer_itself_is_left_as_it_was(api: Api) -> None:
    answer = json.loads(json.dumps(ANSWERS[api]))
    rendered(DIALECTS[api], answer)
    assert answer == ANSWERS[api]


@quickly
@given(chat_answers | messages_answers | responses_answers)
def test_whatever_the_answer_only_ids_and_times_change(answer: JsonObject) -> None:
    kinds = {"chat.completion": Api.CHAT, "response": Api.RESPONSES, None: Api.MESSAGES}
    api = kinds[answer.get("object")]
    paths = {path for path, _, _ in differences(answer, rendered(DIALECTS[api], answer))}
    assert paths <= ID_PATHS[api]


@pytest.mark.parametrize("api", [api for api in Api if api is not Api.EMBEDDINGS])
def test_every_event_of_a_stream_says_the_same_new_id(api: Api) -> None:
    dialect, answer = DIALECTS[api], ANSWERS[api]
    documents = rendered_stream(dialect, answer)
    assert "fresh-id" in orjson.dumps(documents[0]).decode()
    assert answer["id"] not in orjson.dumps(documents).decode()
    if api in (Api.CHAT, Api.COMPLETIONS):
        assert {document["id"] for document in documents} == {"fresh-id"}
        assert {document["created"] for document in documents} == {1_900_000_001}


def test_an_items_id_is_the_same_in_all_its_events() -> None:
    documents = rendered_stream(DIALECTS[Api.RESPONSES], ANSWERS[Api.RESPONSES])
    final = documents[-1]["response"]["output"]
    ids = {position: item["id"] for position, item in enumerate(final)}
    assert len(set(ids.values())) == 3
    for document in documents:
        position = document.get("output_index", -1)
        if "item_id" in document:
            assert document["item_id"] == ids[position]
        if "item" in document:
            assert document["item"]["id"] == ids[position]
            assert document["item"].get("call_id") == final[position].get("call_id")
    old = orjson.dumps(ANSWERS[Api.RESPONSES]).decode()
    assert not any(new in old for new in ids.values())


def test_a_streamed_answer_gets_the_same_ids_as_its_own_parts() -> None:
    for api in (Api.CHAT, Api.MESSAGES):
        documents = rendered_stream(DIALECTS[api], ANSWERS[api])
        answer = DIALECTS[api].assemble(documents)
        assert answer is not None
        paths = {path for path, _, _ in differences(ANSWERS[api], answer)}
        assert paths == ID_PATHS[api]


@pytest.mark.parametrize("api", [Api.CHAT, Api.RESPONSES, Api.MESSAGES])
def test_tool_calls_have_new_ids_on_every_hit(api: Api) -> None:
    """An agent's loop with two identical steps: two calls with one id confuse it."""
    first, second = (rendered(DIALECTS[api], ANSWERS[api], start) for start in (1, 1000))
    item_paths = ID_PATHS[api] - {".id", ".created", ".created_at"}
    renewed = {path for path, _, _ in differences(first, second)}
    assert item_paths <= renewed


def test_two_calls_of_one_answer_stay_two() -> None:
    answer = rendered(DIALECTS[Api.CHAT], ANSWERS[Api.CHAT])
    ids = [call["id"] for call in answer["choices"][0]["message"]["tool_calls"]]
    assert len(set(ids)) == 2


def test_a_text_that_holds_the_id_is_not_touched() -> None:
    own = "chatcmpl-badcb7a1b903832e"
    call = tool_call(arguments='{"id": "chatcmpl-tool-a63a31ef17721781"}')
    text = f'my id is "{own}", {own} and "{NONCE[:-2]}'
    answer = chat_answer(chat_choice(message={"content": text, "tool_calls": [call]}), id=own)
    new = rendered(DIALECTS[Api.CHAT], answer)
    assert new["choices"][0]["message"]["content"] == text
    assert new["choices"][0]["message"]["tool_calls"][0]["function"] == call["function"]
    streamed = DIALECTS[Api.CHAT].assemble(rendered_stream(DIALECTS[Api.CHAT], answer))
    assert streamed is not None
    assert streamed["choices"][0]["message"]["content"] == text


def test_ids_inside_tool_input_and_echoed_fields_are_the_clients_own() -> None:
    answer = messages_answer(tool_use(input={"id": "a", "call_id": "b"}), stop_reason="tool_use")
    assert rendered(DIALECTS[Api.MESSAGES], answer)["content"][0]["input"] == {
        "id": "a", "call_id": "b",
    }  # fmt: skip
    echoed = responses_answer(
        metadata={"id": "a"}, user="u", tools=[{"id": "x"}], prompt={"id": "p"}
    )
    new = rendered(DIALECTS[Api.RESPONSES], echoed)
    assert (new["metadata"], new["tools"], new["prompt"]) == (
        {"id": "a"},
        [{"id": "x"}],
        {"id": "p"},
    )


@pytest.mark.parametrize("api", Api)
@pytest.mark.parametrize("value", [None, 5, "", [], {}])
def test_an_id_of_a_strange_kind_stays_as_it_is(api: Api, value: Any) -> None:
    answer = {**ANSWERS[api], "id": value}
    assert rendered(DIALECTS[api], answer)["id"] == value


# The id of a new answer.


@pytest.mark.parametrize(
    ("api", "body_id", "header", "expected"),
    [
        (Api.CHAT, None, None, "chatcmpl-abc"),
        (Api.CHAT, "body", None, "chatcmpl-body"),
        (Api.CHAT, "body", "mine", "chatcmpl-mine"),
        (Api.COMPLETIONS, None, None, "cmpl-abc"),
        (Api.COMPLETIONS, "body", None, "cmpl-body"),
        (Api.COMPLETIONS, "body", "mine", "cmpl-mine"),
        (Api.EMBEDDINGS, None, None, "embd-abc"),
        (Api.EMBEDDINGS, "body", "mine", "embd-mine"),
        (Api.MESSAGES, None, None, "chatcmpl-abc"),
        (Api.MESSAGES, None, "mine", "chatcmpl-mine"),
        (Api.RESPONSES, None, None, "resp_abc"),
        (Api.RESPONSES, None, "mine", "resp_abc"),
        (Api.RESPONSES, "resp_body", "mine", "resp_body"),
    ],
)
def test_a_new_answer_is_named_as_the_engine_would_name_it(
    api: Api, body_id: str | None, header: str | None, expected: str
) -> None:
    facts = read_facts(api, {} if body_id is None else {"request_id": body_id})
    assert DIALECTS[api].new_id(facts, header, "abc") == expected


# Errors of our own.


@pytest.mark.parametrize("api", [api for api in Api if api is not Api.MESSAGES])
@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, "AuthenticationError"), (413, "RequestTooLarge"), (504, "GatewayTimeout"),
     (502, "ServiceUnavailable"), (400, "BadRequestError")],
)  # fmt: skip
def test_an_error_has_the_shape_of_the_openai_api(api: Api, status: int, kind: str) -> None:
    assert DIALECTS[api].error(status, "why") == {
        "error": {"message": "why", "type": kind, "param": None, "code": status}
    }


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, "authentication_error"), (413, "request_too_large"), (504, "timeout_error"),
     (502, "api_error"), (400, "invalid_request_error")],
)  # fmt: skip
def test_an_error_has_the_shape_of_the_messages_api(status: int, kind: str) -> None:
    assert DIALECTS[Api.MESSAGES].error(status, "why") == {
        "type": "error", "error": {"type": kind, "message": "why"},
    }  # fmt: skip


def test_every_api_has_its_dialect() -> None:
    assert set(DIALECTS) == set(Api)
    assert all(dialect.api is api for api, dialect in DIALECTS.items())
