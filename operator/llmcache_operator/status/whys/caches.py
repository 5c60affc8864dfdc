"""Why the cache does not work as it was asked to, as the sidecars see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ...domain.report import SemanticState, SidecarReport, StoreState
from ..redacting import redacted
from ..seeing import Sight
from .finding import Finding, degraded
from .stores import why_store_is_not_ready


def why_cache_is_not_ready(
    managed: Sequence[str], sight: Sight, reports: Sequence[SidecarReport]
) -> Finding | None:
    """The first finding.

    Args:
        managed: stores that the operator runs: redis, qdrant.
    """
    for store in managed:
        if found := why_store_is_not_ready(store, sight):
            return found
    return next((found for link in _CHAIN if (found := link(managed, reports))), None)


def exact_store_down(managed: Sequence[str], reports: Sequence[SidecarReport]) -> Finding | None:
    """Sidecars do not reach Redis, though it may be up."""
    cut_off = [one for one in reports if one.exact_store is StoreState.DOWN]
    if not cut_off:
        return None
    where = "a NetworkPolicy in between" if "redis" in managed else "its address, password and CA"
    return degraded(
        "RedisDown",
        f"{_of(cut_off, reports)} get no answer from Redis, so their requests go to the engines. "
        f"Check {where}. {_said(cut_off[0].exact_trouble)}".rstrip(),
    )


def embedding_failed(_: Sequence[str], reports: Sequence[SidecarReport]) -> Finding | None:
    """The embedding model can't be loaded."""
    failed = [one for one in reports if one.semantic is SemanticState.FAILED]
    if not failed:
        return None
    return degraded(
        "EmbeddingFailed",
        f"{_of(failed, reports)} can't load the embedding model, so nothing is looked up by meaning; "
        "the exact level goes on. Check responseCache.semantic.embedding. "
        f"{_said(failed[0].semantic_trouble)}".rstrip(),
    )


def embedding_loading(_: Sequence[str], reports: Sequence[SidecarReport]) -> Finding | None:
    """The embedding model is on its way."""
    loading = [one for one in reports if one.semantic is SemanticState.LOADING]
    if not loading:
        return None
    return Finding(
        "EmbeddingLoading",
        f"{_of(loading, reports)} load the embedding model; the exact level serves meanwhile. "
        f"{_said(loading[0].semantic_trouble)}".rstrip(),
    )


def vectors_down(managed: Sequence[str], reports: Sequence[SidecarReport]) -> Finding | None:
    """Sidecars do not reach the vector store."""
    cut_off = [one for one in reports if one.vector_store is StoreState.DOWN]
    if not cut_off:
        return None
    where = "a NetworkPolicy in between" if "qdrant" in managed else "its address and credentials"
    return degraded(
        "QdrantDown" if "qdrant" in managed else "VectorsDown",
        f"{_of(cut_off, reports)} get no answer from the vector store, so nothing is looked up by "
        f"meaning; the exact level goes on. Check {where}. "
        f"{_said(cut_off[0].vector_trouble)}".rstrip(),
    )


_CHAIN: Final = (exact_store_down, embedding_failed, embedding_loading, vectors_down)


def _of(some: Sequence[SidecarReport], all_of_them: Sequence[SidecarReport]) -> str:
    return f"{len(some)} of {len(all_of_them)} sidecars"


def _said(text: str) -> str:
    return f"It says: {redacted(text, 300)}" if text else ""
