"""What a query or a body names; whatever can't be meant is refused with what is taken."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from ...domain.json import JsonObject
from ...domain.purge import Purge, PurgeScope
from ...keys.lossless import Unparsable, parse_object
from .routes import BadRequest, Parameter, Route

_Model = TypeVar("_Model", bound=BaseModel)

_TAG: Final = r"^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,63}$"
_TENANT: Final = r"^[A-Za-z0-9]{1,64}$"
_MODEL: Final = r"^[^\x00-\x1f\x7f]{1,512}$"
_ENTRY: Final = r"^[A-Za-z0-9_-]{1,64}$"
LIMIT_DEFAULT: Final = 100
LIMIT_MOST: Final = 10_000

_NAMED: Final[dict[PurgeScope, tuple[str, str]]] = {
    PurgeScope.TAG: (_TAG, "a tag as LLMCache-Tags has it: 1 to 64 letters, digits and ._:/@-"),
    PurgeScope.TENANT: (_TENANT, "a tenant id as entries and POST /admin/v1/tenant show it"),
    PurgeScope.MODEL: (_MODEL, "a model's name as entries show it"),
}
_FLAG: Final = {"type": "boolean"}

NAMED: Final = (
    *(
        Parameter(scope.value, f"Takes {text}.", {"type": "string", "pattern": pattern})
        for scope, (pattern, text) in _NAMED.items()
    ),
    Parameter("all", "Every entry. Exactly one of tag, tenant, model and all.", _FLAG),
)
DRY_RUN: Final = Parameter("dryRun", "Tell what would go; remove and record nothing.", _FLAG)
LIMIT: Final = Parameter(
    "limit",
    f"Most entries that are shown (default {LIMIT_DEFAULT}).",
    {"type": "integer", "minimum": 1, "maximum": LIMIT_MOST, "default": LIMIT_DEFAULT},
)
ENTRY: Final = Parameter(
    "id", "The entry's id.", {"type": "string", "pattern": _ENTRY}, in_path=True
)


def check_query(route: Route, request: web.Request) -> None:
    """Refuse names that the route does not take (a mistyped dryRun must not purge), and names
    that come twice."""
    taken = route.query
    for name in request.query:
        if name not in taken:
            takes = ", ".join(taken) if taken else "no query"
            raise BadRequest(f"query: there is no `{_short(name)}` here; takes {takes}")
        if len(request.query.getall(name)) > 1:
            raise BadRequest(f"query: `{name}` is given more than once; takes one")


def read_purge(query: Mapping[str, str], *, everything: bool) -> Purge:
    """What a query names: exactly one of tag, tenant, model, or all=true.

    Args:
        everything: naming nothing means all (for lists); a purge must say `all=true`.
    """
    named = []
    for scope, (pattern, text) in _NAMED.items():
        value = query.get(scope.value)
        if value is None:
            continue
        if re.fullmatch(pattern, value) is None:
            raise BadRequest(f"`{scope.value}`: got {_short(value)!r}; takes {text}")
        named.append(Purge(scope, value))
    if read_flag(query, "all"):
        named.append(Purge(PurgeScope.ALL))
    if not named and everything:
        return Purge(PurgeScope.ALL)
    if len(named) != 1:
        raise BadRequest("name exactly one of tag=, tenant=, model= or all=true")
    return named[0]


def read_entry_id(request: web.Request) -> str:
    """The id in the path."""
    entry = request.match_info["id"]
    if re.fullmatch(_ENTRY, entry) is None:
        raise BadRequest(f"got {_short(entry)!r}; takes an entry's id as LLMCache-Entry gave it")
    return entry


def read_flag(query: Mapping[str, str], name: str) -> bool:
    """A switch: `name=true`, or the bare name."""
    value = query.get(name)
    if value is None:
        return False
    if value.lower() not in ("true", "false", "1", "0", ""):
        raise BadRequest(f"`{name}`: got {_short(value)!r}; takes true or false")
    return value.lower() in ("true", "1", "")


def read_limit(query: Mapping[str, str]) -> int:
    """The `limit`."""
    text = query.get("limit")
    if text is None:
        return LIMIT_DEFAULT
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= LIMIT_MOST:
        raise BadRequest(f"`limit`: got {_short(text)!r}; takes a number from 1 to {LIMIT_MOST}")
    return int(text[:9])


async def read_object(request: web.Request) -> JsonObject:
    """The body as a JSON object."""
    try:
        return parse_object(await request.read())
    except Unparsable as error:
        raise BadRequest(f"the body takes a JSON object: {error}") from None


def read_model(model: type[_Model], document: JsonObject) -> _Model:
    """`document` as `model`; the error names each field, and what it takes."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        fields = ", ".join(model.model_fields)
        told = [_tell(e, fields) for e in error.errors(include_url=False, include_input=False)]
        raise BadRequest("; ".join(dict.fromkeys(told))) from None


def _tell(error: Any, fields: str) -> str:
    path = str(error["loc"][0]) if error["loc"] else "the body"
    kind = error["type"]
    if kind == "extra_forbidden":
        return f"there is no field `{_short(path)}`; takes {fields}"
    if kind == "missing":
        return f"`{path}` is required; takes {fields}"
    takes = error.get("ctx", {}).get("expected")
    if takes is None:
        takes = str(error["msg"]).removeprefix("Input should be ").removeprefix("String should ")
    return f"`{path}` takes {takes}"


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
