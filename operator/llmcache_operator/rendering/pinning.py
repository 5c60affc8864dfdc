"""Which renderer makes which workload."""

from __future__ import annotations

from collections.abc import Mapping

from ..domain import LLMCache
from ..domain.labels import ACCEPT_ANNOTATION
from .renderers import RendererId

ANY = "*"


def stores_wanted(cache: LLMCache) -> tuple[str, ...]:
    """Managed stores, as pins name them."""
    stores = cache.spec.stores
    found = []
    if stores is None or (
        stores.memory is None and (stores.redis is None or stores.redis.managed is not None)
    ):
        found.append("redis")
    vectors = stores.vectors if stores is not None else None
    if vectors is None or (vectors.qdrant is not None and vectors.qdrant.managed is not None):
        found.append("qdrant")
    return tuple(found)


def workloads(cache: LLMCache) -> tuple[str, ...]:
    """Everything that has a renderer of its own: managed stores, then models."""
    return (*stores_wanted(cache), *(model.name for model in cache.spec.models))


def choose(
    cache: LLMCache, pins: Mapping[str, RendererId], newest: RendererId
) -> dict[str, RendererId]:
    """The renderer of every workload: what its owner accepts, else what made it, else the newest."""
    accepted = _accepted(cache.annotations.get(ACCEPT_ANNOTATION, ""), newest)
    return {
        name: accepted.get(name) or accepted.get(ANY) or pins.get(name) or newest
        for name in workloads(cache)
    }


def outdated(
    cache: LLMCache, chosen: Mapping[str, RendererId], newest: RendererId
) -> tuple[str, ...]:
    """Workloads for which a newer rendering waits."""
    return tuple(name for name in workloads(cache) if chosen[name] != newest)


def _accepted(annotation: str, newest: RendererId) -> dict[str, RendererId]:
    """The annotation: `v1` or `*` for all, `llama=v1` or `llama=*` for one; several with commas."""
    found = {}
    for part in annotation.split(","):
        name, separator, renderer = part.strip().rpartition("=")
        if renderer:
            key = name.strip() if separator else ANY
            found[key] = newest if renderer.strip() == ANY else RendererId(renderer.strip())
    return found
