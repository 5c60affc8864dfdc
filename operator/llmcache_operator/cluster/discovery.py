"""What the cluster offers: its version, optional kinds, and our own CRD as it is installed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from llmcache_api.resource import KIND, LLMCacheSpec, LLMCacheStatus

from .api import Api
from .errors import NotFound, Unavailable
from .kinds import LLMCACHES, Kind


@dataclass(frozen=True)
class Installed:
    """Our CRD, as the API server serves it.

    Attributes:
        present: whether LLMCaches are served at all.
        missing: fields that this operator knows and the CRD does not; empty if it could not be asked.
    """

    present: bool
    missing: tuple[str, ...] = ()


async def kubernetes_minor(api: Api) -> int:
    """34 for 1.34."""
    version = await api.call("GET", "/version")
    return int("".join(c for c in str(version["minor"]) if c.isdigit()) or 0)


async def serves(api: Api, kind: Kind) -> bool:
    """Whether the API server knows a kind."""
    try:
        listed = await api.call("GET", kind.root)
    except NotFound:
        return False
    return any(resource["name"] == kind.plural for resource in listed.get("resources") or ())


async def installed(api: Api) -> Installed:
    """Whether LLMCaches are served, and with which fields.

    Asks discovery and the published OpenAPI, which every account may read; CRDs themselves only
    cluster administrators may.
    """
    if not await serves(api, LLMCACHES):
        return Installed(False)
    try:
        document = await api.call("GET", f"/openapi/v3/apis/{LLMCACHES.api_version}")
    except NotFound:
        return Installed(True)
    schema = _schema_of(document)
    if schema is None:
        return Installed(True)
    properties = schema.get("properties") or {}
    missing = [
        path
        for part, model in (("spec", LLMCacheSpec), ("status", LLMCacheStatus))
        for path in _missing(model.model_json_schema(by_alias=True), properties.get(part), part)
    ]
    return Installed(True, tuple(missing))


async def answers(api: Api, namespace: str | None) -> bool:
    """Whether LLMCaches can be listed: for a moment after the CRD was installed (as by the release that
    brings this operator, too) the API server knows the kind and answers 429."""
    try:
        await api.call("GET", LLMCACHES.path(namespace), {"limit": "1"}, tries=1)
    except Unavailable:
        return False
    return True


def _schema_of(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    for schema in (document.get("components") or {}).get("schemas", {}).values():
        for kind in schema.get("x-kubernetes-group-version-kind") or ():
            if kind.get("kind") == KIND:
                found: Mapping[str, Any] = schema
                return found
    return None


def _missing(ours: Mapping[str, Any], theirs: Any, path: str) -> Iterator[str]:
    """Fields of two levels: enough to tell an older CRD, and no more than people want to read."""
    definitions = ours.get("$defs") or {}
    served = (theirs or {}).get("properties") or {}
    for name, field in (ours.get("properties") or {}).items():
        if name not in served:
            yield f"{path}.{name}"
            continue
        below = _object_schema(field, definitions)
        for inner in (below or {}).get("properties") or {}:
            if inner not in (served[name].get("properties") or {inner: None}):
                yield f"{path}.{name}.{inner}"


def _object_schema(field: Any, definitions: Mapping[str, Any]) -> Any:
    for candidate in (field, *(field.get("anyOf") or ())):
        if (reference := candidate.get("$ref")) is not None:
            return definitions.get(reference.rpartition("/")[2])
    return None


__all__ = ["Installed", "answers", "installed", "kubernetes_minor", "serves"]
