"""POST /v1/responses, without state (vLLM's store is off by default)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from tests.simulator import asking, fields, logprobs, tokens
from tests.simulator.asking import Asked, Context
from tests.simulator.errors import ApiError, Invalid, Refused
from tests.simulator.fields import Body
from tests.simulator.job import Choice, Finish, Generation, Job, Tool

Item = dict[str, Any]
TOOL_DEFAULTS = ("allowed_callers", "async", "defer_loading", "description", "output_schema")


def parse(context: Context, body: Body) -> Asked:
    if body.get("prompt") is not None:
        raise Refused("prompt template is not supported", "prompt")
    given = body.get("input")
    if "input" not in body:
        # vLLM adds a request_id to the body before it looks.
        raise Invalid(fields.missing({**body, "request_id": ""}, "input"))
    if not isinstance(given, str | list):
        error = fields.wrong(body, "input", "string_type", "Input should be a valid string")
        other = fields.wrong(body, "input", "list_type", "Input should be a valid list")
        raise Invalid(*error.problems, *other.problems)
    model = asking.model_of(context, body)
    check_state(body)
    tools = tools_of(body)
    messages = messages_of(body)
    used = chosen(body, tools, messages)
    sampling = asking.sampling_of(context, body, max_tokens="max_output_tokens", default=None)
    reasoning = body.get("reasoning")
    effort = reasoning.get("effort") if isinstance(reasoning, dict) else None
    job = Job(
        model=model,
        prompt=asking.render(messages, tools),
        question=asking.last_question(messages) if messages else "",
        sampling=sampling,
        cache_salt=asking.salt_of(body),
        tools=used,
        thinking=asking.thinks(body) or effort in ("low", "medium", "high"),
        **(text_format(body) or asking.guided(body)),
    )
    prompt_tokens = tokens.count(job.prompt)
    limit = min(sampling.max_tokens, max(context.config.max_model_len - prompt_tokens, 1))
    return Asked(
        context=context,
        body=body,
        id=fields.string(body, "request_id") or f"resp_{asking.random_id()}",
        created=asking.now(),
        model=model,
        jobs=(job,),
        stream=fields.boolean(body, "stream"),
        extra={"tools": bool(tools), "limit": limit, "logprobs": wanted_logprobs(body)},
    )


def check_state(body: Body) -> None:
    if fields.boolean(body, "background"):
        raise ApiError(
            "This vLLM engine does not support `store=True` and therefore does not support the "
            "background mode. To enable these features, set the environment variable "
            "`VLLM_ENABLE_RESPONSES_API_STORE=1` when launching the vLLM server.",
            kind="invalid_request_error",
            param="background",
        )
    if previous := fields.string(body, "previous_response_id"):
        raise not_found(previous)


def not_found(identity: str) -> ApiError:
    message = f"Response with id '{identity}' not found."
    return ApiError(message, status=404, kind="invalid_request_error", param="response_id")


def tools_of(body: Body) -> tuple[Tool, ...]:
    given = body.get("tools")
    listed = [tool for tool in given if isinstance(tool, dict)] if isinstance(given, list) else []
    return tuple(Tool(str(tool.get("name", "")), tool.get("parameters")) for tool in listed)


def messages_of(body: Body) -> list[dict[str, Any]]:
    """The input's items as chat messages."""
    messages: list[dict[str, Any]] = []
    if instructions := fields.string(body, "instructions"):
        messages.append({"role": "system", "content": instructions})
    given = body["input"]
    if isinstance(given, str):
        return [*messages, {"role": "user", "content": given}]
    for item in given:
        if not isinstance(item, dict):
            messages.append({"role": "user", "content": str(item)})
        elif item.get("type") == "function_call":
            messages.append({"role": "assistant", "content": json.dumps(item)})
        elif item.get("type") == "function_call_output":
            messages.append({"role": "tool", "content": item.get("output")})
        else:
            messages.append(item)
    return messages


def chosen(body: Body, tools: tuple[Tool, ...], messages: asking.Messages) -> tuple[Tool, ...]:
    choice = body.get("tool_choice")
    if choice == "required" and not tools:
        text = "Tool choice 'required' must be specified with 'tools' parameter."
        raise Refused(text, "tool_choice")
    if isinstance(choice, dict):
        return tuple(tool for tool in tools if tool.name == choice.get("name"))
    parallel = fields.boolean(body, "parallel_tool_calls", True)
    mentioned = asking.called(tools, messages, parallel=parallel)
    if choice == "required":
        return mentioned or tools[:1]
    return () if choice == "none" else mentioned


def text_format(body: Body) -> dict[str, Any]:
    text = body.get("text")
    value = text.get("format") if isinstance(text, dict) else None
    if isinstance(value, dict) and value.get("type") == "json_schema":
        return {"schema": asking.check_schema(value.get("schema"))}
    if isinstance(value, dict) and value.get("type") == "json_object":
        return {"schema": {}}
    return {}


def wanted_logprobs(body: Body) -> int | None:
    include = body.get("include")
    if isinstance(include, list) and "message.output_text.logprobs" in include:
        return fields.integer(body, "top_logprobs") or 0
    return None


# ---- the answer


def response(asked: Asked, status: str, output: list[Item], usage: Item | None) -> Item:
    """The object; ``status``: in_progress, completed or incomplete."""
    body = asked.body
    sampling = asked.jobs[0].sampling
    incomplete = {"reason": "max_output_tokens"} if status == "incomplete" else None
    return {
        "id": asked.id,
        "created_at": asked.created,
        "incomplete_details": incomplete,
        "instructions": body.get("instructions"),
        "metadata": body.get("metadata"),
        "model": asked.model,
        "object": "response",
        "output": output,
        "parallel_tool_calls": fields.boolean(body, "parallel_tool_calls", True),
        "temperature": sampling.temperature,
        "tool_choice": tool_choice(asked),
        "tools": [filled_tool(tool) for tool in body.get("tools") or []],
        "top_p": sampling.top_p,
        "background": False,
        "max_output_tokens": asked.extra["limit"],
        "max_tool_calls": body.get("max_tool_calls"),
        "previous_response_id": None,
        "prompt": None,
        "reasoning": filled_reasoning(body.get("reasoning")),
        "service_tier": body.get("service_tier") or "auto",
        "status": status,
        "text": filled_text(body.get("text")),
        "top_logprobs": asked.extra["logprobs"],
        "truncation": body.get("truncation") or "disabled",
        "usage": usage,
        "user": body.get("user"),
        "presence_penalty": fields.number(body, "presence_penalty") or 0.0,
        "frequency_penalty": fields.number(body, "frequency_penalty") or 0.0,
        "kv_transfer_params": None,
        "ec_transfer_params": None,
        "input_messages": None,
        "output_messages": None,
    }


def tool_choice(asked: Asked) -> Any:
    choice = asked.body.get("tool_choice") or "auto"
    if isinstance(choice, dict):
        return {"name": choice.get("name"), "type": "function"}
    return choice if asked.extra["tools"] else "none"


def filled_tool(tool: Mapping[str, Any]) -> Item:
    return {
        "name": tool.get("name"),
        "parameters": tool.get("parameters"),
        "strict": tool.get("strict"),
        "type": "function",
        **{name: tool.get(name) for name in TOOL_DEFAULTS},
    }


def filled_reasoning(given: Any) -> Item | None:
    if not isinstance(given, dict):
        return None
    names = ("context", "effort", "generate_summary", "mode", "summary")
    return {name: given.get(name) for name in names}


def filled_text(given: Any) -> Item | None:
    if not isinstance(given, dict):
        return None
    value = given.get("format")
    if isinstance(value, dict) and value.get("type") == "json_schema":
        names = ("name", "schema", "type", "description", "strict")
        value = {name: value.get(name) for name in names}
    return {"format": value, "verbosity": given.get("verbosity")}


def usage_of(asked: Asked, generation: Generation) -> Item:
    prompt, completion = generation.prompt_tokens, generation.completion_tokens
    shown = asked.context.config.prompt_tokens_details
    return {
        "input_tokens": prompt,
        "input_tokens_details": {
            "cached_tokens": generation.cached_tokens if shown else 0,
            "cache_write_tokens": generation.created_cache_tokens if shown else 0,
            "input_tokens_per_turn": [],
            "cached_tokens_per_turn": [],
        },
        "output_tokens": completion,
        "output_tokens_details": {
            "reasoning_tokens": sum(len(choice.reasoning) for choice in generation.choices),
            "tool_output_tokens": 0,
            "output_tokens_per_turn": [],
            "tool_output_tokens_per_turn": [],
        },
        "total_tokens": prompt + completion,
    }


def reasoning_item(choice: Choice, status: str | None) -> Item:
    return {
        "id": f"rs_{asking.random_id()}",
        "summary": [],
        "type": "reasoning",
        "content": [{"text": choice.thought, "type": "reasoning_text"}],
        "encrypted_content": None,
        "status": status,
    }


def text_part(asked: Asked, choice: Choice) -> Item:
    return {
        "annotations": [],
        "text": choice.content,
        "type": "output_text",
        "logprobs": logprobs.responses(asked.extra["logprobs"], choice.text),
    }


def message_item(asked: Asked, choice: Choice) -> Item:
    return {
        "id": f"msg_{asking.random_id()}",
        "content": [text_part(asked, choice)],
        "role": "assistant",
        "status": "completed",
        "type": "message",
        "phase": None,
    }


def call_item(name: str, arguments: str) -> Item:
    return {
        "arguments": arguments,
        "call_id": f"chatcmpl-tool-{asking.random_id()}",
        "name": name,
        "type": "function_call",
        "id": f"fc_{asking.random_id()}",
        "async": None,
        "caller": None,
        "namespace": None,
        "status": "completed",
    }


def items(asked: Asked, choice: Choice, *, whole: bool) -> Iterator[Item]:
    if choice.reasoning:
        yield reasoning_item(choice, None if whole else "completed")
    calls = () if whole and choice.finish is Finish.LENGTH else choice.calls
    if choice.text and not calls:
        yield message_item(asked, choice)
    for call in calls:
        yield call_item(call.name, call.arguments)


def status_of(choice: Choice) -> str:
    return "incomplete" if choice.finish is Finish.LENGTH else "completed"


def whole(asked: Asked, generation: Generation) -> bytes:
    choice = generation.choices[0]
    output = list(items(asked, choice, whole=True))
    return orjson.dumps(response(asked, status_of(choice), output, usage_of(asked, generation)))
