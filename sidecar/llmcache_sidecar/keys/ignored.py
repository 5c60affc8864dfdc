"""The closed list of body fields that do not shape an answer: everything else is in the key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ..domain.api import Api
from ..domain.json import Json, JsonObject


@dataclass(frozen=True, slots=True)
class IgnoredField:
    """One field that two requests may differ in and still get the same answer.

    Attributes:
        accepts: whether a value is one that the engine takes. Another value stays in the key: the
            engine will refuse it, and a hit must not hide that.
        why: the reason that it can't shape the answer.
    """

    name: str
    apis: frozenset[Api]
    accepts: Callable[[Json, JsonObject], bool]
    why: str


def _flag(value: Json, _: JsonObject) -> bool:
    return value is None or type(value) is bool


def _text(value: Json, _: JsonObject) -> bool:
    return value is None or type(value) is str


def _name(value: Json, _: JsonObject) -> bool:
    return type(value) is str


def _integer(value: Json, _: JsonObject) -> bool:
    return type(value) is int and value < 2**63


def _mapping(value: Json, _: JsonObject) -> bool:
    return value is None or type(value) is dict


def _usage_option(value: Json, body: JsonObject) -> bool:
    """Only {include_usage: bool}, and only in a stream: other options change what is sent."""
    return value is None or (
        body.get("stream") is True
        and type(value) is dict
        and value.keys() <= {"include_usage"}
        and type(value.get("include_usage", False)) is bool
    )


_GENERATION = frozenset({Api.CHAT, Api.COMPLETIONS, Api.RESPONSES, Api.MESSAGES})
_OPENAI = frozenset({Api.CHAT, Api.COMPLETIONS})

IGNORED: Final[tuple[IgnoredField, ...]] = (
    IgnoredField("stream", _GENERATION, _flag, "one entry serves both forms"),
    IgnoredField("stream_options", _OPENAI, _usage_option, "the usage event is added or removed"),
    IgnoredField("request_id", frozenset(Api), _name, "it only names the answer, whose id is new"),
    IgnoredField("priority", frozenset(Api), _integer, "it only orders the engine's queue"),
    IgnoredField("user", _OPENAI, _text, "it names the caller; tenancy may use it"),
    IgnoredField(
        "metadata",
        _OPENAI | {Api.MESSAGES},
        _mapping,
        "it labels the request; in Messages it names the end user, whom tenancy may use",
    ),
    IgnoredField(
        "cache_control",
        frozenset({Api.MESSAGES}),
        _mapping,
        "it marks what the prefix cache should keep; the answer is the same",
    ),
)
"""`cache_control` also stands inside the blocks of Messages; the canonical form drops it while it
walks there (`keys.canonical`). Responses echoes what it is given, so it ignores nothing that shows
in the answer."""

IGNORED_BY_API: Final[dict[Api, dict[str, IgnoredField]]] = {
    api: {field.name: field for field in IGNORED if api in field.apis} for api in Api
}
