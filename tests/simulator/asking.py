"""What the generating APIs have in common: from a body's fields to a Job."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.simulator import fields, tokens
from tests.simulator.config import SimConfig
from tests.simulator.errors import Invalid, Late, Problem, Refused, unknown_model
from tests.simulator.fields import Body
from tests.simulator.job import Generation, Job, Sampling, Tool

BAD_SALT = re.compile(r"[@/\\\x00]")
SCHEMA_TYPES = frozenset(("object", "array", "string", "number", "integer", "boolean", "null"))
Messages = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Context:
    """What an API needs to know besides the body."""

    config: SimConfig
    models: Sequence[str]
    request_id: str | None
    """The X-Request-Id header."""

    fingerprint: str

    def new_id(self, prefix: str, body_id: str | None = None) -> str:
        """vLLM's rule: the header verbatim, else the body's request_id, else 16 random digits."""
        return prefix + (self.request_id or body_id or random_id())


@dataclass(frozen=True)
class Asked:
    """One request of any API, understood."""

    context: Context
    body: Body
    id: str
    created: int
    model: str
    jobs: tuple[Job, ...]
    stream: bool
    include_usage: bool = False
    continuous_usage: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)


def random_id() -> str:
    return f"{uuid.uuid4().int & (1 << 64) - 1:016x}"


def now() -> int:
    return int(time.time())


def merged(generations: Sequence[Generation]) -> Generation:
    """Several prompts in one request: one answer, the choices numbered through."""
    first = generations[0]
    if len(generations) == 1:
        return first
    return replace(
        first,
        choices=tuple(choice for each in generations for choice in each.choices),
        prompt_tokens=sum(each.prompt_tokens for each in generations),
        cached_tokens=sum(each.cached_tokens for each in generations),
        created_cache_tokens=sum(each.created_cache_tokens for each in generations),
    )


def model_of(context: Context, body: Body, *, embeddings: bool = False) -> str:
    model = fields.string(body, "model")
    if not model:
        return context.models[0]
    if model not in context.models:
        raise unknown_model(model, list(context.models), embeddings=embeddings)
    return model


def sampling_of(
    context: Context, body: Body, *, max_tokens: str, default: int | None, stop: str = "stop"
) -> Sampling:
    """``max_tokens`` and ``stop`` are the fields' names; default None: the rest of the window."""
    config = context.config
    temperature = fields.finite(fields.number(body, "temperature"), "temperature", 0, 2)
    top_p = fields.finite(fields.number(body, "top_p"), "top_p", 0, 1)
    if temperature is None:
        temperature = config.default_temperature
    limit = fields.integer(body, max_tokens)
    if limit is None and max_tokens == "max_completion_tokens":
        limit = fields.integer(body, "max_tokens")
    if limit is not None and limit < 1:
        raise Refused(f"max_tokens must be at least 1, got {limit}.", "max_tokens", value=limit)
    if limit is not None and limit > config.max_model_len:
        given = max_tokens if max_tokens in body else "max_tokens"
        raise Refused(
            f"{given}={limit} cannot be greater than max_model_len={config.max_model_len}. "
            "Please request fewer output tokens.",
            given,
            value=limit,
        )
    count = fields.integer(body, "n")
    count = 1 if count is None else count
    if count < 1:
        raise Refused(f"n must be at least 1, got {count}.")
    if count > 1 and temperature == 0:
        raise Refused(f"n must be 1 when using greedy sampling, got {count}.")
    return Sampling(
        temperature=temperature,
        top_p=1.0 if temperature == 0 else (config.default_top_p if top_p is None else top_p),
        seed=fields.integer(body, "seed"),
        max_tokens=limit if limit is not None else (default or config.max_model_len),
        stop=fields.strings(body, stop),
        n=count,
        ignore_eos=fields.boolean(body, "ignore_eos"),
        logprobs=logprobs_of(body),
    )


def logprobs_of(body: Body) -> int | None:
    """Chat has a switch and a number, completions only a number."""
    value = body.get("logprobs")
    if value is None or value is False:
        return None
    if value is True:
        return fields.integer(body, "top_logprobs") or 0
    return fields.integer(body, "logprobs")


def salt_of(body: Body) -> str:
    salt = fields.string(body, "cache_salt")
    if salt is None:
        return ""
    if not salt:
        text = "Parameter 'cache_salt' must be a non-empty string if provided."
        raise Refused(text, "cache_salt")
    if len(salt) > 128 or BAD_SALT.search(salt):
        text = (
            "Parameter 'cache_salt' must be at most 128 characters and must not contain '@', '/', "
            r"'\\', or NUL."
        )
        raise Refused(text, "cache_salt")
    return salt


def stream_of(body: Body) -> tuple[bool, bool, bool]:
    """stream, include_usage, continuous_usage_stats (which needs the second)."""
    stream = fields.boolean(body, "stream")
    options = body.get("stream_options")
    if options is None:
        return stream, False, False
    if not stream:
        raise Refused("Stream options can only be defined when `stream=True`.", "stream_options")
    if not isinstance(options, dict):
        message = "Input should be a valid dictionary or instance of StreamOptions"
        raise fields.wrong(body, "stream_options", "model_attributes_type", message)
    usage = fields.boolean(options, "include_usage")
    return stream, usage, usage and fields.boolean(options, "continuous_usage_stats")


def messages_of(body: Body) -> list[dict[str, Any]]:
    if "messages" not in body:
        raise Invalid(fields.missing(body, "messages"))
    messages = body["messages"]
    if not isinstance(messages, list):
        raise fields.wrong(body, "messages", "list_type", "Input should be a valid list")
    for index, message in enumerate(messages):
        check_message(index, message)
    if not messages:
        text = "Cannot apply chat template to an empty conversation. Provide at least one message."
        raise Refused(text)
    return messages


def check_message(index: int, message: Any) -> None:
    """vLLM tries each role's own model in turn and complains in the name of the first."""
    right = isinstance(message, dict) and "role" in message
    if right and message["role"] in ("user", "system", "developer", "tool"):
        right = isinstance(message.get("content", ""), (str, list))
    if not right:
        place = f"body.messages.{index}.ChatCompletionDeveloperMessageParam.content"
        value = fields.shown(message.get("content") if isinstance(message, dict) else message)
        raise Invalid(Problem("string_type", place, "Input should be a valid string", value))


def text_of(content: Any) -> str:
    """The text of a message's content: a string, or parts of which some are text."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    texts = []
    for part in content:
        if isinstance(part, dict):
            text = part.get("text", part.get("content", ""))
            texts.append(text if isinstance(text, str) else text_of(text))
        else:
            texts.append(str(part))
    return "\n".join(texts)


def render(messages: Messages, tools: Sequence[Tool] = ()) -> str:
    """The chat template: tools first, so that conversations with the same ones share a prefix."""
    lines = [f"<|tool|>{tool.name} {tool.parameters}" for tool in tools]
    for message in messages:
        calls = message.get("tool_calls") or ""
        role = message.get("role", "user")
        lines.append(f"<|{role}|>{text_of(message.get('content'))}{calls}")
    lines.append("<|assistant|>")
    text = "\n".join(lines)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = "TextEncodeInput must be Union[TextInputSequence, Tuple[InputSequence, "
        raise Refused(f"{text}InputSequence]]") from None
    return text


def last_question(messages: Messages) -> str:
    for message in reversed(messages):
        if message.get("role") == "user":
            return text_of(message.get("content"))
    return text_of(messages[-1].get("content"))


def called(tools: Sequence[Tool], messages: Messages, *, parallel: bool) -> tuple[Tool, ...]:
    """With a free choice: the tools whose name the user's last message mentions, if that is the
    last one (a tool's result is answered in words)."""
    if not messages or messages[-1].get("role") != "user":
        return ()
    question = last_question(messages).lower()
    spoken = question.replace("_", " ")
    hits = [t for t in tools if t.name.lower().replace("_", " ") in spoken]
    return tuple(hits if parallel else hits[:1])


def check_schema(schema: Any) -> Any:
    """What the grammar compiler would refuse; it looks when the answer has already begun."""
    if isinstance(schema, dict):
        kind = schema.get("type")
        if isinstance(kind, str) and kind not in SCHEMA_TYPES:
            raise Late(f"Grammar error: Invalid type: {kind}")
    return schema


def guided(body: Body) -> dict[str, Any]:
    """``structured_outputs``: Job's fields. A regex is only checked, never followed."""
    options = body.get("structured_outputs")
    if not isinstance(options, dict):
        return {}
    if isinstance(pattern := options.get("regex"), str):
        try:
            re.compile(pattern)
        except re.error as error:
            raise Late(f"Failed to transform regex into a grammar: {error}") from None
    if isinstance(choice := options.get("choice"), list) and choice:
        return {"choices": tuple(str(item) for item in choice)}
    if (schema := options.get("json")) is not None:
        return {"schema": check_schema(schema)}
    return {"schema": {}} if options.get("json_object") else {}


def thinks(body: Body) -> bool:
    options = body.get("chat_template_kwargs")
    asked = isinstance(options, dict) and (
        bool(options.get("thinking")) or bool(options.get("enable_thinking"))
    )
    return asked or body.get("reasoning_effort") in ("low", "medium", "high")


def count_text(*texts: str) -> int:
    return sum(tokens.count(text) for text in texts)
