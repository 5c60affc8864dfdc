"""The resource as it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from llmcache_api.resource import LLMCacheSpec


@dataclass(frozen=True)
class LLMCache:
    """One LLMCache.

    Attributes:
        spec: its validated spec.
        generation: which edition of the spec this is.
        deleting: it is on its way out; its children go by their ownerReferences.
    """

    namespace: str
    name: str
    uid: str
    generation: int
    spec: LLMCacheSpec
    annotations: Mapping[str, str] = field(default_factory=dict)
    deleting: bool = False

    def child(self, *parts: str) -> str:
        """Name of one of its objects."""
        return "-".join((self.name, *parts))
