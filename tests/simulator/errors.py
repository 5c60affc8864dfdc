"""vLLM's error answers.

ApiError
├── Invalid     the body does not have the right form (what vLLM's pydantic models refuse)
├── Refused     vLLM's own checks, before the answer begins
└── Late        the engine's checks: with "stream" they come when the answer has begun, status 200
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson


class ApiError(Exception):
    def __init__(
        self, message: str, *, status: int = 400, kind: str = "", param: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind or HTTPStatus(status).phrase.replace(" ", "") + "Error"
        self.param = param

    def content(self) -> dict[str, Any]:
        """The value of "error", as all APIs but Messages show it."""
        return {
            "message": self.message,
            "type": self.kind,
            "param": self.param,
            "code": self.status,
        }

    def body(self) -> bytes:
        return orjson.dumps({"error": self.content()})

    def messages_body(self) -> bytes:
        """As /v1/messages wraps it."""
        error = {"type": self.kind, "message": self.message}
        return orjson.dumps({"type": "error", "error": error})

    def stream_data(self) -> bytes:
        """As one event of a chat or completions stream; written with spaces, as vLLM does."""
        return b"data: " + json.dumps({"error": self.content()}).encode() + b"\n\n"


@dataclass(frozen=True)
class Problem:
    """One line of a validation error."""

    kind: str
    place: str
    message: str
    value: str
    context: str = ""

    def line(self) -> str:
        quoted = repr(self.message)
        context = f", 'ctx': {{{self.context}}}" if self.context else ""
        return (
            f"  {{'type': '{self.kind}', 'loc': '{self.place}', 'msg': {quoted}, "
            f"'input': {self.value!r}{context}}}"
        )


class Invalid(ApiError):
    def __init__(self, *problems: Problem) -> None:
        number = len(problems)
        head = f"{number} validation error{'s' if number > 1 else ''}:"
        lines = "\n".join(problem.line() for problem in problems)
        self.problems = problems
        place = problems[0].place
        super().__init__(f"{head}\n{lines}", kind="Bad Request", param=place)

    def messages_body(self) -> bytes:
        return self.body()


class UnsupportedMedia(ApiError):
    def __init__(self) -> None:
        text = "1 validation error:\n  Unsupported Media Type: Only 'application/json' is allowed"
        super().__init__(text, kind="Bad Request")

    def messages_body(self) -> bytes:
        return self.body()


class Unreadable(ApiError):
    """Bytes that are no text, or nested deeper than the parser goes."""

    def body(self) -> bytes:
        return b'{"detail":"There was an error parsing the body"}'

    def messages_body(self) -> bytes:
        return self.body()


class Refused(ApiError):
    """Refused by vLLM's own checks; names the parameter as vLLM does."""

    def __init__(self, message: str, param: str | None = None, *, value: object = None) -> None:
        if param is not None:
            shown = f", value={value}" if value is not None else ""
            message = f"{message} (parameter={param}{shown})"
        super().__init__(message, kind="BadRequestError", param=param)


class Late(ApiError):
    def __init__(self, message: str) -> None:
        super().__init__(message, kind="BadRequestError")


def unknown_model(name: str, known: list[str], *, embeddings: bool = False) -> ApiError:
    message = f"The model `{name}` does not exist."
    if not embeddings:
        message += f" Valid aliases: {', '.join(known)}."
    param = None if embeddings else "model"
    return ApiError(message, status=404, kind="NotFoundError", param=param)


def too_long(limit: int) -> ApiError:
    return Refused(
        f"This model's maximum context length is {limit} tokens. However, your prompt contains at "
        f"least {limit + 1} input tokens, which exceeds this limit even without any output tokens."
        " Please reduce the length of the input prompt.",
        "input_tokens",
        value=limit + 1,
    )
