"""Streams as vLLM 0.32 sent them, next to what it sent whole for the same request."""

from __future__ import annotations

from typing import Any

import pytest

from llmcache_sidecar.apis.registry import DIALECTS
from llmcache_sidecar.domain.api import Api
from llmcache_sidecar.domain.json import JsonObject

from .answers import (
    chat_answer,
    chat_choice,
    completion_answer,
    completion_choice,
    messages_answer,
    tool_call,
)

USAGE = {"prompt_tokens": 49, "total_tokens": 55, "completion_tokens": 6}


def chunk(*choices: JsonObject, **more: Any) -> JsonObject:
    return {"id": "chatcmpl-badcb7a1b903832e", "object": "chat.completion.chunk",
            "created": 1795439787, "model": "tiny", "choices": list(choices), **more}  # fmt: skip


def first(index: int = 0) -> JsonObject:
    choice = {"index": index, "delta": {"role": "assistant", "content": ""}, "logprobs": None,
              "finish_reason": None}  # fmt: skip
    return chunk(choice, prompt_token_ids=None, prompt_text=None)


def said(index: int = 0, finish: str | None = None, **delta: Any) -> JsonObject:
    choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish,
              "token_ids": None}  # fmt: skip
    if finish is not None:
        choice["stop_reason"] = None
    return chunk(choice)


NO_DETAILS = {"prompt_tokens_details": None, "completion_tokens_details": None}
WHOLE_USAGE = {**USAGE, **NO_DETAILS}  # null where a stream says nothing
LAST = chunk(usage=USAGE, system_fingerprint="vllm-0.32.0-a8d1fb65")
CALL = {"id": "chatcmpl-tool-a63a31ef17721781", "type": "function", "index": 0,
        "function": {"name": "get_weather"}}  # fmt: skip


def argument(text: str) -> JsonObject:
    return said(content=None, tool_calls=[{"index": 0, "function": {"arguments": text}}])


CHAT: dict[str, tuple[list[JsonObject], JsonObject]] = {
    "a text cut by its limit": (
        [first(), said(content="i"), said(content="s"), said(content="w", finish="length"), LAST],
        chat_choice(message={"content": "isw"}, finish_reason="length"),
    ),
    "a natural end": (
        [first(), said(content="i"), said(finish="stop"), LAST],
        chat_choice(message={"content": "i"}),
    ),
    "no text at all": ([first(), said(finish="stop"), LAST], chat_choice(message={"content": ""})),
    "a tool call": (
        [first(), said(content=None, tool_calls=[CALL]), argument('{"city"'), argument(': "Oslo"}'),
         said(finish="tool_calls"), LAST],
        chat_choice(message={"content": None, "tool_calls": [tool_call()]},
                    finish_reason="tool_calls"),
    ),
    "nothing but reasoning": (
        [first(), said(reasoning="iqor "), said(reasoning="sin", finish="length"), LAST],
        chat_choice(message={"content": None, "reasoning": "iqor sin"}, finish_reason="length"),
    ),
    "reasoning, then a text": (
        [first(), said(reasoning="iqor"), said(content="i"), said(finish="stop"), LAST],
        chat_choice(message={"content": "i", "reasoning": "iqor"}),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHAT)
def test_a_chat_stream_adds_up_to_what_the_engine_sends_whole(name: str) -> None:
    events, choice = CHAT[name]
    expected = chat_answer(choice, usage=WHOLE_USAGE)
    answer = DIALECTS[Api.CHAT].assemble(events)
    assert answer == expected
    assert [list(found) for found in answer["choices"]] == [list(choice)]
    assert list(answer) == list(expected)


def test_two_choices_that_come_interleaved() -> None:
    events = [
        first(0), first(1), said(0, content="g"), said(1, content="."), said(0, content=" "),
        said(1, finish="stop"), said(0, content="o", finish="length"), LAST,
    ]  # fmt: skip
    assert DIALECTS[Api.CHAT].assemble(events) == chat_answer(
        chat_choice(0, message={"content": "g o"}, finish_reason="length"),
        chat_choice(1, message={"content": "."}),
        usage=WHOLE_USAGE,
    )


def test_an_error_in_place_of_a_stream() -> None:
    error = {"error": {"message": "m", "type": "BadRequestError", "param": None, "code": 400}}
    assert DIALECTS[Api.CHAT].assemble([error]) is None
    assert DIALECTS[Api.CHAT].assemble([first(), said(content="a"), error]) is None


def test_a_completion_of_two_prompts() -> None:
    def text(index: int, text: str, finish: str | None = None) -> JsonObject:
        choice = {"index": index, "text": text, "logprobs": None, "finish_reason": finish,
                  "stop_reason": None, "prompt_token_ids": None, "token_ids": None}  # fmt: skip
        return {"id": "cmpl-8e85da657c6e5e79", "object": "text_completion", "created": 1795439813,
                "model": "tiny", "choices": [choice]}  # fmt: skip

    usage = {"prompt_tokens": 2, "total_tokens": 10, "completion_tokens": 8}
    last = {**text(0, ""), "choices": [], "usage": usage,
            "system_fingerprint": "vllm-0.32.0-a8d1fb65"}  # fmt: skip
    events = [text(1, "g"), text(0, "c"), text(0, "u", "length"), text(1, "k", "stop"), last]
    expected = completion_answer(
        completion_choice(0, text="cu", finish_reason="length"),
        completion_choice(1, text="gk"),
        usage={**usage, **NO_DETAILS},
    )
    answer = DIALECTS[Api.COMPLETIONS].assemble(events)
    assert answer == expected
    assert list(answer) == list(expected)
    assert list(answer["choices"][0]) == list(expected["choices"][0])


def test_a_message_with_thoughts_and_a_tool() -> None:
    start: JsonObject = {"id": "chatcmpl-b3b506b424344e40", "type": "message", "role": "assistant",
             "content": [], "model": "tiny", "stop_reason": None, "stop_sequence": None,
             "usage": {"input_tokens": 49, "output_tokens": 0}}  # fmt: skip
    usage = {"input_tokens": 17, "output_tokens": 6, "cache_creation_input_tokens": 0,
             "cache_read_input_tokens": 32}  # fmt: skip

    def block(index: int, begun: JsonObject, *deltas: JsonObject) -> list[JsonObject]:
        return [
            {"type": "content_block_start", "content_block": begun, "index": index},
            *({"type": "content_block_delta", "delta": d, "index": index} for d in deltas),
            {"type": "content_block_stop", "index": index},
        ]

    events: list[JsonObject] = [
        {"type": "message_start", "message": start},
        *block(
            0,
            {"type": "thinking", "thinking": ""},
            {"type": "thinking_delta", "thinking": "i"},
            {"type": "thinking_delta", "thinking": "q"},
            {"type": "signature_delta", "signature": "1020"},
        ),
        *block(
            1,
            {"type": "tool_use", "id": "chatcmpl-tool-9", "name": "get_weather", "input": {}},
            {"type": "input_json_delta", "partial_json": '{"city"'},
            {"type": "input_json_delta", "partial_json": ': "Oslo"}'},
        ),
        {"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": None},
         "usage": usage},
        {"type": "message_stop"},
    ]  # fmt: skip
    expected = messages_answer(
        {"type": "thinking", "thinking": "iq", "signature": "1020"},
        {"type": "tool_use", "id": "chatcmpl-tool-9", "name": "get_weather",
         "input": {"city": "Oslo"}},
        stop_reason="tool_use",
    )  # fmt: skip
    answer = DIALECTS[Api.MESSAGES].assemble(events)
    assert answer == expected
    assert list(answer) == list(expected)
