"""Reading a request body as leniently, and refusing it in the words, of vLLM's pydantic models."""

from __future__ import annotations

import json
import math
from typing import Any

import orjson

from tests.simulator.errors import Invalid, Problem, Refused, Unreadable

Body = dict[str, Any]
TRUE = frozenset(("true", "t", "yes", "y", "on", "1"))
FALSE = frozenset(("false", "f", "no", "n", "off", "0"))


def parse(raw: bytes) -> Body:
    """A JSON object; whatever Python's own parser takes (NaN, UTF-16, duplicate keys) is taken."""
    if not raw:
        raise Invalid(Problem("missing", "body", "Field required", "None"))
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        value = parse_slowly(raw)
    if not isinstance(value, dict):
        message = "Input should be a valid dictionary or object to extract fields from"
        raise Invalid(Problem("model_attributes_type", "body", message, shown(value)))
    return value


def parse_slowly(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except json.JSONDecodeError as error:
        context = f"'error': {error.msg!r}"
        place = f"body.{error.pos}"
        problem = Problem("json_invalid", place, "JSON decode error", "<dict of 0 items>", context)
        raise Invalid(problem) from None
    except (UnicodeDecodeError, RecursionError):
        raise Unreadable("There was an error parsing the body") from None


def shown(value: Any) -> str:
    """How an error shows the value that it complains about."""
    if isinstance(value, dict):
        return f"<dict of {len(value)} items>"
    if isinstance(value, list):
        return f"<list of {len(value)} items>"
    return str(value)


def missing(body: Body, name: str) -> Problem:
    return Problem("missing", f"body.{name}", "Field required", shown(body))


def wrong(body: Body, name: str, kind: str, message: str) -> Invalid:
    return Invalid(Problem(kind, f"body.{name}", message, shown(body.get(name))))


def number(body: Body, name: str) -> float | None:
    value = body.get(name)
    if value is None or isinstance(value, float):
        return value
    if isinstance(value, int):
        return float(value)
    if not isinstance(value, str):
        raise wrong(body, name, "float_type", "Input should be a valid number")
    try:
        return float(value)
    except ValueError:
        text = "Input should be a valid number, unable to parse string as a number"
        raise wrong(body, name, "float_parsing", text) from None


def integer(body: Body, name: str) -> int | None:
    value = body.get(name)
    if value is None or type(value) is int:
        return value
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float):
        if value.is_integer():
            return int(value)
        text = "Input should be a valid integer, got a number with a fractional part"
        raise wrong(body, name, "int_from_float", text)
    if not isinstance(value, str):
        raise wrong(body, name, "int_type", "Input should be a valid integer")
    try:
        return int(value)
    except ValueError:
        text = "Input should be a valid integer, unable to parse string as an integer"
        raise wrong(body, name, "int_parsing", text) from None


def boolean(body: Body, name: str, default: bool = False) -> bool:
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, bool):
        return value
    text = value.lower() if isinstance(value, str) else str(value)
    if text in TRUE:
        return True
    if text in FALSE:
        return False
    message = "Input should be a valid boolean, unable to interpret input"
    raise wrong(body, name, "bool_parsing", message)


def string(body: Body, name: str) -> str | None:
    value = body.get(name)
    if value is None or isinstance(value, str):
        return value
    raise wrong(body, name, "string_type", "Input should be a valid string")


def strings(body: Body, name: str) -> tuple[str, ...]:
    """A string, a list of strings, or nothing."""
    value = body.get(name)
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise wrong(body, name, "string_type", "Input should be a valid string")
    return tuple(value)


def finite(value: float | None, name: str, low: float, high: float) -> float | None:
    """The range checks that vLLM makes for sampling numbers."""
    if value is None:
        return None
    if not math.isfinite(value):
        raise Refused(f"{name} must be a finite number, got {value}.", name, value=value)
    if name == "temperature" and value < 0:
        raise Refused(f"temperature must be non-negative, got {value}.", name, value=value)
    if name == "temperature" and value > high:
        raise Refused(f"temperature must be in [0, 2], got {value}.", name, value=value)
    if name == "top_p" and not low < value <= high:
        raise Refused(f"top_p must be in (0, 1], got {value}.", name, value=value)
    return value
