"""Validation errors in words for people: the field, what it got, what it takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

SECRET_FIELDS: Final = frozenset({"url", "password", "token"})
"""Last path parts whose value may carry a credential: never shown."""

_SHOWN = 60


class ConfigError(ValueError):
    """A configuration that can't be used; `problems` has one line for each wrong field."""

    def __init__(self, problems: Sequence[str], source: str = "configuration") -> None:
        self.problems = tuple(problems)
        self.source = source
        super().__init__("\n".join([f"{source} is not valid:", *(f"  {p}" for p in problems)]))

    @classmethod
    def of(cls, error: ValidationError, source: str = "configuration") -> ConfigError:
        """Translate pydantic's error."""
        problems = [
            describe(e["loc"], e["type"], e.get("input"), e["msg"], e.get("ctx", {}))
            for e in error.errors(include_url=False)
        ]
        return cls(problems, source)


def describe(
    loc: Iterable[int | str], kind: str, got: Any, message: str, context: Mapping[str, Any]
) -> str:
    """One problem as `field: got X; takes Y`."""
    path = ".".join(str(part) for part in loc) or "(the whole document)"
    if kind == "extra_forbidden":
        return f"{path}: there is no such field; see docs/reference.md for the fields"
    if kind == "missing":
        return f"{path}: is required and not given"
    secret = path.rsplit(".", 1)[-1] in SECRET_FIELDS
    shown = "(not shown: may hold a credential)" if secret else _shorten(got)
    return f"{path}: got {shown}; {_takes(kind, message, context)}"


_CREDENTIALS: Final = re.compile(r"://[^\s'\"]*@")


def _without_secrets(value: Any) -> Any:
    """A section is shown when its parts do not agree; what may be a secret in it never is."""
    if isinstance(value, dict):
        return {
            key: "..." if key in SECRET_FIELDS else _without_secrets(part)
            for key, part in value.items()
        }
    if isinstance(value, list | tuple):
        return [_without_secrets(part) for part in value]
    return _CREDENTIALS.sub("://...@", value) if isinstance(value, str) else value


def _shorten(value: Any) -> str:
    text = repr(_without_secrets(value))
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def _takes(kind: str, message: str, context: Mapping[str, Any]) -> str:
    match kind:
        case "enum" | "literal_error":
            return f"takes {context.get('expected', message)}"
        case "greater_than_equal":
            return f"takes {context['ge']} or more"
        case "less_than_equal":
            return f"takes {context['le']} or less"
        case "multiple_of":
            return f"takes steps of {context['multiple_of']}"
        case "string_too_long" | "too_long":
            return f"takes at most {context['max_length']}"
        case "string_pattern_mismatch":
            return f"takes text that matches {context['pattern']}"
        case "value_error":
            return message.removeprefix("Value error, ")
        case _:
            return "takes " + message.removeprefix("Input should be ")
