"""What is asked: one case for each feature that an application uses.

All at temperature 0 unless the case is about sampling, so that the engine itself gives the same
answer twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Final

from tests.sdk.asking import MODEL, Ask


class Keeping(Enum):
    """What the cache does with the answer."""

    BOTH_FORMS = "one entry serves whole answers and streams"
    OWN_FORM = "an entry serves the form in which it was born"


@dataclass(frozen=True, slots=True)
class Case:
    """A feature.

    Attributes:
        streams: the API has a streamed form of it.
    """

    name: str
    ask: Ask
    keeping: Keeping = Keeping.BOTH_FORMS
    streams: bool = True

    def __str__(self) -> str:
        return self.name


CITY: Final[dict[str, Any]] = {
    "type": "object",
    "enum": [{"city": "Oslo"}, {"city": "Rome"}, {"city": "Lima"}],
}
"""Whole objects to choose from: a random model would fill others with white space for ever."""
TIME: Final[dict[str, Any]] = {
    "type": "object",
    "enum": [{"zone": "UTC"}, {"zone": "CET"}],
}
PERSON: Final[dict[str, Any]] = {
    "type": "object",
    "enum": [
        {"name": "Ada", "age": 3, "tags": ["a", "b"]},
        {"name": "Zoë", "age": 7, "tags": []},
    ],
}
HERMES_CALL: Final = (
    r'<tool_call>\n\{"name": "get_weather", '
    r'"arguments": \{"city": "(Oslo|Rome|Lima)"\}\}\n</tool_call>'
)
"""What the model must write for vLLM's hermes parser to see a tool call."""


def chat_tools(*functions: tuple[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "type": "function",
            "function": {"name": name, "description": name, "parameters": schema, "strict": True},
        }
        for name, schema in functions
    ]


WEATHER: Final = chat_tools(("get_weather", CITY))
BOTH: Final = chat_tools(("get_weather", CITY), ("get_time", TIME))


def chat(content: Any = "What is a cache", **arguments: Any) -> Ask:
    usual = {
        "model": MODEL,
        "messages": [{"role": "user", "content": content}],
        "temperature": 0,
        "max_tokens": 24,
    }
    return Ask("chat.completions", _without_none({**usual, **arguments}))


def completion(prompt: Any = "Once upon a time", **arguments: Any) -> Ask:
    usual = {"model": MODEL, "prompt": prompt, "temperature": 0, "max_tokens": 24}
    return Ask("completions", _without_none({**usual, **arguments}))


def response(question: Any = "What is a cache", **arguments: Any) -> Ask:
    usual = {"model": MODEL, "input": question, "temperature": 0}
    return Ask("responses", _without_none({**usual, **arguments}))


def message(content: Any = "What is a cache", **arguments: Any) -> Ask:
    usual = {
        "model": MODEL,
        "messages": [{"role": "user", "content": content}],
        "max_tokens": 900,
        "stop_sequences": ["q"],
    }
    # This SDK has no argument for the temperature any more.
    body = {"temperature": 0, **arguments.pop("extra_body", {})}
    return Ask("messages", _without_none({**usual, **arguments, "extra_body": body}))


def embedding(text: Any = "What is a cache", **arguments: Any) -> Ask:
    return Ask("embeddings", {"model": MODEL, "input": text, **arguments})


def _without_none(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if value is not None}


def _format(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "json_schema",
        "json_schema": {"name": name, "schema": schema, "strict": True},
    }


def _may_call(case: Case) -> bool:
    """vLLM writes a chat's tool calls in another way when it streams: with other white space, and a
    call that was cut off as a call, not as text. So an entry serves the form it was born in."""
    given = case.ask.arguments
    called = bool(given.get("tools")) and given.get("tool_choice") != "none"
    return called and case.ask.resource == "chat.completions"


def _cases(cases: Iterable[Case]) -> list[Case]:
    found = [replace(case, keeping=Keeping.OWN_FORM) if _may_call(case) else case for case in cases]
    assert len({case.name for case in found}) == len(found), "names are unique"
    return found


CHAT: Final = _cases(
    [
        Case("chat: ends by itself, no limit set", chat(max_tokens=None)),
        Case("chat: cut at max_tokens", chat()),
        Case("chat: cut at max_completion_tokens", chat(max_tokens=None, max_completion_tokens=9)),
        Case("chat: system prompt", chat(messages=[
            {"role": "system", "content": "You are a dictionary"},
            {"role": "user", "content": "cache"},
        ])),
        Case("chat: text parts", chat([
            {"type": "text", "text": "What is a cache"}, {"type": "text", "text": "Be short"},
        ])),
        Case("chat: a conversation with emoji and accents", chat(messages=[
            {"role": "user", "content": "Grüße 🌍", "name": "zoë"},
            {"role": "assistant", "content": "Hallo \u2028 \"Welt\" \\ </s>"},
            {"role": "user", "content": "東京\tZ\u0301"},
        ])),
        Case("chat: an answered tool call in the history", chat(messages=[
            {"role": "user", "content": "Weather in Oslo"},
            {"role": "assistant", "content": None, "tool_calls": [{
                "id": "call_1", "type": "function",
                "function": {"name": "get_weather", "arguments": '{"city": "Oslo"}'},
            }]},
            {"role": "tool", "tool_call_id": "call_1", "content": "rain"},
        ], tools=WEATHER, max_tokens=12)),
        Case("chat: tool required", chat(
            tools=WEATHER, tool_choice="required", parallel_tool_calls=False, max_tokens=200)),
        Case("chat: tools required, cut in a call",
             chat(tools=BOTH, tool_choice="required", max_tokens=170)),
        Case("chat: parallel tool calls off",
             chat(tools=BOTH, tool_choice="required", parallel_tool_calls=False, max_tokens=400)),
        Case("chat: tool named", chat(
            tools=BOTH, tool_choice={"type": "function", "function": {"name": "get_time"}},
            max_tokens=200)),
        Case("chat: tool auto, called", chat(
            tools=WEATHER, max_tokens=200,
            extra_body={"structured_outputs": {"regex": HERMES_CALL}})),
        Case("chat: tool auto, called twice", chat(
            tools=WEATHER, max_tokens=300,
            extra_body={"structured_outputs": {"regex": f"{HERMES_CALL}\n{HERMES_CALL}"}})),
        Case("chat: tool auto, words before the call", chat(
            tools=WEATHER, max_tokens=300,
            extra_body={"structured_outputs": {"regex": f"Let me see\\.\n{HERMES_CALL}"}})),
        Case("chat: tool auto, not called", chat(tools=WEATHER)),
        Case("chat: tool choice none", chat(tools=WEATHER, tool_choice="none")),
        Case("chat: json_object", chat(
            response_format={"type": "json_object"}, max_tokens=60,
            logit_bias={str(ord(space)): -100 for space in " \n\r\t"})),
        Case("chat: json_schema", chat(
            response_format=_format("person", PERSON), max_tokens=None)),
        Case("chat: two choices, sampled with a seed", chat(n=2, seed=7, temperature=0.7)),
        Case("chat: two choices with tools", chat(
            n=2, seed=1, temperature=0.4, tools=WEATHER, tool_choice="required",
            parallel_tool_calls=False, max_tokens=200)),
        Case("chat: logprobs", chat(logprobs=True, top_logprobs=2, max_tokens=6),
             Keeping.OWN_FORM),
        Case("chat: token ids", chat(extra_body={"return_token_ids": True}, max_tokens=6),
             Keeping.OWN_FORM),
        Case("chat: stop strings", chat(stop=["e", "zz"], max_tokens=300)),
        Case("chat: stop string kept", chat(
            stop=["e"], max_tokens=300, extra_body={"include_stop_str_in_output": True})),
        Case("chat: stop token", chat(
            max_tokens=300, extra_body={"stop_token_ids": [ord("s"), ord(" ")]})),
        Case("chat: seed", chat(seed=42, temperature=0.6, top_p=0.9)),
        Case("chat: penalties and bias", chat(
            frequency_penalty=0.5, presence_penalty=0.25, logit_bias={"120": 3.5})),
        Case("chat: the engine's own sampling", chat(extra_body={
            "top_k": 5, "min_p": 0.05, "repetition_penalty": 1.1, "min_tokens": 3,
            "seed": 3}, temperature=0.5)),
        Case("chat: one of these words", chat(
            extra_body={"structured_outputs": {"choice": ["yes", "no", "peut-être"]}})),
        Case("chat: thoughts", chat(
            extra_body={"chat_template_kwargs": {"thinking": True}}, max_tokens=16)),
        Case("chat: thoughts, then words", chat(
            extra_body={"chat_template_kwargs": {"thinking": True}}, max_tokens=40,
            logit_bias={"264": 7.5})),
        Case("chat: user and metadata", chat(
            "Who asks", user="zoë", metadata={"ticket": "4711"}, extra_body={"priority": 0})),
    ]
)  # fmt: skip

COMPLETIONS: Final = _cases(
    [
        Case("completions: cut at max_tokens", completion()),
        Case("completions: stop string", completion(stop=["e"], max_tokens=300)),
        Case("completions: several prompts", completion(["Once upon a time", "In the beginning"])),
        Case("completions: two prompts, two choices", completion(
            ["Once", "In the"], n=2, seed=5, temperature=0.5, max_tokens=8)),
        Case("completions: tokens", completion([79, 110, 99, 101])),
        Case("completions: several token prompts", completion([[79, 110], [99, 101, 32]])),
        Case("completions: echo", completion(echo=True), Keeping.OWN_FORM),
        Case("completions: logprobs", completion(logprobs=2, max_tokens=6), Keeping.OWN_FORM),
        Case("completions: regex", completion(
            extra_body={"structured_outputs": {"regex": "[a-c]{4}"}})),
    ]
)  # fmt: skip

FUNCTION: Final = {
    "type": "function", "name": "get_weather", "description": "now", "parameters": CITY,
    "strict": True,
}  # fmt: skip

RESPONSES: Final = _cases(
    [
        Case("responses: a text", response()),
        Case("responses: instructions", response(instructions="You are a dictionary")),
        Case("responses: input items", response([
            {"role": "user", "content": "What is a cache"},
            {"role": "assistant", "content": "A store"},
            {"role": "user", "content": [{"type": "input_text", "text": "Why"}]},
        ])),
        Case("responses: a schema", response(text={"format": {
            "type": "json_schema", "name": "person", "schema": PERSON, "strict": True}})),
        Case("responses: tool required", response(tools=[FUNCTION], tool_choice="required")),
        Case("responses: tool named", response(
            tools=[FUNCTION], tool_choice={"type": "function", "name": "get_weather"})),
        Case("responses: seen to the end", response(
            metadata={"ticket": "4711"}, user="zoë", top_p=0.9, max_output_tokens=900,
            store=False)),
        Case("responses: a tool's answer in the input", response([
            {"role": "user", "content": "Weather in Oslo"},
            {"type": "function_call", "call_id": "call_1", "name": "get_weather",
             "arguments": '{"city": "Oslo"}'},
            {"type": "function_call_output", "call_id": "call_1", "output": "rain"},
        ], tools=[FUNCTION])),
    ]
)  # fmt: skip

_TOOL: Final = {
    "name": "get_weather", "description": "now", "input_schema": CITY, "strict": True,
}  # fmt: skip

MESSAGES: Final = _cases(
    [
        Case("messages: stop sequence", message()),
        Case("messages: ends by itself", message(stop_sequences=None)),
        Case("messages: system text", message(system="You are a dictionary")),
        Case("messages: system blocks with cache_control", message(system=[
            {"type": "text", "text": "You are a dictionary. " * 8,
             "cache_control": {"type": "ephemeral"}},
            {"type": "text", "text": "Be short."},
        ])),
        Case("messages: content blocks", message(
            [{"type": "text", "text": "What is a cache", "cache_control": {"type": "ephemeral"}}])),
        Case("messages: a conversation", message(messages=[
            {"role": "user", "content": "Grüße 🌍"},
            {"role": "assistant", "content": [{"type": "text", "text": "Hallo"}]},
            {"role": "user", "content": "東京"},
        ])),
        Case("messages: any tool", message(
            tools=[_TOOL], tool_choice={"type": "any"}, stop_sequences=None)),
        Case("messages: this tool", message(
            tools=[_TOOL], tool_choice={"type": "tool", "name": "get_weather"},
            stop_sequences=None)),
        Case("messages: a tool's result in the history", message(messages=[
            {"role": "user", "content": "Weather in Oslo"},
            {"role": "assistant", "content": [{
                "type": "tool_use", "id": "toolu_1", "name": "get_weather",
                "input": {"city": "Oslo"}}]},
            {"role": "user", "content": [{
                "type": "tool_result", "tool_use_id": "toolu_1", "content": "rain"}]},
        ], tools=[_TOOL])),
        Case("messages: thoughts", message(
            stop_sequences=["."], extra_body={"chat_template_kwargs": {"thinking": True}})),
        Case("messages: user id", message(metadata={"user_id": "zoë"}, extra_body={"top_k": 3})),
    ]
)  # fmt: skip
