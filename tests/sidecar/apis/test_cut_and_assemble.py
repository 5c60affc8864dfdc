"""A whole answer is cut into a stream that adds up to it again; half a stream adds up to nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given

from llmcache_sidecar.apis.chat import CHAT
from llmcache_sidecar.apis.completions import COMPLETIONS
from llmcache_sidecar.apis.dialect import Dialect
from llmcache_sidecar.apis.embeddings import EMBEDDINGS
from llmcache_sidecar.apis.messages import MESSAGES
from llmcache_sidecar.apis.responses import RESPONSES
from llmcache_sidecar.domain.json import JsonObject
from llmcache_sidecar.streaming.sse import DONE, EventSplitter, event_data, event_name

from .answers import (
    chat_answer,
    chat_answers,
    chat_choice,
    completion_answer,
    completion_answers,
    completion_choice,
    documents,
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


def assert_adds_up(dialect: Dialect, answer: JsonObject) -> None:
    assert dialect.assemble(documents(dialect, answer)) == answer


@quickly
@given(chat_answers)
def test_any_chat_answer_adds_up_to_itself(answer: JsonObject) -> None:
    assert_adds_up(CHAT, answer)


@quickly
@given(completion_answers)
def test_any_completion_adds_up_to_itself(answer: JsonObject) -> None:
    assert_adds_up(COMPLETIONS, answer)


@quickly
@given(messages_answers)
def test_any_message_adds_up_to_itself(answer: JsonObject) -> None:
    assert_adds_up(MESSAGES, answer)


@quickly
@given(responses_answers)
def test_any_response_adds_up_to_itself(answer: JsonObject) -> None:
    assert_adds_up(RESPONSES, answer)


RICH: dict[str, tuple[Dialect, JsonObject]] = {
    "chat": (
        CHAT,
        chat_answer(
            chat_choice(
                0,
                message={
                    "content": "Let me look at the weather in Oslo and in Rome, one by one.",
                    "tool_calls": [tool_call(), tool_call("other", "{}", id="call_2")],
                    "reasoning": "The user wants the weather. " * 3,
                },
                finish_reason="tool_calls",
            ),
            chat_choice(1, stop_reason=7),
        ),
    ),
    "completions": (
        COMPLETIONS,
        completion_answer(completion_choice(0), completion_choice(1, stop_reason="x")),
    ),
    "responses": (
        RESPONSES,
        responses_answer(reasoning_item(), output_message(), function_call()),
    ),
    "messages": (
        MESSAGES,
        messages_answer(
            {"type": "thinking", "thinking": "France. " * 10, "signature": "abc"},
            {"type": "text", "text": "I will look. " * 10},
            tool_use(),
            stop_reason="tool_use",
        ),
    ),
}  # fmt: skip
EVERY_BOUNDARY = [
    pytest.param(dialect, answer, kept, id=f"{name}, {kept} of {len(documents(dialect, answer))}")
    for name, (dialect, answer) in RICH.items()
    for kept in range(len(documents(dialect, answer)))
]
STREAMS = [pytest.param(dialect, answer, id=name) for name, (dialect, answer) in RICH.items()]


@pytest.mark.parametrize(("dialect", "answer", "kept"), EVERY_BOUNDARY)
def test_a_stream_that_ends_early_adds_up_to_nothing(
    dialect: Dialect, answer: JsonObject, kept: int
) -> None:
    assert dialect.assemble(documents(dialect, answer)[:kept]) is None


@pytest.mark.parametrize(("dialect", "answer"), STREAMS)
def test_a_whole_stream_adds_up_in_the_engines_own_order(
    dialect: Dialect, answer: JsonObject
) -> None:
    assert orjson.dumps(dialect.assemble(documents(dialect, answer))) == orjson.dumps(answer)


ERRORS = {
    "vLLM's": {"error": {"message": "out of memory", "type": "InternalServerError", "code": 500}},
    "Anthropic's": {"type": "error", "error": {"type": "api_error", "message": "x"}},
}


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS)
@pytest.mark.parametrize(("dialect", "answer"), STREAMS)
def test_a_stream_with_an_error_anywhere_adds_up_to_nothing(
    dialect: Dialect, answer: JsonObject, error: JsonObject
) -> None:
    events = documents(dialect, answer)
    for at in range(len(events) + 1):
        assert dialect.assemble([*events[:at], error, *events[at:]]) is None


def test_a_failed_response_adds_up_to_nothing() -> None:
    events = documents(RESPONSES, responses_answer())
    assert RESPONSES.assemble([{"type": "response.failed", "response": {}}, *events]) is None
    unfinished = [*events[:-1], {**events[-1], "type": "response.incomplete"}]
    assert RESPONSES.assemble(unfinished) is None


@pytest.mark.parametrize("dialect", [CHAT, COMPLETIONS])
def test_a_choice_that_never_ended_adds_up_to_nothing(dialect: Dialect) -> None:
    name = "chat" if dialect is CHAT else "completions"
    events = documents(*RICH[name])
    for event in events:
        for choice in event["choices"]:
            if choice["index"] == 1:
                choice["finish_reason"] = None
    assert dialect.assemble(events) is None


@pytest.mark.parametrize("dialect", [CHAT, COMPLETIONS])
def test_usage_without_choices_is_no_answer(dialect: Dialect) -> None:
    assert dialect.assemble([{"id": "x", "choices": [], "usage": {"prompt_tokens": 1}}]) is None
    assert dialect.assemble([]) is None


@pytest.mark.parametrize("dialect", [CHAT, COMPLETIONS, MESSAGES, RESPONSES])
def test_nothing_adds_up_to_nothing(dialect: Dialect) -> None:
    assert dialect.assemble([]) is None


def test_usage_in_every_chunk_says_nothing_of_the_end() -> None:
    events = documents(CHAT, chat_answer(chat_choice(0), chat_choice(1)))
    for tokens, event in enumerate(events[:-1]):
        event["usage"] = {"prompt_tokens": 49, "completion_tokens": tokens}
    answer = CHAT.assemble(events)
    assert answer is not None
    assert answer["usage"]["completion_tokens"] == 6  # the last word, not the first
    for kept in range(len(events)):
        assert CHAT.assemble(events[:kept]) is None


def test_usage_that_is_null_until_the_end_is_that_of_the_end() -> None:
    events = [{"usage": None, **event} for event in documents(CHAT, chat_answer())]
    assert CHAT.assemble(events) == chat_answer()


def test_tool_calls_that_come_interleaved_are_told_apart() -> None:
    def chunk(*calls: JsonObject) -> JsonObject:
        choice = {"index": 0, "delta": {"tool_calls": list(calls)}, "finish_reason": None}
        return {"id": "c", "object": "chat.completion.chunk", "choices": [choice]}

    def part(index: int, arguments: str | None, **more: Any) -> JsonObject:
        return {"index": index, "function": {"arguments": arguments}, **more}

    def start(index: int, name: str) -> JsonObject:
        return {"id": f"call_{name}", "type": "function", "index": index,
                "function": {"name": name}}  # fmt: skip

    events = [
        chunk(start(1, "b")),
        chunk(start(0, "a"), part(1, '{"x"')),
        chunk(part(0, None), part(1, ":1}")),
        chunk(part(0, "{"), part(1, "")),
        chunk(part(0, "}", id=None, type=None)),
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]},
        {"choices": [], "usage": {"prompt_tokens": 1}},
    ]
    answer = CHAT.assemble(events)
    assert answer is not None
    assert answer["choices"][0]["message"]["tool_calls"] == [
        {"id": "call_a", "type": "function", "function": {"name": "a", "arguments": "{}"}},
        {"id": "call_b", "type": "function", "function": {"name": "b", "arguments": '{"x":1}'}},
    ]


def stream_with(*deltas: JsonObject) -> list[JsonObject]:
    choices: list[JsonObject] = [
        {"index": 0, "delta": delta, "finish_reason": None} for delta in deltas
    ]
    choices.append({"index": 0, "delta": {}, "finish_reason": "stop"})
    return [{"choices": [choice]} for choice in choices] + [
        {"choices": [], "usage": {"prompt_tokens": 1}}
    ]


@pytest.mark.parametrize(
    "calls",
    [
        [{"id": "a", "function": {"name": "f"}}, {"id": "b", "function": {"name": "g"}}],
        [{"index": None, "id": "a", "function": {"name": "f"}}],
        [{"index": "0", "id": "a", "function": {"name": "f"}}],
        [{"index": 0, "id": "a", "function": {"name": "f"}},
         {"index": 0, "id": "b", "function": {"name": "g"}}],
    ],
    ids=["without an index", "null index", "index as a text", "one index for two"],
)  # fmt: skip
def test_tool_calls_that_can_not_be_told_apart_add_up_to_nothing(calls: list[JsonObject]) -> None:
    assert CHAT.assemble(stream_with({"tool_calls": calls})) is None
    assert CHAT.assemble(stream_with(*({"tool_calls": [call]} for call in calls))) is None


@pytest.mark.parametrize("dialect", [CHAT, COMPLETIONS])
def test_a_choice_without_an_index_adds_up_to_nothing(dialect: Dialect) -> None:
    events = documents(*RICH["chat" if dialect is CHAT else "completions"])
    del events[0]["choices"][0]["index"]
    assert dialect.assemble(events) is None


def test_reasoning_keeps_the_name_that_the_engine_gives_it() -> None:
    for name in ("reasoning", "reasoning_content"):
        events = stream_with({"role": "assistant", "content": ""}, {name: "a"}, {name: "b"})
        answer = CHAT.assemble(events)
        assert answer is not None
        message = answer["choices"][0]["message"]
        assert message[name] == "ab"
        assert message["content"] is None


def test_a_text_that_comes_as_a_list_of_parts_is_joined_as_a_list() -> None:
    parts = [{"type": "text", "text": "a"}], [{"type": "text", "text": "b"}]
    answer = CHAT.assemble(stream_with(*({"content": part} for part in parts)))
    assert answer is not None
    assert answer["choices"][0]["message"]["content"] == [*parts[0], *parts[1]]


def test_a_stop_token_is_a_number_and_stays_one() -> None:
    answer = chat_answer(chat_choice(stop_reason=151_643))
    assert_adds_up(CHAT, answer)


def test_log_probabilities_and_token_ids_are_joined() -> None:
    def chunk(token: int, finish: str | None = None) -> JsonObject:
        logprobs = {"content": [{"token": str(token)}], "refusal": None}
        return {
            "choices": [{"index": 0, "delta": {"content": str(token)}, "logprobs": logprobs,
                         "token_ids": [token], "finish_reason": finish}]
        }  # fmt: skip

    usage: JsonObject = {"choices": [], "usage": {"prompt_tokens": 1}}
    answer = CHAT.assemble([chunk(1), chunk(2), chunk(3, "stop"), usage])
    assert answer is not None
    choice = answer["choices"][0]
    assert [found["token"] for found in choice["logprobs"]["content"]] == ["1", "2", "3"]
    assert choice["token_ids"] == [1, 2, 3]


def test_tool_input_that_is_no_object_adds_up_to_nothing() -> None:
    events = documents(MESSAGES, messages_answer(tool_use(), stop_reason="tool_use"))
    for wrong in ("false", "[]", '"a"', "{", "", "null"):
        for event in events:
            if event.get("delta", {}).get("type") == "input_json_delta":
                event["delta"]["partial_json"] = wrong
        assert MESSAGES.assemble(events) is None


def test_tool_input_that_never_came_is_empty() -> None:
    events = documents(MESSAGES, messages_answer(tool_use(), stop_reason="tool_use"))
    fewer = [event for event in events if event["type"] != "content_block_delta"]
    answer = MESSAGES.assemble(fewer)
    assert answer is not None
    assert answer["content"][0]["input"] == {}


def test_a_delta_for_a_block_that_never_began_adds_up_to_nothing() -> None:
    events = documents(MESSAGES, messages_answer())
    fewer = [event for event in events if event["type"] != "content_block_start"]
    assert MESSAGES.assemble(fewer) is None


def test_a_kind_of_delta_that_nobody_knows_yet_adds_up_to_nothing() -> None:
    events = documents(MESSAGES, messages_answer())
    for event in events:
        if event["type"] == "content_block_delta":
            event["delta"] = {"type": "citations_delta", "citation": {}}
    assert MESSAGES.assemble(events) is None


def test_a_ping_is_no_part_of_a_message() -> None:
    events = documents(MESSAGES, messages_answer())
    assert MESSAGES.assemble([events[0], {"type": "ping"}, *events[1:]]) == messages_answer()


def test_a_message_of_nothing_has_one_empty_block() -> None:
    answer = messages_answer({"type": "text", "text": ""})
    assert [event["type"] for event in documents(MESSAGES, answer)] == [
        "message_start", "message_delta", "message_stop",
    ]  # fmt: skip
    assert_adds_up(MESSAGES, answer)


def test_embeddings_are_never_streamed() -> None:
    assert EMBEDDINGS.assemble([{"object": "list"}]) is None


# What a client sees of a cut answer.


def texts_of(document: JsonObject) -> Iterator[str]:
    """Every text that a model writes word by word, in one event."""
    for choice in document.get("choices", ()):
        delta = choice.get("delta", {})
        yield from (delta[n] for n in ("content", "reasoning", "refusal") if delta.get(n))
        yield from (c["function"].get("arguments", "") for c in delta.get("tool_calls", ()))
        yield choice.get("text", "")
    delta = document.get("delta")
    if isinstance(delta, dict):
        yield from (delta[n] for n in ("text", "thinking", "partial_json") if n in delta)
    elif isinstance(delta, str):
        yield delta


@quickly
@given(chat_answers | completion_answers | messages_answers | responses_answers)
def test_every_event_is_a_valid_event_and_no_piece_is_long(answer: JsonObject) -> None:
    dialect = next(
        found
        for found, kind in ((CHAT, "chat.completion"), (COMPLETIONS, "text_completion"),
                            (RESPONSES, "response"), (MESSAGES, None))
        if answer.get("object") == kind
    )  # fmt: skip
    events = dialect.cut(answer)
    assert EventSplitter().feed(b"".join(events)) == events
    assert (event_data(events[-1]) == DONE) == dialect.ends_with_done
    for event in events[: -1 if dialect.ends_with_done else None]:
        document = orjson.loads(event_data(event) or b"")
        if dialect in (MESSAGES, RESPONSES):
            assert event_name(event) == document["type"]
        else:
            assert event_name(event) is None
        assert all(len(text) <= 48 for text in texts_of(document))


def test_chat_is_cut_into_chunks_of_its_own_shape() -> None:
    _, answer = RICH["chat"]
    *chunks, last = documents(CHAT, answer)
    for chunk in chunks:
        assert list(chunk)[:5] == ["id", "object", "created", "model", "choices"]
        assert chunk["object"] == "chat.completion.chunk"
        (choice,) = chunk["choices"]
        assert list(choice)[:4] == ["index", "delta", "logprobs", "finish_reason"]
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert last["choices"] == []
    details = last["usage"]["prompt_tokens_details"]
    assert details == {"cached_tokens": 32, "created_cache_tokens": 0}  # no nulls in a stream
    finishes = [c["choices"][0]["finish_reason"] for c in chunks]
    assert [finish for finish in finishes if finish] == ["tool_calls", "stop"]
    thoughts = [at for at, c in enumerate(chunks) if "reasoning" in c["choices"][0]["delta"]]
    words = [at for at, c in enumerate(chunks[:-3]) if c["choices"][0]["delta"].get("content")]
    assert max(thoughts) < min(words)


def test_a_client_who_wants_no_usage_still_gets_what_belongs_to_the_answer() -> None:
    for dialect, answer in (
        (CHAT, chat_answer(chat_choice(0), chat_choice(1), x_new="kept")),
        (COMPLETIONS, completion_answer(completion_choice(0), completion_choice(1), x_new="kept")),
    ):
        told = [c for c in documents(dialect, answer) if not dialect.is_usage_event(c)]
        assert [c["x_new"] for c in told if "x_new" in c] == ["kept"]
        assert [c["system_fingerprint"] for c in told if "system_fingerprint" in c] == [
            "vllm-0.32.0-a8d1fb65"
        ]


def test_a_tool_call_names_itself_once() -> None:
    _, answer = RICH["chat"]
    parts = [
        part
        for chunk in documents(CHAT, answer)
        for choice in chunk["choices"]
        for part in choice["delta"].get("tool_calls", ())
    ]
    assert [part["id"] for part in parts if "id" in part] == [
        "chatcmpl-tool-a63a31ef17721781", "call_2",
    ]  # fmt: skip
    assert {part["index"] for part in parts} == {0, 1}


def test_a_response_is_numbered_and_its_items_open_and_close() -> None:
    _, answer = RICH["responses"]
    events = documents(RESPONSES, answer)
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    kinds = [event["type"] for event in events]
    assert kinds[:2] == ["response.created", "response.in_progress"]
    assert kinds[-1] == "response.completed"
    assert kinds.count("response.output_item.added") == 3
    assert kinds.count("response.output_item.done") == 3
    for event in events[:2]:
        assert event["response"]["status"] == "in_progress"
        assert event["response"]["output"] == []
        assert event["response"]["usage"] is None
    done = [event["item"] for event in events if event["type"] == "response.output_item.done"]
    assert done == answer["output"]


def test_a_message_opens_and_closes_its_blocks() -> None:
    _, answer = RICH["messages"]
    events = documents(MESSAGES, answer)
    assert events[0]["type"] == "message_start"
    assert events[0]["message"]["content"] == []
    assert events[0]["message"]["stop_reason"] is None
    assert events[0]["message"]["usage"]["output_tokens"] == 0
    assert [e["type"] for e in events[-2:]] == ["message_delta", "message_stop"]
    assert events[-2]["usage"] == answer["usage"]
    starts = [e["content_block"] for e in events if e["type"] == "content_block_start"]
    assert starts == [
        {"type": "thinking", "thinking": ""},
        {"type": "text", "text": ""},
        {**tool_use(), "input": {}},
    ]
    assert [e["index"] for e in events if e["type"] == "content_block_stop"] == [0, 1, 2]
