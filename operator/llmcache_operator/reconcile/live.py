"""What a live object says of itself."""

from __future__ import annotations

from ..domain import LLMCache, Manifest
from ..domain.labels import HASH_ANNOTATION
from .actions import annotations_of


def uid_of(live: Manifest) -> str:
    """Its uid."""
    return str(live["metadata"]["uid"])


def applied_hash(live: Manifest) -> str | None:
    """Hash of what was applied last; None if it was never ours."""
    return annotations_of(live).get(HASH_ANNOTATION)


def is_leaving(live: Manifest) -> bool:
    """Whether it is being deleted."""
    return live["metadata"].get("deletionTimestamp") is not None


def owned_by(live: Manifest, cache: LLMCache) -> bool:
    """Whether it goes when this very resource goes."""
    return any(ref["uid"] == cache.uid for ref in live["metadata"].get("ownerReferences") or ())
