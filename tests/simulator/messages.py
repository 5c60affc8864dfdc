"""POST /v1/messages (Anthropic's API, which vLLM serves on top of chat) and its count_tokens."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import orjson

from tests.simulator import asking, chat, fields, tokens
from tests.simulator.asking import Asked, Context
from tests.simulator.errors import Invalid, Problem, Refused
from tests.simulator.fields import Body
from tests.simulator.job import Choice, Event, Finish, Generation, Job, Tool

ROLES = ("user", "assistant", "system")


def parse(context: Context, body: Body) -> Asked:
    check(body)
    messages = body["messages"]
    model = asking.model_of(context, body)
    if not messages:
        text = "Cannot apply chat template to an empty conversation. Provide at least one message."
        raise Refused(text)
    tools = tools_of(body)
    used = chosen(body, tools, messages)
    # vLLM hands the request on as a chat request with max_completion_tokens.
    translated = {**body, "max_completion_tokens": body["max_tokens"]}
    sampling = asking.sampling_of(
        context,
        translated,
        max_tokens="max_completion_tokens",
        default=None,
        stop="stop_sequences",
    )
    thinking = body.get("thinking")
    enabled = isinstance(thinking, dict) and thinking.get("type") == "enabled"
    job = Job(
        model=model,
        prompt=prompt_of(body, tools),
        question=asking.last_question(messages),
        sampling=sampling,
        cache_salt=asking.salt_of(body),
        tools=used,
        thinking=enabled or asking.thinks(body),
        **output_format(body),
    )
    return Asked(
        context=context,
        body=body,
        id=context.new_id("chatcmpl-"),
        created=asking.now(),
        model=model,
        jobs=(job,),
        stream=fields.boolean(body, "stream"),
    )


def check(body: Body, *required: str) -> None:
    names = required or ("model", "messages", "max_tokens")
    if gone := [fields.missing(body, name) for name in names if name not in body]:
        raise Invalid(*gone)
    messages = body["messages"]
    problems = []
    if not isinstance(messages, list):
        text = "Input should be a valid list"
        problems.append(Problem("list_type", "body.messages", text, fields.shown(messages)))
    if problems and "max_tokens" in names:
        try:
            fields.integer(body, "max_tokens")
        except Invalid as error:
            raise Invalid(*problems, *error.problems) from None
    if problems:
        raise Invalid(*problems)
    limit = fields.integer(body, "max_tokens")
    thinking = body.get("thinking")
    budget = fields.integer(thinking, "budget_tokens") if isinstance(thinking, dict) else None
    if limit is not None and budget is not None and budget >= limit:
        text = "Value error, thinking.budget_tokens must be less than max_tokens"
        context = "'error': ValueError('thinking.budget_tokens must be less than max_tokens')"
        raise Invalid(Problem("value_error", "body", text, fields.shown(body), context))
    for index, message in enumerate(messages):
        role = message.get("role") if isinstance(message, dict) else None
        if role not in ROLES:
            expected = "'user', 'assistant' or 'system'"
            place = f"body.messages.{index}.role"
            context = f"'expected': {expected!r}"
            text = f"Input should be {expected}"
            raise Invalid(Problem("literal_error", place, text, fields.shown(role), context))


def tools_of(body: Body) -> tuple[Tool, ...]:
    given = body.get("tools")
    listed = [tool for tool in given if isinstance(tool, dict)] if isinstance(given, list) else []
    return tuple(Tool(str(tool.get("name", "")), tool.get("input_schema")) for tool in listed)


def chosen(body: Body, tools: tuple[Tool, ...], messages: asking.Messages) -> tuple[Tool, ...]:
    choice = body.get("tool_choice")
    kind = choice.get("type") if isinstance(choice, dict) else None
    last = messages[-1].get("content")
    result = isinstance(last, list) and any(
        isinstance(part, dict) and part.get("type") == "tool_result" for part in last
    )
    mentioned = () if result else asking.called(tools, messages, parallel=True)
    if kind == "tool":
        return tuple(tool for tool in tools if tool.name == choice.get("name")) if choice else ()
    if kind == "any":
        return mentioned or tools[:1]
    return () if kind == "none" else mentioned


def prompt_of(body: Body, tools: tuple[Tool, ...]) -> str:
    messages = list(body["messages"])
    if body.get("system"):
        messages.insert(0, {"role": "system", "content": body["system"]})
    return asking.render(messages, tools)


def output_format(body: Body) -> dict[str, Any]:
    config = body.get("output_config")
    value = config.get("format") if isinstance(config, dict) else None
    if isinstance(value, dict) and value.get("type") == "json_schema":
        return {"schema": asking.check_schema(value.get("schema"))}
    return {}


def count_tokens(context: Context, body: Body) -> bytes:
    check(body, "model", "messages")
    asking.model_of(context, body)
    count = tokens.count(prompt_of(body, tools_of(body)))
    return orjson.dumps(
        {"input_tokens": count, "context_management": {"original_input_tokens": count}}
    )


def usage_of(asked: Asked, generation: Generation) -> dict[str, int]:
    """Input tokens are those that were neither found in nor put into the prefix cache."""
    usage = {
        "input_tokens": generation.prompt_tokens,
        "output_tokens": generation.completion_tokens,
    }
    if asked.context.config.prompt_tokens_details:
        known = generation.cached_tokens + generation.created_cache_tokens
        usage["input_tokens"] -= known
        usage["cache_creation_input_tokens"] = generation.created_cache_tokens
        usage["cache_read_input_tokens"] = generation.cached_tokens
    return usage


def stop_reason(choice: Choice) -> str:
    if choice.finish is Finish.STOP:
        return "stop_sequence" if choice.stop_string is not None else "end_turn"
    return "max_tokens" if choice.finish is Finish.LENGTH else "tool_use"


def whole(asked: Asked, generation: Generation) -> bytes:
    choice = generation.choices[0]
    content: list[dict[str, Any]] = []
    if choice.reasoning:
        signature = uuid.uuid4().hex
        content.append({"type": "thinking", "thinking": choice.thought, "signature": signature})
    if choice.text:
        content.append({"type": "text", "text": choice.content})
    for call in chat.complete_calls(choice):
        function = call["function"]
        arguments = orjson.loads(function["arguments"])
        name = function["name"]
        content.append({"type": "tool_use", "id": call["id"], "name": name, "input": arguments})
    answer: dict[str, Any] = {
        "id": asked.id,
        "type": "message",
        "role": "assistant",
        "content": content,
        "model": asked.model,
        "stop_reason": stop_reason(choice),
    }
    if choice.stop_string is not None:
        answer["stop_sequence"] = choice.stop_string
    return orjson.dumps({**answer, "usage": usage_of(asked, generation)})


def event(name: str, data: bytes) -> bytes:
    return b'event: %b\ndata: {"type":"%b"%b}\n\n' % (name.encode(), name.encode(), data)


def events(asked: Asked, generation: Generation) -> Iterator[Event]:
    choice = generation.choices[0]
    message: dict[str, Any] = {
        "id": asked.id,
        "type": "message",
        "role": "assistant",
        "content": [],
        "model": asked.model,
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": generation.prompt_tokens, "output_tokens": 0},
    }
    yield Event(event("message_start", b',"message":' + orjson.dumps(message)), 0)
    for index, (start, kind, field, pieces) in enumerate(blocks(choice)):
        block = b',"content_block":%b,"index":%d' % (orjson.dumps(start), index)
        yield Event(event("content_block_start", block), 0)
        for piece in pieces:
            yield Event(delta(index, kind, field, piece), 1)
        if field == "thinking":
            yield Event(delta(index, "signature_delta", "signature", uuid.uuid4().hex), 0)
        yield Event(event("content_block_stop", b',"index":%d' % index), 0)
    end = {"stop_reason": stop_reason(choice), "stop_sequence": choice.stop_string}
    usage = orjson.dumps(usage_of(asked, generation))
    data = b',"delta":' + orjson.dumps(end) + b',"usage":' + usage
    yield Event(event("message_delta", data), 1)
    yield Event(event("message_stop", b""), 0)


def delta(index: int, kind: str, field: str, piece: str) -> bytes:
    data = b',"delta":{"type":"%b","%b":%b},"index":%d' % (
        kind.encode(),
        field.encode(),
        orjson.dumps(piece),
        index,
    )
    return event("content_block_delta", data)


Block = tuple[dict[str, object], str, str, tuple[str, ...]]


def blocks(choice: Choice) -> Iterator[Block]:
    """(the opening block, the deltas' type, their field, the pieces)."""
    if choice.reasoning:
        yield {"type": "thinking", "thinking": ""}, "thinking_delta", "thinking", choice.reasoning
    if choice.text and not choice.calls:
        yield {"type": "text", "text": ""}, "text_delta", "text", choice.text
    for call in choice.calls:
        identity = f"chatcmpl-tool-{asking.random_id()}"
        start: dict[str, object] = {
            "type": "tool_use",
            "id": identity,
            "name": call.name,
            "input": {},
        }
        pieces = tuple(tokens.split(call.arguments))
        yield start, "input_json_delta", "partial_json", pieces
