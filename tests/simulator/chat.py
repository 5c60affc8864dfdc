"""POST /v1/chat/completions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from tests.simulator import asking, fields, logprobs, tokens
from tests.simulator.asking import Asked, Context
from tests.simulator.chunks import Frame, Piece, interleaved
from tests.simulator.errors import Refused
from tests.simulator.fields import Body
from tests.simulator.job import Choice, Event, Finish, Generation, Job, Tool


def parse(context: Context, body: Body) -> Asked:
    messages = asking.messages_of(body)
    model = asking.model_of(context, body)
    stream, usage, continuous = asking.stream_of(body)
    tools = tools_of(body)
    used = chosen(body, tools, messages)
    choice = body.get("tool_choice")
    job = Job(
        model=model,
        prompt=asking.render(messages, tools),
        question=asking.last_question(messages),
        sampling=asking.sampling_of(
            context, body, max_tokens="max_completion_tokens", default=None
        ),
        cache_salt=asking.salt_of(body),
        tools=used,
        thinking=asking.thinks(body),
        **(response_format(body) or asking.guided(body)),
    )
    return Asked(
        context=context,
        body=body,
        id=context.new_id("chatcmpl-", fields.string(body, "request_id")),
        created=asking.now(),
        model=model,
        jobs=(job,),
        stream=stream,
        include_usage=usage,
        continuous_usage=continuous,
        extra={
            "named": isinstance(choice, dict),
            "forced": isinstance(choice, dict) or choice == "required",
            "reasoning": fields.boolean(body, "include_reasoning", True),
            "token_ids": fields.boolean(body, "return_token_ids"),
        },
    )


def tools_of(body: Body) -> tuple[Tool, ...]:
    given = body.get("tools")
    if given is None:
        return ()
    if not isinstance(given, list):
        raise fields.wrong(body, "tools", "list_type", "Input should be a valid list")
    if not given:
        text = (
            "`tools` must not be an empty array. Either provide at least one tool or omit the "
            "field entirely."
        )
        raise Refused(text, "tools")
    functions = [tool.get("function") or {} for tool in given if isinstance(tool, dict)]
    return tuple(Tool(str(f.get("name", "")), f.get("parameters")) for f in functions)


def chosen(body: Body, tools: tuple[Tool, ...], messages: asking.Messages) -> tuple[Tool, ...]:
    """The tools that the answer will call."""
    choice = body.get("tool_choice")
    if choice is not None and choice != "none" and not tools:
        raise Refused("When using `tool_choice`, `tools` must be set.", "tool_choice")
    parallel = fields.boolean(body, "parallel_tool_calls", True)
    if isinstance(choice, dict):
        name = (choice.get("function") or {}).get("name")
        match = tuple(tool for tool in tools if tool.name == name)
        if not match:
            text = "The tool specified in `tool_choice` does not match any of the specified `tools`"
            raise Refused(text, "tool_choice")
        return match
    mentioned = asking.called(tools, messages, parallel=parallel)
    if choice == "required":
        return mentioned or tools[:1]
    return () if choice == "none" else mentioned


def response_format(body: Body) -> dict[str, Any]:
    value = body.get("response_format")
    if not isinstance(value, dict):
        return {}
    if value.get("type") == "json_object":
        return {"schema": {}}
    if value.get("type") == "json_schema":
        return {"schema": asking.check_schema((value.get("json_schema") or {}).get("schema"))}
    return {}


def usage_of(asked: Asked, generation: Generation, *, whole: bool) -> dict[str, Any]:
    prompt, completion = generation.prompt_tokens, generation.completion_tokens
    usage: dict[str, Any] = {
        "prompt_tokens": prompt,
        "total_tokens": prompt + completion,
        "completion_tokens": completion,
    }
    if asked.context.config.prompt_tokens_details:
        usage["prompt_tokens_details"] = {
            "cached_tokens": generation.cached_tokens,
            "created_cache_tokens": generation.created_cache_tokens,
        }
        if whole:
            usage["prompt_tokens_details"]["multimodal_tokens"] = None
    elif whole:
        usage["prompt_tokens_details"] = None
    reasoning = sum(len(choice.reasoning) for choice in generation.choices)
    usage["completion_tokens_details"] = {"reasoning_tokens": reasoning}
    return usage


def whole(asked: Asked, generation: Generation) -> bytes:
    choices = [
        {
            "index": index,
            "message": message(asked, choice),
            "logprobs": logprobs.chat(asked.jobs[0].sampling.logprobs, choice),
            "finish_reason": finish_reason(asked, choice),
            "stop_reason": choice.stop_string,
            "token_ids": token_ids(asked, choice.reasoning + choice.text),
            "routed_experts": None,
        }
        for index, choice in enumerate(generation.choices)
    ]
    return orjson.dumps(
        {
            "id": asked.id,
            "object": "chat.completion",
            "created": asked.created,
            "model": asked.model,
            "choices": choices,
            "service_tier": None,
            "system_fingerprint": asked.context.fingerprint,
            "usage": usage_of(asked, generation, whole=True),
            "prompt_logprobs": None,
            "prompt_token_ids": text_ids(asked, asked.jobs[0].prompt),
            "prompt_text": None,
            "kv_transfer_params": None,
            "ec_transfer_params": None,
            "metrics": None,
        }
    )


def token_ids(asked: Asked, pieces: tuple[str, ...]) -> list[int] | None:
    return tokens.identify(pieces) if asked.extra["token_ids"] else None


def text_ids(asked: Asked, text: str) -> list[int] | None:
    return tokens.identify(tokens.split(text)) if asked.extra["token_ids"] else None


def message(asked: Asked, choice: Choice) -> dict[str, Any]:
    calls = complete_calls(choice)
    content: str | None = choice.content
    if not content and not (calls and asked.extra["forced"]) and (calls or choice.reasoning):
        content = None
    message: dict[str, Any] = {
        "role": "assistant",
        "content": content,
        "refusal": None,
        "annotations": None,
        "audio": None,
        "function_call": None,
    }
    if calls:
        message["tool_calls"] = calls
    visible = asked.extra["reasoning"] and choice.reasoning
    message["reasoning"] = choice.thought if visible else None
    return message


def complete_calls(choice: Choice) -> list[dict[str, Any]]:
    """A call that the token limit cut is shown as raw text, except in a stream."""
    if choice.finish is Finish.LENGTH:
        return []
    return [
        {
            "id": f"chatcmpl-tool-{asking.random_id()}",
            "type": "function",
            "function": {"name": call.name, "arguments": call.arguments},
        }
        for call in choice.calls
    ]


def finish_reason(asked: Asked, choice: Choice) -> str:
    if choice.finish is Finish.TOOL_CALLS and asked.extra["named"]:
        return "stop"
    return choice.finish.value


# ---- streamed


def events(asked: Asked, generation: Generation) -> Iterator[Event]:
    head = (
        b'data: {"id":%b,"object":"chat.completion.chunk","created":%d,"model":%b,"choices":['
        % (orjson.dumps(asked.id), asked.created, orjson.dumps(asked.model))
    )
    prompt_ids = orjson.dumps(text_ids(asked, asked.jobs[0].prompt))
    first = b',"prompt_token_ids":%b,"prompt_text":null' % prompt_ids
    for index in range(len(generation.choices)):
        role = (
            b'{"index":%d,"delta":{"role":"assistant","content":""},"logprobs":null,'
            b'"finish_reason":null}]' % index
        )
        yield Event(head + role + running_usage(asked, generation, 0) + first + b"}\n\n", 0)
    frame = Frame(
        asked,
        head,
        lambda made: running_usage(asked, generation, made),
        lambda: usage_of(asked, generation, whole=False),
    )
    yield from interleaved(
        frame, (choice_events(asked, n, choice) for n, choice in enumerate(generation.choices))
    )


def running_usage(asked: Asked, generation: Generation, made: int) -> bytes:
    if not asked.continuous_usage:
        return b""
    prompt = generation.prompt_tokens
    return (
        b',"usage":{"prompt_tokens":%d,"total_tokens":%d,"completion_tokens":%d,'
        b'"completion_tokens_details":{"reasoning_tokens":0}}' % (prompt, prompt + made, made)
    )


def choice_events(asked: Asked, index: int, choice: Choice) -> Iterator[Piece]:
    start = b'{"index":%d,"delta":' % index
    sampling = asked.jobs[0].sampling
    stop = orjson.dumps(choice.stop_string)
    reason = orjson.dumps(finish_reason(asked, choice))
    parts = list(deltas(asked, choice))
    for number, (delta, piece, count) in enumerate(parts):
        probabilities = b"null"
        if sampling.logprobs is not None:
            probabilities = orjson.dumps(logprobs.chat_pieces(sampling.logprobs, (piece,)))
        ids = orjson.dumps(token_ids(asked, (piece,) if piece else ()))
        cut = choice.finish is Finish.LENGTH and number == len(parts) - 1
        end = b'"finish_reason":null,'
        if cut:
            end = b'"finish_reason":%b,"stop_reason":%b,' % (reason, stop)
        data = start + delta + b',"logprobs":' + probabilities + b"," + end
        yield data + b'"token_ids":' + ids + b"}", count, cut
        if cut:
            return
    ids = orjson.dumps(token_ids(asked, ()))
    end = b'{},"logprobs":null,"finish_reason":%b,"stop_reason":%b,"token_ids":%b}' % (
        reason,
        stop,
        ids,
    )
    yield start + end, 1, True


def deltas(asked: Asked, choice: Choice) -> Iterator[tuple[bytes, str, int]]:
    """(delta, its text, tokens)."""
    if asked.extra["reasoning"]:
        for piece in choice.reasoning:
            yield b'{"reasoning":' + orjson.dumps(piece) + b"}", piece, 1
    if not choice.calls:
        tail = b"}" if asked.extra["reasoning"] else b',"reasoning":null}'
        for piece in choice.text:
            yield b'{"content":' + orjson.dumps(piece) + tail, piece, 1
    for number, call in enumerate(choice.calls):
        opening = (
            b'{"content":null,"tool_calls":[{"id":"chatcmpl-tool-%b","type":"function","index":%d,'
            b'"function":{"name":%b}}]}'
            % (asking.random_id().encode(), number, orjson.dumps(call.name))
        )
        yield opening, "", 8
        for piece in tokens.split(call.arguments):
            more = b'{"content":null,"tool_calls":[{"index":%d,"function":{"arguments":%b}}]}' % (
                number,
                orjson.dumps(piece),
            )
            yield more, piece, 1
