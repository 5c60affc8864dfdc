"""Live objects in memory, by the cache that they belong to.

Objects are kept as compressed JSON: thousands of them as Python's dictionaries would take ten times the
memory, and one pass of the queue reads a dozen.
"""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass
from typing import Final, NamedTuple

from llmcache_api.resource import KIND

from ..domain import CACHE_LABEL, LLMCache, Manifest, ObjectKey, Observed, key_of
from ..reconcile import claimed
from . import projections
from .versions import older

_NOT_NEWS: Final = ("resourceVersion", "generation")
"""Fields of metadata whose change alone is nothing to look at."""


class CacheKey(NamedTuple):
    """Which LLMCache: the key of the queue."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True)
class _Held:
    cache: CacheKey
    resource_version: str
    news: int
    packed: bytes
    replicas_owned: bool


def cache_of(live: Manifest) -> CacheKey | None:
    """Whose pass is concerned by a live object: by our label, or by its owner."""
    metadata = live["metadata"]
    name = (metadata.get("labels") or {}).get(CACHE_LABEL) or next(
        (
            ref["name"]
            for ref in metadata.get("ownerReferences") or ()
            if ref.get("controller") and ref["kind"] == KIND
        ),
        None,
    )
    return None if name is None else CacheKey(metadata["namespace"], name)


class Store:
    """What the watches have told.

    Args:
        changed: called with the key of a cache whose objects are no longer what they were.
    """

    def __init__(self, changed: Callable[[CacheKey], None] = lambda key: None) -> None:
        self._changed = changed
        self._held: dict[ObjectKey, _Held] = {}
        self._by_cache: dict[CacheKey, set[ObjectKey]] = defaultdict(set)
        self._autoscalers: dict[ObjectKey, Manifest] = {}

    def __len__(self) -> int:
        return len(self._held)

    def put(self, live: Manifest, *, quietly: bool = False) -> None:
        """An object as the API server has it now.

        Args:
            quietly: we know already what this says: it is the answer to our own write.
        """
        key, cache = key_of(live), cache_of(live)
        before = self._held.get(key)
        if cache is None:
            self.drop(key)
            return
        version = str(live["metadata"]["resourceVersion"])
        if before is not None and older(version, before.resource_version):
            return  # a late event must not undo the answer to a later write
        kept = projections.pod(live) if key.kind == "Pod" else projections.whole(live)
        text = json.dumps(kept, separators=(",", ":")).encode()
        held = _Held(
            cache, version, _news(kept), zlib.compress(text, 1), projections.replicas_owned(live)
        )
        if before is not None and before.cache != cache:
            self.drop(key)
        self._held[key] = held
        self._by_cache[cache].add(key)
        if not quietly and (before is None or before.news != held.news):
            self._changed(cache)

    def drop(self, key: ObjectKey) -> None:
        """An object is gone, or is none of ours any more."""
        held = self._held.pop(key, None)
        if held is not None:
            keys = self._by_cache[held.cache]
            keys.discard(key)
            if not keys:
                del self._by_cache[held.cache]
            self._changed(held.cache)

    def keys(self, kind: str, namespace: str | None) -> Set[ObjectKey]:
        """Keys of a kind that are held, for a listing to say which of them are gone."""
        held = self._autoscalers if kind == "HorizontalPodAutoscaler" else self._held
        return {key for key in held if key.kind == kind and namespace in (None, key.namespace)}

    def put_autoscaler(self, live: Manifest) -> None:
        """An autoscaler of anybody's."""
        kept = projections.autoscaler(live)
        key, target = key_of(kept), kept["spec"]["scaleTargetRef"]
        before = self._autoscalers.get(key)
        self._autoscalers[key] = kept
        if before is None or before["spec"] != kept["spec"]:
            self._target_changed(key.namespace, target)

    def drop_autoscaler(self, key: ObjectKey) -> None:
        """An autoscaler is gone."""
        before = self._autoscalers.pop(key, None)
        if before is not None:
            self._target_changed(key.namespace, before["spec"]["scaleTargetRef"])

    def _target_changed(self, namespace: str, target: Manifest) -> None:
        for key, held in self._held.items():
            if (key.kind, key.namespace, key.name) == (
                target.get("kind"),
                namespace,
                target.get("name"),
            ):
                self._changed(held.cache)

    def observe(self, cache: LLMCache, living: Set[str]) -> Observed:
        """All that is known of one cache.

        Args:
            living: uids of the LLMCaches that exist.
        """
        objects, pods, foreign, owned = {}, [], {}, set()
        for key in sorted(self._by_cache.get(CacheKey(cache.namespace, cache.name), ())):
            held = self._held[key]
            live = json.loads(zlib.decompress(held.packed))
            if key.kind == "Pod":
                pods.append(live)
                continue
            claim = claimed(live, cache, living)
            if claim is not None:
                foreign[key] = claim
                continue
            objects[key] = live
            if held.replicas_owned:
                owned.add(key)
        return Observed(
            objects,
            tuple(pods),
            foreign,
            autoscalers=tuple(self._scaling(objects)),
            replicas_owned=frozenset(owned),
        )

    def _scaling(self, objects: Iterable[ObjectKey]) -> Iterable[Manifest]:
        ours = {(key.kind, key.namespace, key.name) for key in objects}
        for key, autoscaler in self._autoscalers.items():
            target = autoscaler["spec"]["scaleTargetRef"]
            if (target.get("kind"), key.namespace, target.get("name")) in ours:
                yield autoscaler


def _news(kept: Manifest) -> int:
    metadata = {k: v for k, v in kept["metadata"].items() if k not in _NOT_NEWS}
    return hash(json.dumps({**kept, "metadata": metadata}, sort_keys=True))
