"""The references of every field, written from the models.

`python -m llmcache_api.reference docs/reference.md` writes the sidecar's, with `--resource` that of
the LLMCache resource; `--check` compares.
"""

from __future__ import annotations

import enum
import sys
import types
import typing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from .base import Duration, Percent, Size, show_default, with_default
from .resource import LLMCacheSpec
from .sidecar import SidecarConfig

_HEAD = """# Every field of the sidecar's configuration

Written by `python -m llmcache_api.reference docs/reference.md` from the models in
`crds/llmcache_api`; `make verify` compares. `llmcache-sidecar --help` names the flags that set the
common ones.

| Field | Takes | Default | What it does |
|---|---|---|---|
"""

_RESOURCE_HEAD = """# Every field of the LLMCache resource

Written by `python -m llmcache_api.reference --resource docs/resource.md` from the models in
`crds/llmcache_api/resource`; `make verify` compares. `kubectl explain llmc.spec` says the same, and
`status.resolved` shows what unset fields mean on your cluster. `[]` stands for each item of a list.

| Field | Takes | What it does |
|---|---|---|
"""


def render() -> str:
    """The whole page of the sidecar's configuration."""
    rows = [
        f"| `{row.path}` | {row.takes} | {row.default} | {row.text} |"
        for row in _rows(SidecarConfig, "")
    ]
    return _HEAD + "\n".join(rows) + "\n"


def render_resource() -> str:
    """The whole page of the resource. Its schema has no defaults: the texts name today's."""
    rows = []
    for row in _rows(LLMCacheSpec, "spec."):
        takes = f"{row.takes}, required" if row.default == "required" else row.takes
        says = row.default.startswith("`") and row.default != "`()`"
        text = with_default(row.text, row.default.strip("`")) if says else row.text
        rows.append(f"| `{row.path}` | {takes} | {text} |")
    return _RESOURCE_HEAD + "\n".join(rows) + "\n"


@dataclass(frozen=True)
class Row:
    """One field, as a page shows it."""

    path: str
    takes: str
    default: str
    text: str


def _rows(model: type[BaseModel], prefix: str) -> list[Row]:
    rows = []
    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        text = _one_line(field.description or "")
        inner = _section(field.annotation)
        items = _items(field.annotation)
        if inner is not None:
            if text:
                rows.append(Row(path, "section", "", text))
            rows += _rows(inner, f"{path}.")
        elif items is not None:
            rows.append(Row(path, "list of sections", _default(field), text))
            rows += _rows(items, f"{path}[].")
        else:
            rows.append(Row(path, _takes(field), _default(field), text))
    return rows


def _section(annotation: Any) -> type[BaseModel] | None:
    for option in _options(annotation):
        if isinstance(option, type) and issubclass(option, BaseModel):
            return option
    return None


def _items(annotation: Any) -> type[BaseModel] | None:
    """The section that a list is made of, if it is."""
    for option in _options(annotation):
        if typing.get_origin(option) is tuple:
            return _section(typing.get_args(option)[0])
    return None


def _options(annotation: Any) -> tuple[Any, ...]:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return tuple(inner for part in typing.get_args(annotation) for inner in _options(part))
    if typing.get_origin(annotation) is typing.Annotated:
        return _options(typing.get_args(annotation)[0])
    return (annotation,)


def _kind(field: FieldInfo) -> str:
    """The shared value type that a field has, told by what validates it."""
    for name, shared in (("duration", Duration), ("size", Size), ("percent", Percent)):
        marks = typing.get_args(shared)[1:]
        # pydantic spreads the marks of an Annotated type over the field's metadata.
        first = marks[0]
        if first in field.metadata or (name == "percent" and _is_percent(field)):
            return name
    return ""


def _is_percent(field: FieldInfo) -> bool:
    return any(getattr(mark, "multiple_of", None) == 0.1 for mark in field.metadata)


def _takes(field: FieldInfo) -> str:
    kind = _kind(field)
    if kind:
        return {"duration": "duration (`30m`)", "size": "size (`64Mi`)", "percent": "0 to 100"}[
            kind
        ]
    for option in _options(field.annotation):
        if isinstance(option, type) and issubclass(option, enum.Enum):
            return ", ".join(f"`{member.value}`" for member in option)
        if typing.get_origin(option) is typing.Literal:
            return ", ".join(f"`{value}`" for value in typing.get_args(option))
        if option is bool:
            return "`true`, `false`"
        if option in (int, float):
            return "number"
        if typing.get_origin(option) is tuple:
            return "list of texts"
        if typing.get_origin(option) is dict or option is dict:
            return "mapping"
    return "text"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.default
    if value is None:
        return "unset"
    if isinstance(value, enum.Enum):
        value = value.value
    return f"`{show_default(value, _kind(field))}`"


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main(arguments: list[str]) -> int:
    """Write or compare; the exit code."""
    check = "--check" in arguments
    paths = [Path(argument) for argument in arguments if not argument.startswith("--")]
    if len(paths) != 1:
        sys.stderr.write("usage: python -m llmcache_api.reference [--resource] [--check] FILE\n")
        return 2
    page = render_resource() if "--resource" in arguments else render()
    if not check:
        paths[0].write_text(page, "utf-8")
    elif not paths[0].exists() or paths[0].read_text("utf-8") != page:
        sys.stderr.write(
            f"{paths[0]} is not what the models say; "
            f"run python -m llmcache_api.reference "
            f"{'--resource ' if '--resource' in arguments else ''}{paths[0]}\n"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
