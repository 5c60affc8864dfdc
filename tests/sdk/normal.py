"""The form in which two answers are compared.

What must be new on every answer (ids, times) is replaced by a placeholder, numbered by first
appearance so that "the same id here and there" still counts; the ids themselves are kept aside.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

_NAMES: Final = frozenset({"id", "item_id", "call_id"})
_TIMES: Final = frozenset({"created", "created_at", "completed_at"})
_PREFIX_CACHE: Final = frozenset(
    {
        "cache_creation_input_tokens",
        "cache_read_input_tokens",
        "cache_write_tokens",
        "cached_tokens",
        "created_cache_tokens",
    }
)
"""Figures that depend on what the engine happened to have in its prefix cache."""


@dataclass(frozen=True, slots=True)
class Normal:
    """Documents without what must differ.

    Attributes:
        form: the documents with placeholders.
        ids: what the placeholders stand for, by first appearance.
        times: every time that was found.
    """

    form: list[Any]
    ids: tuple[str, ...]
    times: tuple[int, ...]


def normal(documents: Sequence[Any]) -> Normal:
    """The normal form of JSON documents."""
    ids: dict[str, str] = {}
    times: list[int] = []

    def walk(value: Any) -> Any:
        if isinstance(value, list):
            return [walk(item) for item in value]
        if not isinstance(value, dict):
            return value
        result = {}
        for name, member in value.items():
            if name in _NAMES and isinstance(member, str) and member:
                result[name] = ids.setdefault(member, f"<id {len(ids) + 1}>")
            elif name in _TIMES and isinstance(member, int | float):
                times.append(int(member))
                result[name] = "<time>"
            else:
                result[name] = walk(member)
        return result

    return Normal([walk(document) for document in documents], tuple(ids), tuple(times))


def without_prefix_cache(value: Any) -> Any:
    """The same without the figures of the engine's prefix cache. Messages count cached tokens apart
    from the others, so there they are added up."""
    if isinstance(value, list):
        return [without_prefix_cache(item) for item in value]
    if not isinstance(value, dict):
        return value
    result = {
        name: without_prefix_cache(v) for name, v in value.items() if name not in _PREFIX_CACHE
    }
    if "cache_read_input_tokens" in value and isinstance(value.get("input_tokens"), int):
        result["input_tokens"] += sum(value.get(name) or 0 for name in _PREFIX_CACHE)
    return result


def meant(value: Any) -> Any:
    """The same with the arguments of tool calls parsed, and without the signatures of thoughts: the
    engine writes the former in another way when it streams, and draws the latter at random."""
    if isinstance(value, list):
        return [meant(item) for item in value]
    if not isinstance(value, dict):
        return value
    result = {name: meant(member) for name, member in value.items() if name != "signature"}
    if isinstance(value.get("arguments"), str):
        with contextlib.suppress(ValueError):
            result["arguments"] = json.loads(value["arguments"])
    return result


def without_null(value: Any) -> Any:
    """The same without members that are null."""
    if isinstance(value, list):
        return [without_null(item) for item in value]
    if isinstance(value, dict):
        return {name: without_null(v) for name, v in value.items() if v is not None}
    return value


def difference(left: Any, right: Any, at: str = "") -> list[str]:
    """Where two documents differ, a line each; empty when they are equal."""
    if type(left) is not type(right):
        return [f"{at or '.'}: {left!r} | {right!r}"]
    if isinstance(left, dict):
        lines: list[str] = []
        for name in [*left, *(name for name in right if name not in left)]:
            if name not in left or name not in right:
                here = "only right" if name not in left else "only left"
                lines.append(f"{at}.{name}: {here}: {left.get(name, right.get(name))!r}")
            else:
                lines += difference(left[name], right[name], f"{at}.{name}")
        return lines
    if isinstance(left, list):
        pairs: Iterable[tuple[int, tuple[Any, Any]]] = enumerate(zip(left, right, strict=False))
        lines = [line for i, (a, b) in pairs for line in difference(a, b, f"{at}[{i}]")]
        if len(left) != len(right):
            lines.append(f"{at or '.'}: {len(left)} items | {len(right)} items")
        return lines
    return [] if left == right else [f"{at or '.'}: {left!r} | {right!r}"]


def assert_equal(left: Any, right: Any) -> None:
    """Fail with the places that differ."""
    lines = difference(left, right)
    assert not lines, "left | right:\n" + "\n".join(lines[:20])
