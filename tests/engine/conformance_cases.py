"""The requests that the simulator and the real vLLM must answer alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

CHAT = "/v1/chat/completions"
COMPLETIONS = "/v1/completions"
RESPONSES = "/v1/responses"
MESSAGES = "/v1/messages"
EMBEDDINGS = "/v1/embeddings"

QUESTION = [{"role": "user", "content": "What is the capital of France?"}]
LONG = "over and over again, " * 1500
PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string", "enum": ["Oslo", "Rome"]}},
    "required": ["city"],
    "additionalProperties": False,
}
TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": PARAMETERS}}
NAMED = {"type": "function", "function": {"name": "get_weather"}}
FLAT_TOOL = {"type": "function", "name": "get_weather", "parameters": PARAMETERS}
FLAT_NAMED = {"type": "function", "name": "get_weather"}
SCHEMA = {
    "type": "object",
    "properties": {"ok": {"enum": ["yes", "no"]}},
    "required": ["ok"],
    "additionalProperties": False,
}
CHOICE = {"choice": ["positive", "negative"]}
BAD_GRAMMAR = {"regex": "("}
THINKING = {"chat_template_kwargs": {"thinking": True}}
USAGE = {"include_usage": True}
RUNNING_USAGE = {"include_usage": True, "continuous_usage_stats": True}


@dataclass(frozen=True)
class Case:
    name: str
    path: str
    body: Any = None
    """JSON; bytes are sent as they are."""

    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    key: str | None = "right"
    """Which API key goes along: right, wrong or none."""

    message: bool = True
    """Whether an error's text must be the same, too."""

    ordered: bool = True
    """False: several choices, whose chunks come in any order."""


def chat(**more: Any) -> dict[str, Any]:
    return {"model": "tiny", "messages": QUESTION, "temperature": 0, "max_tokens": 3, **more}


def completion(**more: Any) -> dict[str, Any]:
    return {"model": "tiny", "prompt": "Once upon", "temperature": 0, "max_tokens": 3, **more}


def response(**more: Any) -> dict[str, Any]:
    base = {"model": "tiny", "input": "What is the capital of France?", "temperature": 0}
    return {**base, "max_output_tokens": 3, **more}


def message(**more: Any) -> dict[str, Any]:
    return {"model": "tiny", "messages": QUESTION, "temperature": 0, "max_tokens": 3, **more}


def both(
    name: str, path: str, body: dict[str, Any], *, ordered: bool = True, **options: Any
) -> Iterator[Case]:
    """The same request whole and streamed."""
    yield Case(name, path, body)
    streamed = {**body, "stream": True, **options}
    yield Case(f"{name}, streamed", path, streamed, ordered=ordered)


def chat_cases() -> Iterator[Case]:
    yield from both("chat", CHAT, chat())
    yield from both("chat with a usage chunk", CHAT, chat(), stream_options=USAGE)
    yield from both("chat with running usage", CHAT, chat(), stream_options=RUNNING_USAGE)
    only = {"include_usage": False, "continuous_usage_stats": True}
    yield from both("chat with half the usage", CHAT, chat(), stream_options=only)
    yield from both("chat to its end", CHAT, chat(max_tokens=40, structured_outputs=CHOICE))
    many = chat(n=2, temperature=0.7, seed=3, ignore_eos=True)
    yield from both("chat, n=2", CHAT, many, ordered=False, stream_options=USAGE)
    yield from both("chat with logprobs", CHAT, chat(logprobs=True, top_logprobs=2))
    yield from both("chat with token ids", CHAT, chat(return_token_ids=True))
    schema = {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}
    yield Case("chat with a schema", CHAT, chat(max_tokens=60, response_format=schema))
    for choice in ("required", NAMED):
        tools = chat(tools=[TOOL], tool_choice=choice, max_tokens=150)
        yield from both(f"chat with tools, {choice}", CHAT, tools, stream_options=USAGE)
    yield Case("chat with tools, none", CHAT, chat(tools=[TOOL], tool_choice="none"))
    yield Case("chat with tools, auto", CHAT, chat(tools=[TOOL]))
    answered = [
        *QUESTION,
        {"role": "assistant", "content": None, "tool_calls": [{"id": "c1", **call()}]},
        {"role": "tool", "tool_call_id": "c1", "content": "rain"},
    ]
    yield Case("chat with a tool's result", CHAT, chat(messages=answered, tools=[TOOL]))
    yield from both("chat, thinking", CHAT, chat(max_tokens=2, **THINKING))
    thought = chat(max_tokens=100, structured_outputs=CHOICE, **THINKING)
    yield from both("chat, thinking to its end", CHAT, thought)
    hidden = chat(max_tokens=60, include_reasoning=False, ignore_eos=True, **THINKING)
    yield Case("chat, thinking hidden", CHAT, hidden)
    yield Case("chat, request id in the header", CHAT, chat(), headers={"X-Request-Id": "me"})
    yield Case("chat, request id in the body", CHAT, chat(request_id="me"))
    yield Case("chat without a model", CHAT, {"messages": QUESTION, "max_tokens": 1})
    yield Case("chat, lenient types", CHAT, chat(temperature="0", max_tokens="2", stream="false"))
    yield Case("chat, stream as a string", CHAT, chat(stream="true"))
    yield Case("chat, nulls", CHAT, chat(temperature=None, stream=None, stop=None, seed=1))
    yield Case("chat, unknown field", CHAT, chat(xyz=1))
    parts = [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}]
    yield Case("chat, content parts", CHAT, chat(messages=parts))
    yield Case("chat, cache_salt", CHAT, chat(cache_salt="abc"))
    yield Case("chat, query string", CHAT + "?a=b", chat())


def call() -> dict[str, Any]:
    function = {"name": "get_weather", "arguments": '{"city": "Oslo"}'}
    return {"type": "function", "function": function}


def completion_cases() -> Iterator[Case]:
    yield from both("completion", COMPLETIONS, completion())
    yield from both("completion with usage", COMPLETIONS, completion(), stream_options=USAGE)
    name = "completion with running usage"
    yield from both(name, COMPLETIONS, completion(), stream_options=RUNNING_USAGE)
    ends = completion(max_tokens=40, structured_outputs=CHOICE)
    yield from both("completion to its end", COMPLETIONS, ends)
    many = completion(prompt=["a", "b"], n=2, temperature=0.5, seed=1, ignore_eos=True)
    name = "completion of two prompts, n=2"
    yield from both(name, COMPLETIONS, many, ordered=False, stream_options=USAGE)
    yield from both("completion with logprobs", COMPLETIONS, completion(logprobs=1))
    yield Case("completion of tokens", COMPLETIONS, completion(prompt=[104, 105]))
    header = {"X-Request-Id": "me"}
    yield Case("completion, request id", COMPLETIONS, completion(), headers=header)


def response_cases() -> Iterator[Case]:
    yield from both("response", RESPONSES, response())
    form = {"format": {"type": "json_schema", "name": "x", "schema": SCHEMA}}
    yield from both("response to its end", RESPONSES, response(max_output_tokens=60, text=form))
    echoed = response(
        metadata={"k": "v"},
        user="me",
        instructions="Be brief",
        store=False,
        top_p=0.9,
        max_tool_calls=3,
        text={"format": {"type": "text"}},
        truncation="disabled",
        service_tier="auto",
        reasoning={"effort": None},
        safety_identifier="x",
        prompt_cache_key="y",
    )
    yield from both("response with fields to echo", RESPONSES, echoed)
    tools = response(tools=[FLAT_TOOL], tool_choice=FLAT_NAMED, max_output_tokens=150)
    yield from both("response with a call", RESPONSES, tools)
    yield Case("response with a tool not called", RESPONSES, response(tools=[FLAT_TOOL]))
    yield Case("response cut in a call", RESPONSES, {**tools, "max_output_tokens": 3})
    yield from both("response, thinking", RESPONSES, response(max_output_tokens=2, **THINKING))
    thought = response(max_output_tokens=100, text=form, **THINKING)
    yield from both("response, thinking to its end", RESPONSES, thought)
    yield Case("response, request id in the body", RESPONSES, response(request_id="resp_me"))
    wanted = {"include": ["message.output_text.logprobs"], "top_logprobs": 1}
    yield Case("response with logprobs", RESPONSES, response(**wanted))
    turns = [{"role": "user", "content": [{"type": "input_text", "text": "hi"}]}]
    yield Case("response to a list of turns", RESPONSES, response(input=turns))
    empty = {"model": "tiny", "input": "x", "seed": 1, "max_output_tokens": 2}
    yield Case("response with defaults", RESPONSES, empty)


def message_cases() -> Iterator[Case]:
    yield from both("message", MESSAGES, message())
    form = {"format": {"type": "json_schema", "schema": SCHEMA}}
    ends = message(max_tokens=60, output_config=form)
    yield from both("message to its end", MESSAGES, ends)
    tool = {"name": "get_weather", "input_schema": PARAMETERS}
    tools = message(tools=[tool], tool_choice={"type": "any"}, max_tokens=79)
    yield from both("message with a tool call", MESSAGES, tools)
    yield from both("message, thinking", MESSAGES, message(max_tokens=2, **THINKING))
    yield from both("message, thinking to its end", MESSAGES, {**ends, **THINKING})
    system = [{"type": "text", "text": "Be brief. " * 40, "cache_control": {"type": "ephemeral"}}]
    yield Case("message with a system prompt", MESSAGES, message(system=system))
    yield Case("message, request id", MESSAGES, message(), headers={"X-Request-Id": "me"})
    yield Case("count tokens", f"{MESSAGES}/count_tokens", {"model": "tiny", "messages": QUESTION})


def body_errors() -> Iterator[Case]:
    yield Case("broken JSON", CHAT, b'{"model":"tiny",')
    yield Case("empty body", CHAT, b"")
    yield Case("JSON array", CHAT, b"[]")
    yield Case("JSON string", CHAT, b'"x"')
    yield Case("invalid UTF-8", CHAT, b'{"messages":[{"role":"user","content":"a\xff"}]}')
    lone = b'{"model":"tiny","max_tokens":2,"messages":[{"role":"user","content":"a\\ud800"}]}'
    yield Case("lone surrogate", CHAT, lone)
    start = (
        b'{"model":"tiny","max_tokens":2,"temperature":0,'
        b'"messages":[{"role":"user","content":"a"}],"x":'
    )
    yield Case("deep nesting", CHAT, start + b"[" * 5000 + b"]" * 5000 + b"}")
    yield Case("less deep nesting", CHAT, start + b"[" * 100 + b"]" * 100 + b"}")
    yield Case("NaN in an unknown field", CHAT, start + b"NaN}")
    yield Case("NaN as temperature", CHAT, start + b'1,"temperature":NaN}')
    yield Case("duplicate keys", CHAT, start + b'1,"model":"nope","model":"tiny"}')
    yield Case("wrong content type", CHAT, b"{}", headers={"Content-Type": "text/plain"})
    charset = {"Content-Type": "application/json; charset=utf-8"}
    yield Case("content type with a charset", CHAT, chat(), headers=charset)
    for path in (COMPLETIONS, RESPONSES, MESSAGES):
        yield Case(f"broken JSON at {path}", path, b'{"a":')
        yield Case(f"wrong content type at {path}", path, b"{}", headers={"Content-Type": "a/b"})


def chat_errors() -> Iterator[Case]:
    yield Case("no messages", CHAT, {"model": "tiny"})
    yield Case("empty messages", CHAT, chat(messages=[]))
    yield Case("messages as text", CHAT, chat(messages="hi"))
    null = chat(messages=[{"role": "user", "content": None}])
    yield Case("content null", CHAT, null, message=False)
    yield Case("unknown role", CHAT, chat(messages=[{"role": "wizard", "content": "x"}]))
    yield Case("unknown model", CHAT, chat(model="nope"))
    yield Case("unknown model, streamed", CHAT, chat(model="nope", stream=True))
    yield Case("model as number", CHAT, chat(model=5))
    yield Case("too long", CHAT, chat(messages=[{"role": "user", "content": LONG}]))
    yield Case("max_tokens too large", CHAT, chat(max_tokens=100000))
    yield Case("max_tokens 0", CHAT, chat(max_tokens=0))
    yield Case("temperature as a word", CHAT, chat(temperature="x"))
    yield Case("temperature -1", CHAT, chat(temperature=-1))
    yield Case("temperature 3", CHAT, chat(temperature=3))
    yield Case("top_p 0", CHAT, chat(top_p=0))
    yield Case("stream as a word", CHAT, chat(stream="xyz"))
    yield Case("stream_options without stream", CHAT, chat(stream_options=USAGE))
    yield Case("n 0", CHAT, chat(n=0))
    yield Case("n 2, greedy", CHAT, chat(n=2))
    yield Case("tool_choice without tools", CHAT, chat(tool_choice="required"))
    other = {"type": "function", "function": {"name": "nope"}}
    yield Case("tool_choice of no tool", CHAT, chat(tools=[TOOL], tool_choice=other))
    yield Case("tools empty", CHAT, chat(tools=[]))
    yield Case("cache_salt empty", CHAT, chat(cache_salt=""))
    yield Case("cache_salt bad", CHAT, chat(cache_salt="a@b"))
    late = chat(structured_outputs=BAD_GRAMMAR)
    yield Case("late error", CHAT, late, message=False)
    yield Case("late error, streamed", CHAT, {**late, "stream": True}, message=False)


def other_errors() -> Iterator[Case]:
    late = {"structured_outputs": BAD_GRAMMAR, "stream": True}
    yield Case("completion: late error", COMPLETIONS, completion(**late), message=False)
    yield Case("completion: no prompt", COMPLETIONS, {"model": "tiny"})
    yield Case("completion: empty prompt", COMPLETIONS, completion(prompt=""))
    yield Case("completion: unknown model", COMPLETIONS, completion(model="nope"))
    yield Case("completion: too long", COMPLETIONS, completion(prompt=LONG))
    yield Case("completion: suffix", COMPLETIONS, completion(suffix="x"))
    yield Case("response: late error", RESPONSES, response(**late), message=False)
    yield Case("response: no input", RESPONSES, {"model": "tiny"})
    yield Case("response: input as number", RESPONSES, response(input=5))
    yield Case("response: unknown model", RESPONSES, response(model="nope"))
    yield Case("response: too long", RESPONSES, response(input=LONG))
    yield Case("response: background", RESPONSES, response(background=True))
    yield Case("response: previous", RESPONSES, response(previous_response_id="resp_1"))
    yield Case("response: stored", f"{RESPONSES}/resp_1", method="GET")
    yield Case("response: tool_choice without tools", RESPONSES, response(tool_choice="required"))
    yield Case("response: max too large", RESPONSES, response(max_output_tokens=9000))
    grammar = {"format": {"type": "json_schema", "schema": {"type": "nope"}}}
    bad = message(output_config=grammar)
    yield Case("message: late error", MESSAGES, bad, message=False)
    yield Case("message: late error, streamed", MESSAGES, {**bad, "stream": True}, message=False)
    yield Case("message: fields missing", MESSAGES, {"model": "tiny"})
    yield Case("message: wrong types", MESSAGES, message(messages="x", max_tokens="many"))
    yield Case("message: empty", MESSAGES, message(messages=[]))
    yield Case("message: unknown model", MESSAGES, message(model="nope"))
    yield Case("message: unknown role", MESSAGES, message(messages=[{"role": "w", "content": "x"}]))
    yield Case("message: too long", MESSAGES, message(messages=[{"role": "user", "content": LONG}]))
    budget = message(thinking={"type": "enabled", "budget_tokens": 1024})
    yield Case("message: thinking budget", MESSAGES, budget)
    yield Case("message: max too large", MESSAGES, message(max_tokens=9000))


def route_cases() -> Iterator[Case]:
    for path in ("/version", "/v1/models", "/health", "/ping", "/load"):
        yield Case(path, path, method="GET")
    yield Case("tokenize", "/tokenize", {"model": "tiny", "prompt": "Hello"})
    yield Case("tokenize a chat", "/tokenize", {"model": "tiny", "messages": QUESTION})
    yield Case("tokenize nothing", "/tokenize", {"model": "tiny"})
    yield Case("invocations", "/invocations", chat(), key=None)
    yield Case("GET on a POST route", CHAT, method="GET")
    yield Case("HEAD of the models", "/v1/models", method="HEAD")
    yield Case("unknown route", "/v1/nope", {})
    yield Case("unknown open route", "/nope", {}, key=None)
    yield Case("trailing slash", CHAT + "/", chat())
    yield Case("double slash", "/v1//chat/completions", chat())
    preflight = {"Origin": "http://x", "Access-Control-Request-Method": "POST"}
    yield Case("preflight", CHAT, method="OPTIONS", headers=preflight)
    for key in (None, "wrong"):
        yield Case(f"chat, key: {key}", CHAT, chat(), key=key)
        yield Case(f"unknown route, key: {key}", "/v1/nope", {}, key=key)
        yield Case(f"broken body, key: {key}", CHAT, b"{", key=key)
    own = {"x-api-key": "right"}
    yield Case("message, Anthropic's key header", MESSAGES, message(), key=None, headers=own)
    yield Case("version without a key", "/version", method="GET", key=None)


def embedding_cases() -> Iterator[Case]:
    def body(**more: Any) -> dict[str, Any]:
        return {"model": "tiny", "input": "Hello", **more}

    yield Case("embedding", EMBEDDINGS, body())
    yield Case("embeddings", EMBEDDINGS, body(input=["Hello", "you"]))
    yield Case("embedding of tokens", EMBEDDINGS, body(input=[1, 2, 3]))
    yield Case("embedding in base64", EMBEDDINGS, body(encoding_format="base64"))
    yield Case("embedding, request id", EMBEDDINGS, body(), headers={"X-Request-Id": "me"})
    yield Case("embedding, request id in the body", EMBEDDINGS, body(request_id="me"))
    yield Case("embedding, stream", EMBEDDINGS, body(stream=True))
    yield Case("embedding with dimensions", EMBEDDINGS, body(dimensions=8))
    yield Case("embedding of nothing", EMBEDDINGS, body(input=""))
    yield Case("embedding of an empty list", EMBEDDINGS, body(input=[]))
    yield Case("embedding without input", EMBEDDINGS, {"model": "tiny"}, message=False)
    yield Case("embedding, unknown model", EMBEDDINGS, body(model="nope"))
    yield Case("embedding, too long", EMBEDDINGS, body(input=LONG))
    yield Case("embedding, bad format", EMBEDDINGS, body(encoding_format="x"), message=False)
    yield Case("embedding, broken JSON", EMBEDDINGS, b"{")


GENERATING = [
    *chat_cases(),
    *completion_cases(),
    *response_cases(),
    *message_cases(),
    *body_errors(),
    *chat_errors(),
    *other_errors(),
    *route_cases(),
]
EMBEDDING = list(embedding_cases())
