"""The LLMCaches that exist, as kopf delivers them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pydantic import ValidationError

from llmcache_api.resource import LLMCacheSpec

from ..cluster.store import CacheKey
from ..cluster.versions import older
from ..domain import LLMCache

_OF_OTHERS = ("kubectl.kubernetes.io/last-applied-configuration",)
"""Annotations that repeat the spec."""


@dataclass(frozen=True)
class Seen:
    """One LLMCache as it was seen last.

    Attributes:
        spec: as it is stored; not yet validated.
        status: as it is stored, by whomever.
    """

    key: CacheKey
    uid: str
    generation: int
    annotations: Mapping[str, str]
    deleting: bool
    spec: Any
    status: Any
    resource_version: str = ""

    @property
    def essence(self) -> tuple[object, ...]:
        """What a pass depends on; the status isn't among it.

        The spec itself is, beside its generation: a watch that was opened under an older CRD delivers
        a new generation without the fields that it does not know.
        """
        return (
            self.uid,
            self.generation,
            tuple(sorted(self.annotations.items())),
            self.deleting,
            json.dumps(self.spec, sort_keys=True),
        )

    def parsed(self) -> LLMCache:
        """The resource with its spec validated.

        Raises:
            pydantic.ValidationError: it was stored under another schema.
        """
        return LLMCache(
            namespace=self.key.namespace,
            name=self.key.name,
            uid=self.uid,
            generation=self.generation,
            spec=LLMCacheSpec.model_validate(self.spec),
            annotations=self.annotations,
            deleting=self.deleting,
        )

    def parsed_or_none(self) -> LLMCache | None:
        """The same; None where it can't be read."""
        try:
            return self.parsed()
        except ValidationError:
            return None


def seen_of(body: Mapping[str, Any]) -> Seen:
    """What is kept of a body."""
    metadata = body["metadata"]
    annotations = metadata.get("annotations") or {}
    return Seen(
        CacheKey(str(metadata["namespace"]), str(metadata["name"])),
        str(metadata["uid"]),
        int(metadata.get("generation") or 0),
        {name: text for name, text in annotations.items() if name not in _OF_OTHERS},
        metadata.get("deletionTimestamp") is not None,
        # kopf hands out views of what it holds itself.
        json.loads(json.dumps(body.get("spec") or {}, default=dict)),
        json.loads(json.dumps(body.get("status") or {}, default=dict)),
        str(metadata.get("resourceVersion", "")),
    )


class Change(Enum):
    """Why a pass is needed."""

    SPEC = "its spec or metadata changed"
    STATUS = "somebody else wrote its status"
    GONE = "it is gone"


class Caches:
    """All of them.

    Args:
        changed: called when a pass is needed.
    """

    def __init__(self, changed: Callable[[CacheKey, Change], None]) -> None:
        self._changed = changed
        self._seen: dict[CacheKey, Seen] = {}
        self._written: dict[CacheKey, Any] = {}

    def __len__(self) -> int:
        return len(self._seen)

    def __iter__(self) -> Any:
        return iter(list(self._seen))

    @property
    def living(self) -> Set[str]:
        """uids of those that exist."""
        return {seen.uid for seen in self._seen.values()}

    def get(self, key: CacheKey) -> Seen | None:
        """One of them."""
        return self._seen.get(key)

    def see(self, body: Mapping[str, Any]) -> None:
        """It is there."""
        seen = seen_of(body)
        before = self._seen.get(seen.key)
        if before is not None and older(seen.resource_version, before.resource_version):
            return  # a late event: we know more from the answer to our own write
        self._seen[seen.key] = seen
        if before is None or before.essence != seen.essence:
            self._changed(seen.key, Change.SPEC)
        elif before.status != seen.status and self._written.get(seen.key) != seen.status:
            self._changed(seen.key, Change.STATUS)

    def gone(self, body: Mapping[str, Any]) -> None:
        """It is deleted."""
        seen = seen_of(body)
        before = self._seen.get(seen.key)
        if before is not None and before.uid == seen.uid:
            self.drop(seen.key)

    def drop(self, key: CacheKey) -> None:
        """It is deleted."""
        self._seen.pop(key, None)
        self._written.pop(key, None)
        self._changed(key, Change.GONE)

    def wrote_status(self, body: Mapping[str, Any]) -> None:
        """The answer to our own write: its echo is no news, unless the spec changed with it."""
        seen = seen_of(body)
        before = self._seen.get(seen.key)
        if before is None or before.uid != seen.uid:
            return
        self._written[seen.key] = seen.status
        if older(seen.resource_version, before.resource_version):
            return  # a late answer: the watch has told of what came after it
        self._seen[seen.key] = seen
        if before.essence != seen.essence:
            self._changed(seen.key, Change.SPEC)
