"""Manifests out of the CustomResourceDefinition's schema: mostly right, and wrong in places."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import strategies as st

from .kube import Json

_ODD_TEXTS = (
    "",
    "a",
    "A-b",
    "-",
    "Off",
    "0",
    "10Gi",
    "1h",
    "ä b",
    "\u00a0",
    "x\n",
    "//",
    "a" * 300,
)
_ODD_CHARACTERS = ("\u00a0", "\u0085", "\x0b", " ", "\n", "\u0661", "é")
_CHOICE = re.compile(r"takes exactly one of (.+)$")


def values(node: Json) -> st.SearchStrategy[Any]:
    """Values that the schema mostly accepts."""
    right = _right(node)
    wrong = _wrong(node)
    return (
        right
        if wrong is None
        else st.integers(0, 99).flatmap(lambda n: wrong if n == 41 else right)
    )


def _right(node: Json) -> st.SearchStrategy[Any]:
    if node.get("x-kubernetes-preserve-unknown-fields"):
        return st.just({"metadata": {"labels": {"team": "a"}}})
    if "enum" in node:
        return st.sampled_from(node["enum"])
    if node.get("x-kubernetes-int-or-string"):
        return st.one_of(
            st.integers(node.get("minimum", 0), node.get("maximum", 100)),
            st.from_regex(node["pattern"], fullmatch=True),
        )
    match node["type"]:
        case "object" if "additionalProperties" in node:
            keys = next(
                (
                    found[1].replace("\\\\", "\\")
                    for rule in node.get("x-kubernetes-validations", ())
                    if (found := re.search(r"key\.matches\('(.*)'\)", rule["rule"]))
                ),
                "[a-z]{1,5}",
            )
            return st.dictionaries(
                st.from_regex(keys, fullmatch=True),
                values(node["additionalProperties"]),
                max_size=2,
            )
        case "object":
            return _objects(node)
        case "array":
            unique = node.get("x-kubernetes-list-type") in ("set", "map")
            return st.lists(
                values(node["items"]),
                min_size=node.get("minItems", 0),
                max_size=max(node.get("minItems", 0), 2),
                unique_by=_identity(node) if unique else None,
            )
        case "integer":
            return st.integers(node.get("minimum", -10), node.get("maximum", 10))
        case "number":
            # Steps of 0.1, so that percentages are right.
            low, high = int(node.get("minimum", 0) * 10), int(node.get("maximum", 10) * 10)
            return st.integers(low, high).map(lambda n: n / 10)
        case "boolean":
            return st.booleans()
        case _ if "pattern" in node:
            return st.from_regex(node["pattern"], fullmatch=True).filter(
                lambda text: len(text) <= node.get("maxLength", 1000)
            )
        case _:
            return st.text(min_size=node.get("minLength", 0), max_size=8)


def _objects(node: Json) -> st.SearchStrategy[Json]:
    """Required fields, few of the others, and mostly one branch where one must be chosen."""
    parts = {name: values(part) for name, part in node.get("properties", {}).items()}
    required = set(node.get("required", ()))
    branches = next(
        (
            re.split(r", | and ", found[1])
            for rule in node.get("x-kubernetes-validations", ())
            if (found := _CHOICE.match(rule["message"])) and " or " not in found[1]
        ),
        [],
    )
    optional = sorted(parts.keys() - required - set(branches))

    @st.composite
    def draw_one(draw: st.DrawFn) -> Json:
        chosen = required | set(
            draw(st.lists(st.sampled_from(optional), max_size=3, unique=True)) if optional else ()
        )
        if branches and draw(st.integers(0, 19)) != 7:
            chosen.add(draw(st.sampled_from(branches)))
        return {name: draw(parts[name]) for name in sorted(chosen)}

    return draw_one()


def _wrong(node: Json) -> st.SearchStrategy[Any] | None:
    if node.get("x-kubernetes-preserve-unknown-fields"):
        return None
    match node.get("type"):
        case "string" | None:
            odd = st.sampled_from(_ODD_TEXTS)
            if "pattern" not in node:
                return odd
            right = st.from_regex(node["pattern"], fullmatch=True)
            return odd | st.builds("{}{}{}".format, right, st.sampled_from(_ODD_CHARACTERS), right)
        case "integer":
            edges = [
                node[edge] + by for edge, by in (("minimum", -1), ("maximum", 1)) if edge in node
            ]
            return st.sampled_from([*edges, 2**62])
        case "number":
            return st.floats(-1, 200, allow_nan=False)
        case _:
            return None


def _identity(node: Json) -> Any:
    keys = node.get("x-kubernetes-list-map-keys")
    if keys is None:
        return lambda item: item
    return lambda item: tuple(str(item.get(key)) for key in keys)
