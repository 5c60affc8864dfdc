"""The table of rows.yaml: every leaf of the schema with the values that it is set to."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import yaml

from ..kube import Json

FOLDER: Final = Path(__file__).parent


class Unset(StrEnum):
    """What becomes of the cluster when the values are taken away again."""

    REVERTS = "reverts"
    STAYS = "stays"  # a number of replicas, the size of a claim


@dataclass(frozen=True)
class Row:
    """One leaf.

    Attributes:
        start, set, change: whole specs.
        since: minor of Kubernetes that it needs; on an older one nothing changes.
        same: `change` means what `start` means without saying it.
    """

    leaf: str
    start: Json
    set: Json
    change: Json
    same: bool
    unset: Unset
    since: int


def rows() -> dict[str, Row]:
    """All of them, by leaf."""
    page = yaml.safe_load((FOLDER / "rows.yaml").read_text("utf-8"))
    return {leaf: _row(leaf, row, page["bases"]) for leaf, row in page["leaves"].items()}


def _row(leaf: str, row: Json, bases: dict[str, Json]) -> Row:
    unknown = row.keys() - {"base", "with", "at", "set", "change", "same", "unset", "since"}
    assert not unknown, f"{leaf}: {unknown}"
    base = row.get("base") or ("endpoint" if leaf.startswith("models[].endpoint") else "engine")
    start = copy.deepcopy(bases[base])
    for path, value in row.get("with", {}).items():
        _write(start, path, value)
    at = row.get("at", leaf)
    return Row(
        leaf,
        start,
        _written(start, at, row["set"]),
        _written(start, at, row["change"]),
        row.get("same", False),
        Unset(row.get("unset", "reverts")),
        row.get("since", 0),
    )


def _written(spec: Json, path: str, value: Any) -> Json:
    spec = copy.deepcopy(spec)
    _write(spec, path, value)
    return spec


def _write(spec: Json, path: str, value: Any) -> None:
    """None takes it away."""
    place: Any = spec
    *parents, last = path.split(".")
    for part in parents:
        name = part.removesuffix("[]")
        place = place.setdefault(name, [{}] if part != name else {})
        if part != name:
            place = place[0]
    if value is None:
        place.pop(last, None)
    else:
        place[last] = value


def leaves(node: Json, path: str = "") -> Iterator[str]:
    """Every leaf of a structural schema; maps and lists of plain values are leaves."""
    if "properties" in node:
        for name, part in node["properties"].items():
            yield from leaves(part, f"{path}.{name}" if path else name)
    elif node.get("type") == "array" and "properties" in node["items"]:
        yield from leaves(node["items"], f"{path}[]")
    else:
        yield path
