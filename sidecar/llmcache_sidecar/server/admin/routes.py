"""What a route of the admin plane is, and how its answers and errors are written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web
from pydantic import BaseModel

from .models import Problem, ProblemBody

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

JSON: Final = "application/json"


class BadRequest(ValueError):
    """The caller can mend it; the message says how."""


class NotThere(LookupError):
    """What the request names does not exist."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter in the query or the path.

    Attributes:
        schema: its JSON schema.
    """

    name: str
    text: str
    schema: Mapping[str, Any]
    in_path: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """One route: what the server needs, and what its description says.

    Attributes:
        name: the operation's id.
        text: one line for people.
        answer: the model of a 200, or the media type of one that is no JSON.
        body: the models that the request's body may have.
        problems: statuses of errors that belong to this route (400, 401, 413 are told for all that
            can have them).
        public: answered without the token.
    """

    method: str
    path: str
    name: str
    handler: Handler
    text: str
    answer: type[BaseModel] | str
    parameters: tuple[Parameter, ...] = ()
    body: tuple[type[BaseModel], ...] = ()
    problems: tuple[int, ...] = ()
    public: bool = False

    @property
    def query(self) -> tuple[str, ...]:
        """The names that its query takes."""
        return tuple(p.name for p in self.parameters if not p.in_path)


def answer(model: BaseModel, status: int = 200) -> web.Response:
    """A JSON answer."""
    return web.Response(
        status=status, body=model.model_dump_json(by_alias=True).encode(), content_type=JSON
    )


def problem(status: int, message: str, headers: Mapping[str, str] | None = None) -> web.Response:
    """An error that says what to do."""
    response = answer(Problem(error=ProblemBody(code=status, message=message)), status)
    response.headers.update(headers or {})
    return response
