"""Rules between fields, written once beside the fields they speak of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import ConfigDict


@dataclass(frozen=True)
class Rule:
    """One rule that the API server checks.

    Attributes:
        cel: an expression over `self` (and `oldSelf`, in a transition rule) that is true when all
            is well. Optional fields are guarded by `has(self.x)`.
        message: what to write instead, for the person whose manifest was refused.
    """

    cel: str
    message: str

    def as_validation(self) -> dict[str, str]:
        """The item of x-kubernetes-validations."""
        return {"rule": self.cel, "message": self.message}


def validations(*rules: Rule) -> dict[str, Any]:
    """`json_schema_extra` of a field that these rules hold for."""
    return {"x-kubernetes-validations": [rule.as_validation() for rule in rules]}


def checked_by(*rules: Rule, chosen: bool = False) -> ConfigDict:
    """`model_config` of a section that these rules hold for; the base's configuration stays.

    Args:
        chosen: that the section is there means something, even when it is empty (`memory: {}`).
            Server-side apply would make `null` of it when its last field goes; as one whole it stays.
    """
    extra: dict[str, Any] = validations(*rules) if rules else {}
    if chosen:
        extra["x-kubernetes-map-type"] = "atomic"
    return ConfigDict(json_schema_extra=extra)


def list_map(key: str) -> dict[str, Any]:
    """`json_schema_extra` of a list whose items are known by one field: appliers share it by item."""
    return {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": [key]}


def exactly_one(*fields: str) -> Rule:
    """One of the fields is given, and only one."""
    given = " + ".join(f"(has(self.{field}) ? 1 : 0)" for field in fields)
    return Rule(f"{given} == 1", f"takes exactly one of {_listed(fields)}")


def at_most_one(*fields: str) -> Rule:
    """None or one of the fields is given."""
    given = " + ".join(f"(has(self.{field}) ? 1 : 0)" for field in fields)
    return Rule(f"{given} <= 1", f"takes at most one of {_listed(fields)}")


def immutable(what: str, instead: str) -> Rule:
    """A transition rule: the value may not change once it is set."""
    return Rule("self == oldSelf", f"{what} can't be changed; {instead}")


def _listed(fields: tuple[str, ...]) -> str:
    return " and ".join([", ".join(fields[:-1]), fields[-1]] if len(fields) > 1 else fields)
