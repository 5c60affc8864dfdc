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
            api, body, model, False, False, None, True, False, 1, _text(get("user")), request_id
        )
    temperature = get("temperature")
    if temperature is not None and type(temperature) is not float and type(temperature) is not int:
        raise Unreadable("temperature is no number")
    choices = get("n")
    if choices is not None and type(choices) is not int:
        raise Unreadable("n is no integer")
    options = get("stream_options")
    return RequestFacts(
        api,
        body,
        model,
        streamed is True,
        type(options) is dict and options.get("include_usage") is True,
        temperature,
        type(get("seed")) is int,
        any(get(name) is not None for name in _LENGTH_LIMITS[api]),
        (1 if choices is None else choices) * _prompts(body.get("prompt")),
        _end_user(api, body),
        request_id,
    )


_LENGTH_LIMITS: Final[dict[Api, tuple[str, ...]]] = {
    Api.CHAT: ("max_completion_tokens", "max_tokens"),
    Api.COMPLETIONS: ("max_tokens",),
    Api.RESPONSES: ("max_output_tokens",),
    Api.MESSAGES: ("max_tokens",),
}


def _prompts(prompt: Json) -> int:
    """How many prompts a completions request holds: a list of texts or of token lists is several,
    a list of tokens is one."""
    if type(prompt) is not list or not prompt or type(prompt[0]) is int:
        return 1
    return len(prompt)


def _end_user(api: Api, body: JsonObject) -> str | None:
    """Everything in the body that names the person the request is for."""
    names = [_text(body.get("user")), _text(body.get("safety_identifier"))]
    if api is Api.MESSAGES:
        metadata = body.get("metadata")
        names = [_text(metadata.get("user_id")) if type(metadata) is dict else None]
    return "\0".join(name or "" for name in names) if any(names) else None


def _text(value: Json) -> str | None:
    return value if type(value) is str and value else None
