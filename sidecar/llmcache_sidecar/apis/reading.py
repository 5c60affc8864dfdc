"""From a parsed body to the normal form."""

from __future__ import annotations

from typing import Final

from ..domain.api import Api
from ..domain.json import Json, JsonObject
from ..domain.request import RequestFacts


class Unreadable(ValueError):
    """A field that we would have to interpret is of the wrong type. The engine may coerce it or
    refuse it; we do neither and let the request pass."""


def read_facts(api: Api, body: JsonObject) -> RequestFacts:
    """Read what the cache needs from `body`, or raise `Unreadable` naming the field."""
    get = body.get
    streamed = get("stream")
    if streamed is not None and type(streamed) is not bool:
        raise Unreadable("stream is no boolean")
    model = get("model")
    if model is not None and type(model) is not str:
        raise Unreadable("model is no string")
    request_id = get("request_id")
    if request_id is not None and type(request_id) is not str:
        raise Unreadable("request_id is no string")
    if api is Api.EMBEDDINGS:
        return RequestFacts(
            api, body, model, False, False, None, True, False, 1, _end_user(body), request_id
        )
    temperature = get("temperature")
    if temperature is not None and type(temperature) is not float and type(temperature) is not int:
        raise Unreadable("temperature is no number")
    wants_usage = False
    choices = 1
    if api is Api.CHAT or api is Api.COMPLETIONS:
        wants_usage = _wants_usage(get("stream_options"))
        choices = _choices(api, body)
    return RequestFacts(
        api,
        body,
        model,
        streamed is True,
        wants_usage,
        temperature,
        type(get("seed")) is int,
        any(get(name) is not None for name in _LENGTH_LIMITS[api]),
        choices,
        _end_user(body),
        request_id,
    )


_LENGTH_LIMITS: Final[dict[Api, tuple[str, ...]]] = {
    Api.CHAT: ("max_completion_tokens", "max_tokens"),
    Api.COMPLETIONS: ("max_tokens",),
    Api.RESPONSES: ("max_output_tokens",),
    Api.MESSAGES: ("max_tokens",),
}


def _wants_usage(options: Json) -> bool:
    if type(options) is not dict:
        return False
    wanted = options.get("include_usage")
    if wanted is not None and type(wanted) is not bool:
        raise Unreadable("stream_options.include_usage is no boolean")
    if wanted is not True and options.get("continuous_usage_stats"):
        # Alone it has no effect. Streams are always asked for usage, and then it would have one.
        raise Unreadable("stream_options.continuous_usage_stats stands without include_usage")
    return wanted is True


def _choices(api: Api, body: JsonObject) -> int:
    choices = body.get("n")
    if choices is not None and type(choices) is not int:
        raise Unreadable("n is no integer")
    prompts = _prompts(body.get("prompt")) if api is Api.COMPLETIONS else 1
    return prompts if choices is None else choices * prompts


def _prompts(prompt: Json) -> int:
    """How many prompts a completions request holds: a list of texts or of token lists is several,
    a list of tokens is one."""
    if type(prompt) is not list or not prompt or type(prompt[0]) is int:
        return 1
    return len(prompt)


def _end_user(body: JsonObject) -> str | None:
    """Everything in the body that names the person the request is for. Lengths keep the names
    apart: a client may write any character into them."""
    metadata = body.get("metadata")
    names = (
        _text(body.get("user")),
        _text(body.get("safety_identifier")),
        _text(metadata.get("user_id")) if type(metadata) is dict else None,
    )
    if not any(names):
        return None
    return "".join("-" if name is None else f"{len(name)}:{name}" for name in names)


def _text(value: Json) -> str | None:
    return value if type(value) is str and value else None
