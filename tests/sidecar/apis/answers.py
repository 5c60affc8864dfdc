"""Answers of every API as vLLM 0.32 sends them whole, fixed and generated."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from llmcache_sidecar.apis.dialect import Dialect
from llmcache_sidecar.domain.json import JsonObject
from llmcache_sidecar.pipeline.stored.renditions import parse_events

quickly: Final = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

Strategy = st.SearchStrategy[Any]


def documents(dialect: Dialect, answer: JsonObject) -> list[JsonObject]:
    """The parsed data of the events that `answer` is cut into."""
    return parse_events(dialect.cut(answer))


def tool_call(name: str = "get_weather", arguments: str = '{"city": "Oslo"}', **more: Any) -> Any:
    return {
        "id": "chatcmpl-tool-a63a31ef17721781",
        "type": "function",
        "function": {"name": name, "arguments": arguments},
        **more,
    }


def chat_choice(index: int = 0, **given: Any) -> JsonObject:
    message = {
        "role": "assistant", "content": "Paris is the capital of France, and has long been.",
        "refusal": None, "annotations": None, "audio": None, "function_call": None,
    }  # fmt: skip
    message.update(given.pop("message", {}))
    message.setdefault("reasoning", None)
    return {
        "index": index, "message": message, "logprobs": None, "finish_reason": "stop",
        "stop_reason": None, "token_ids": None, "routed_experts": None, **given,
    }  # fmt: skip


def chat_answer(*choices: JsonObject, **given: Any) -> JsonObject:
    return {
        "id": "chatcmpl-badcb7a1b903832e", "object": "chat.completion", "created": 1795439787,
        "model": "tiny", "choices": list(choices) or [chat_choice()], "service_tier": None,
        "system_fingerprint": "vllm-0.32.0-a8d1fb65",
        "usage": {
            "prompt_tokens": 49, "total_tokens": 55, "completion_tokens": 6,
            "prompt_tokens_details": {
                "cached_tokens": 32, "created_cache_tokens": 0, "multimodal_tokens": None,
            },
            "completion_tokens_details": {"reasoning_tokens": 0},
        },
        "prompt_logprobs": None, "prompt_token_ids": None, "prompt_text": None,
        "kv_transfer_params": None, "ec_transfer_params": None, "metrics": None, **given,
    }  # fmt: skip


def completion_choice(index: int = 0, **given: Any) -> JsonObject:
    return {
        "index": index, "text": " there was a small village by the sea", "logprobs": None,
        "finish_reason": "stop", "stop_reason": None, "token_ids": None, "prompt_logprobs": None,
        "prompt_token_ids": None, "routed_experts": None, **given,
    }  # fmt: skip


def completion_answer(*choices: JsonObject, **given: Any) -> JsonObject:
    return {
        "id": "cmpl-8e85da657c6e5e79", "object": "text_completion", "created": 1795439813,
        "model": "tiny", "choices": list(choices) or [completion_choice()], "service_tier": None,
        "system_fingerprint": "vllm-0.32.0-a8d1fb65",
        "usage": {
            "prompt_tokens": 16, "total_tokens": 20, "completion_tokens": 4,
            "prompt_tokens_details": None, "completion_tokens_details": None,
        },
        "kv_transfer_params": None, "ec_transfer_params": None, "metrics": None, **given,
    }  # fmt: skip


def output_message(text: str = "Paris, of course.", **given: Any) -> JsonObject:
    part: JsonObject = {"annotations": [], "text": text, "type": "output_text", "logprobs": None}
    return {
        "id": "msg_a8aa437667457446", "content": [part], "role": "assistant",
        "status": "completed", "type": "message", "phase": None, **given,
    }  # fmt: skip


def function_call(**given: Any) -> JsonObject:
    return {
        "arguments": '{"city": "Oslo"}', "call_id": "chatcmpl-tool-82935ef7bf188444",
        "name": "get_weather", "type": "function_call", "id": "fc_b0dca8f7cdadc69b",
        "status": "completed", **given,
    }  # fmt: skip


def reasoning_item(**given: Any) -> JsonObject:
    return {
        "id": "rs_bbe52c2d3667de14", "summary": [], "type": "reasoning",
        "content": [{"text": "France. Its capital.", "type": "reasoning_text"}],
        "encrypted_content": None, "status": None, **given,
    }  # fmt: skip


def responses_answer(*output: JsonObject, **given: Any) -> JsonObject:
    return {
        "id": "resp_95fc2c66c541a703", "created_at": 1795439813, "incomplete_details": None,
        "instructions": None, "metadata": None, "model": "tiny", "object": "response",
        "output": list(output) or [output_message()], "parallel_tool_calls": True,
        "temperature": 0.0, "tool_choice": "none", "tools": [], "status": "completed",
        "usage": {"input_tokens": 49, "output_tokens": 6, "total_tokens": 55},
        "user": None, **given,
    }  # fmt: skip


def messages_answer(*content: JsonObject, **given: Any) -> JsonObject:
    answer = {
        "id": "chatcmpl-b3b506b424344e40", "type": "message", "role": "assistant",
        "content": list(content) or [{"type": "text", "text": "Paris is the capital of France."}],
        "model": "tiny", "stop_reason": "end_turn",
        "usage": {
            "input_tokens": 17, "output_tokens": 6, "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 32,
        },
    }  # fmt: skip
    return {**answer, **given}


def tool_use(**given: Any) -> JsonObject:
    return {"type": "tool_use", "id": "chatcmpl-tool-976065204cf54eba", "name": "get_weather",
            "input": {"city": "Oslo"}, **given}  # fmt: skip


def embeddings_answer(**given: Any) -> JsonObject:
    return {
        "id": "embd-b3b506b424344e40", "object": "list", "created": 1795439813, "model": "bge",
        "data": [{"index": 0, "object": "embedding", "embedding": [0.1, -0.2]}],
        "usage": {"prompt_tokens": 4, "total_tokens": 4, "completion_tokens": 0}, **given,
    }  # fmt: skip


# Generated.

text = (
    st.text(max_size=120) | st.text(" ab", max_size=200) | st.just("🙂👩‍👩‍👧 naïve ") | st.just("")
)
some_text = text.filter(bool)
scalar = st.booleans() | st.integers(-(2**53), 2**53) | some_text | st.floats(0, 1)
unknown = st.dictionaries(
    st.sampled_from(["x_one", "x_two"]),
    scalar | st.lists(scalar, max_size=2) | st.dictionaries(st.just("deep"), scalar),
    max_size=2,
)
"""Members that this version of the sidecar has never heard of."""


def filled(make: Any, **parts: Strategy) -> Strategy:
    """`make` with generated parts and unknown members."""
    return st.tuples(st.fixed_dictionaries(parts), unknown).map(lambda t: make(**t[0], **t[1]))


tool_calls = st.lists(
    st.tuples(some_text, text, unknown, unknown).map(
        lambda t: {
            **tool_call(),
            "function": {"name": t[0], "arguments": t[1], **t[2]},
            **t[3],
        }
    ),
    min_size=1,
    max_size=3,
)


@st.composite
def chat_messages(draw: Any) -> JsonObject:
    message: JsonObject = {"content": draw(text)}
    if draw(st.booleans()):
        message["tool_calls"] = draw(tool_calls)
    message["reasoning"] = draw(st.none() | some_text)
    message["refusal"] = draw(st.none() | some_text)
    message |= draw(st.just({}) | st.just({"annotations": [{"type": "x", "n": 1}]}))
    message |= draw(unknown)
    if "tool_calls" in message or message["reasoning"]:
        message["content"] = message["content"] or None
    return message


finish = st.sampled_from(["stop", "length", "tool_calls"])
stop_reason = st.none() | st.integers(0, 10**6) | some_text
token_ids = st.none() | st.lists(st.integers(0, 10**5), min_size=1, max_size=3)
chat_choices = filled(
    chat_choice, message=chat_messages(), finish_reason=finish, stop_reason=stop_reason,
    token_ids=token_ids, logprobs=st.none() | st.just({"content": [{"token": "a", "logprob": -1.5}]}),
)  # fmt: skip
completion_choices = filled(
    completion_choice, text=text, finish_reason=finish, stop_reason=stop_reason,
    token_ids=token_ids, logprobs=st.none() | st.just({"tokens": ["a"], "token_logprobs": [None]}),
)  # fmt: skip


def numbered(choices: Strategy) -> Strategy:
    return st.lists(choices, min_size=1, max_size=3).map(
        lambda found: [{**choice, "index": index} for index, choice in enumerate(found)]
    )


chat_answers = filled(chat_answer, choices=numbered(chat_choices))
completion_answers = filled(completion_answer, choices=numbered(completion_choices))

json_object = st.dictionaries(some_text, scalar | st.lists(scalar, max_size=2), max_size=3)
blocks = st.one_of(
    filled(lambda **k: {"type": "text", **k}, text=text),
    filled(lambda **k: {"type": "thinking", **k}, thinking=text, signature=some_text),
    filled(lambda **k: {"type": "thinking", **k}, thinking=text),
    filled(tool_use, input=json_object),
    filled(lambda **k: {"type": "redacted_thinking", **k}, data=some_text),
)
messages_answers = filled(
    messages_answer, content=st.lists(blocks, min_size=1, max_size=4),
    stop_reason=st.sampled_from(["end_turn", "max_tokens", "tool_use"]),
) | filled(messages_answer, stop_reason=st.just("stop_sequence"), stop_sequence=some_text)  # fmt: skip

items = st.one_of(
    filled(output_message, text=text),
    filled(function_call, arguments=text),
    filled(reasoning_item, content=st.lists(
        text.map(lambda t: {"text": t, "type": "reasoning_text"}), max_size=2
    )),
    filled(lambda **k: {"type": "custom_tool_call", "id": "c_1", "call_id": "d_1", **k}, input=text),
    filled(lambda **k: output_message(content=[{"type": "refusal", **k}]), refusal=text),
    st.just({"type": "something_new", "id": "new_1", "x": [1]}),
)  # fmt: skip
responses_answers = filled(responses_answer, output=st.lists(items, min_size=1, max_size=3))
