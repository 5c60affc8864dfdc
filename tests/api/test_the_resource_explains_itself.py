"""`kubectl explain` has a text for every field, and the text names today's value of an unset one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from llmcache_api.resource.schema import definition


def fields(node: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field below a node of the schema."""
    for name, part in node.get("properties", {}).items():
        yield f"{path}.{name}", part
        yield from fields(part, f"{path}.{name}")
        for inner in ("items", "additionalProperties"):
            if isinstance(part.get(inner), dict):
                yield from fields(part[inner], f"{path}.{name}")


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    (version,) = definition()["spec"]["versions"]
    root = version["schema"]["openAPIV3Schema"]["properties"]
    return {
        path: part.get("description", "")
        for half in ("spec", "status")
        for path, part in fields(root[half], half)
    }


def test_every_field_has_a_text(texts: dict[str, str]) -> None:
    assert len(texts) > 200
    assert [path for path, text in texts.items() if not text] == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("spec.responseCache.exact.mode", "Serve"),
        ("spec.responseCache.exact.ttl", "1h"),
        ("spec.responseCache.exact.staleIfError", "0s"),
        ("spec.responseCache.limits.storedBody", "8Mi"),
        ("spec.responseCache.policy.maxTemperature", "0.8"),
        ("spec.responseCache.tenancy.scope", "APIKey"),
        ("spec.quality.holdoutPercent", "1"),
        ("spec.quality.dailySamples", "20"),
        ("spec.quality.learning", "true"),
    ],
)
def test_what_an_unset_field_means_stands_in_its_text(
    texts: dict[str, str], field: str, value: str
) -> None:
    assert texts[field].endswith(f" Unset = {value}.")
