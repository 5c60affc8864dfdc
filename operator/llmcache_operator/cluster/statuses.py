"""The status subresource: patched with what changed, and only then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..domain import Manifest, ObjectKey
from .api import Api, PatchType
from .kinds import LLMCACHES
from .store import CacheKey

_ABSENT: Any = object()


def merge_patch(before: Any, after: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON merge patch that makes `after` of `before`; empty if they are the same."""
    if not isinstance(before, Mapping):
        before = {}
    patch: dict[str, Any] = {name: None for name in before if name not in after}
    for name, value in after.items():
        old = before.get(name, _ABSENT)
        if isinstance(value, Mapping) and isinstance(old, Mapping):
            if inner := merge_patch(old, value):
                patch[name] = inner
        elif old != value:
            patch[name] = value
    return patch


async def patch_status(api: Api, cache: CacheKey, uid: str, patch: Mapping[str, Any]) -> Manifest:
    """Patch the status of this very resource; the whole resource as it is then.

    Raises:
        ClusterError: a Conflict if another resource has the name by now.
    """
    key = ObjectKey(LLMCACHES.api_version, LLMCACHES.kind, cache.namespace, cache.name)
    return await api.patch(
        key,
        {"metadata": {"uid": uid}, "status": dict(patch)},
        PatchType.MERGE,
        subresource="status",
    )
