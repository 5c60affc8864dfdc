"""References to Kubernetes objects. A manifest itself is JSON, as the API server takes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Manifest = dict[str, Any]
"""A whole object in the API's own JSON shape; builders make it, the cluster layer sends it, and
nothing in between picks it apart by hand."""


@dataclass(frozen=True, order=True)
class ObjectKey:
    """Which object: apiVersion, kind, namespace, name."""

    api_version: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


def key_of(manifest: Manifest) -> ObjectKey:
    """The key of a manifest; a KeyError when it lacks one of the four."""
    metadata = manifest["metadata"]
    return ObjectKey(
        manifest["apiVersion"], manifest["kind"], metadata["namespace"], metadata["name"]
    )
