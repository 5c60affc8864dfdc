"""The base model and the value types that several sections share."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel

_DURATION = re.compile(r"^([0-9]{1,9})(ms|s|m|h|d)\Z")
# For the API server: what it accepts is at most 366 days in every unit, so that no accepted text
# is refused by the models.
_DURATION_PATTERN = (
    "^(0|[0-9]{1,9}ms|[0-9]{1,7}s|[12][0-9]{7}s|[0-9]{1,5}m|[1-4][0-9]{5}m|[0-9]{1,3}h|[1-7][0-9]{3}h|"
    "[0-9]{1,2}d|[12][0-9]{2}d|3[0-5][0-9]d|36[0-6]d)$"
)
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SIZE = re.compile(r"^([0-9]{1,12})(Ki|Mi|Gi)?\Z")
_SIZE_PATTERN = "^([0-9]{1,12}|[0-9]{1,9}Ki|[0-9]{1,6}Mi|[0-9]{1,3}Gi)$"
_FACTOR = {None: 1, "Ki": 1024, "Mi": 1024**2, "Gi": 1024**3}


class Section(BaseModel):
    """One section of a file: frozen, camelCase outside, unknown fields refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )


def _parse_duration(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("takes a duration such as 500ms, 90s, 30m, 1h or 7d")
    if isinstance(value, int | float):
        if value == 0:
            return 0.0
        raise ValueError("takes a duration with its unit, such as 500ms, 90s, 30m, 1h or 7d")
    match = _DURATION.match(value)
    if match is None:
        if value == "0":
            return 0.0
        raise ValueError("takes a duration such as 500ms, 90s, 30m, 1h or 7d")
    return int(match[1]) * _SECONDS[match[2]]


def show_duration(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)):
        if milliseconds and milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms" if milliseconds else "0s"


def show_default(value: Any, kind: str = "") -> str:
    """A default as people write it.

    Args:
        kind: `duration` (seconds) or `size` (bytes); else the value speaks for itself.
    """
    if kind == "duration":
        return show_duration(value)
    if kind == "size" and value % 1024**2 == 0:
        return f"{value // 1024**2}Mi"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def with_default(text: str, default: str) -> str:
    """A field's text with today's value of an unset one, where it does not name it already."""
    return text if "unset =" in text.lower() or not text else f"{text} Unset = {default}."


def _parse_size(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("takes a size in bytes, or with Ki, Mi or Gi, such as 64Mi")
    if isinstance(value, int):
        return value
    match = _SIZE.match(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("takes a size in bytes, or with Ki, Mi or Gi, such as 64Mi")
    return int(match[1]) * _FACTOR[match[2]]


Duration = Annotated[
    float,
    BeforeValidator(_parse_duration),
    PlainSerializer(show_duration, return_type=str),
    Field(ge=0, le=366 * 86400.0),
    WithJsonSchema({"type": "string", "pattern": _DURATION_PATTERN, "maxLength": 11}),
]
"""Seconds, written as a number with a unit: 500ms, 90s, 30m, 1h, 7d."""

Size = Annotated[
    int,
    BeforeValidator(_parse_size),
    Field(ge=0, le=1024**4),
    WithJsonSchema(
        {
            "x-kubernetes-int-or-string": True,
            "anyOf": [{"type": "integer"}, {"type": "string"}],
            "pattern": _SIZE_PATTERN,
            "minimum": 0,
            "maximum": 1024**4,
            "maxLength": 12,
        }
    ),
]
"""Bytes, written plainly or with Ki, Mi or Gi: 64Mi."""

Percent = Annotated[
    float,
    Field(ge=0, le=100, multiple_of=0.1),
    WithJsonSchema(
        {
            "type": "number",
            "minimum": 0,
            "maximum": 100,
            # multipleOf of a binary fraction is not what anybody means; this has a tolerance.
            "x-kubernetes-validations": [
                {
                    "rule": "self * 10.0 - double(int(self * 10.0 + 0.5)) < 0.000001 && "
                    "self * 10.0 - double(int(self * 10.0 + 0.5)) > -0.000001",
                    "message": "takes steps of 0.1",
                }
            ],
        }
    ),
]
"""0 to 100 in steps of 0.1."""

FilePath = Annotated[str, Field(min_length=1, max_length=4096)]
"""Path of a file that the process reads (secrets are files, never values)."""
