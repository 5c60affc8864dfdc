"""The canonical form of a body: equal for requests that the engine can't tell apart.

Members are sorted where the API names the fields (the body, a message, a content part). Everything
below keeps its order, because it reaches the prompt or guided output: schemas, tool parameters,
chat_template_kwargs, unknown objects. No Unicode normalisation, no defaults filled in.
"""

from __future__ import annotations

from typing import Final

from ..domain.api import Api
from ..domain.json import Json, JsonObject
from ..domain.request import RequestFacts
from .ignored import IGNORED_BY_API

_MESSAGE_LISTS: Final[dict[Api, frozenset[str]]] = {
    Api.CHAT: frozenset({"messages"}),
    Api.COMPLETIONS: frozenset(),
    Api.RESPONSES: frozenset({"input"}),
    Api.MESSAGES: frozenset({"messages", "system", "tools"}),
    Api.EMBEDDINGS: frozenset({"messages"}),
}

_SAMPLING_NUMBERS: Final = frozenset(
    {
        "best_of",
        "dimensions",
        "frequency_penalty",
        "length_penalty",
        "max_completion_tokens",
        "max_output_tokens",
        "max_tokens",
        "min_p",
        "min_tokens",
        "n",
        "presence_penalty",
        "repetition_penalty",
        "seed",
        "top_k",
        "top_logprobs",
        "top_p",
    }
)

_TEMPERATURE: Final = "temperature"


def canonical_body(facts: RequestFacts) -> JsonObject:
    """The body without ignored fields and without temperature (whose effective value the key holds
    apart), ready to be dumped as it is."""
    body = facts.body
    ignored = IGNORED_BY_API[facts.api]
    lists = _MESSAGE_LISTS[facts.api]
    strip_marks = facts.api is Api.MESSAGES
    canonical: JsonObject = {}
    for name in sorted(body):
        value = body[name]
        kind = type(value)
        if name == _TEMPERATURE and facts.api is not Api.EMBEDDINGS:
            continue
        field = ignored.get(name)
        if field is not None and field.accepts(value, body):
            continue
        if kind is list and name in lists:
            value = [_sorted_item(item, strip_marks) for item in value]
        elif kind is float and name in _SAMPLING_NUMBERS and value.is_integer():
            value = int(value) if -(2**63) <= value < 2**63 else value
        canonical[name] = value
    return canonical


def _sorted_item(item: Json, strip_marks: bool) -> Json:
    """A message, block or input item with its members sorted, and those of its content parts."""
    if type(item) is not dict:
        return item
    result: JsonObject = {}
    for name in sorted(item):
        if strip_marks and name == "cache_control":
            continue
        value = item[name]
        if name == "content" and type(value) is list:
            value = [_sorted_item(part, strip_marks) for part in value]
        result[name] = value
    return result
