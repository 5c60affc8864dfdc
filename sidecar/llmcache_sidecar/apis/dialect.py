"""What each API's module must offer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..domain.answer import Finish, Usage
from ..domain.api import Api
from ..domain.json import Json, JsonObject
from ..domain.request import RequestFacts
from ..streaming.template import Place


@dataclass(frozen=True, slots=True)
class Dialect:
    """One API's way of saying things, as pure functions.

    Attributes:
        places: the members of a document (a whole answer, or the data of one event) that must be
            new on every hit.
        finishes: how each choice of a whole answer ended; empty when it is no such answer.
        usage: the tokens of a whole answer.
        assemble: the whole answer that a stream's events (their parsed data, in order) add up to,
            equal to what the engine would have sent whole; None unless the stream ended as the API
            says that it must. Events that carry an error give None.
        cut: the events (complete bytes, blank lines included) of a whole answer, the usage event of
            chat and completions included.
        is_usage_event: whether an event's data is the extra usage event that only some clients ask
            for.
        new_id: the id of a new answer, from the client's own name for the request (its
            X-Request-Id header, or None) and random hexadecimal characters.
        error: the body of an error answer: status, message.
        ends_with_done: whether the stream's last event is `[DONE]`.
    """

    api: Api
    places: Callable[[JsonObject], list[Place]]
    finishes: Callable[[JsonObject], list[Finish]]
    usage: Callable[[JsonObject], Usage]
    assemble: Callable[[Sequence[JsonObject]], JsonObject | None]
    cut: Callable[[JsonObject], list[bytes]]
    is_usage_event: Callable[[JsonObject], bool]
    new_id: Callable[[RequestFacts, str | None, str], str]
    error: Callable[[int, str], JsonObject]
    ends_with_done: bool = True


def openai_error(status: int, message: str) -> JsonObject:
    """The error object of the OpenAI API."""
    return {
        "error": {"message": message, "type": error_type(status), "param": None, "code": status}
    }


def error_type(status: int) -> str:
    """The OpenAI API's name for a kind of error."""
    match status:
        case 401:
            return "AuthenticationError"
        case 413:
            return "RequestTooLarge"
        case 504:
            return "GatewayTimeout"
        case _ if status >= 500:
            return "ServiceUnavailable"
        case _:
            return "BadRequestError"


def openai_usage(answer: JsonObject) -> Usage:
    """Tokens as chat, completions and embeddings count them."""
    usage = answer.get("usage")
    if type(usage) is not dict:
        return Usage()
    return Usage(count(usage.get("prompt_tokens")), count(usage.get("completion_tokens")))


def count(value: Json) -> int:
    """A token count, 0 where there is none."""
    return value if type(value) is int and value > 0 else 0


def dicts(value: Json) -> list[JsonObject]:
    """The objects in a list; nothing where it is no list."""
    return [item for item in value if type(item) is dict] if type(value) is list else []


def pieces(text: str, size: int = 48) -> list[str]:
    """Cut `text` into pieces of at most `size` characters, after spaces where there are some."""
    result = []
    start = 0
    while start < len(text):
        end = start + size
        if end < len(text):
            space = text.rfind(" ", start, end)
            if space > start:
                end = space + 1
        result.append(text[start:end])
        start = end
    return result
