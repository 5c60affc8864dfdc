"""What unset fields mean: `status.resolved`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from llmcache_api.cache import AuthMode
from llmcache_api.resource import ModelSource
from llmcache_api.resource.status import ResolvedModel, ResolvedStatus

from ..domain import LLMCache
from .context import Context, ModelContext
from .facts import Facts
from .renderers import Renderer, RendererId

_KEY: Final = "VLLM_API_KEY"
"""With it in its environment an engine checks its callers' keys."""

_LONGEST: Final = 512
_LONGEST_OF_GPUS: Final = 128
"""What the status has room for; names of resources and images may be longer."""


def resolve(
    cache: LLMCache,
    chosen: Mapping[str, RendererId],
    facts: Facts,
    renderers: Mapping[RendererId, Renderer],
    newest: RendererId,
) -> ResolvedStatus:
    """In the words of people; each workload as its own renderer sees it."""

    def of(workload: str) -> Renderer:
        return renderers.get(chosen.get(workload, newest), renderers[newest])

    first = Context(cache, of(cache.spec.models[0].name), facts)
    return ResolvedStatus(
        embedding=_embedding(first)[:_LONGEST],
        redis=_redis(Context(cache, of("redis"), facts))[:_LONGEST],
        vectors=_vectors(Context(cache, of("qdrant"), facts))[:_LONGEST],
        auth=_auth(first),
        tenancy=first.tenancy.value,
        models=tuple(
            _model(ModelContext(cache, of(model.name), facts, model)) for model in cache.spec.models
        ),
    )


def _auth(context: Context) -> str:
    """An engine of ours that has no key asks nobody for one; that must not look like a check."""
    mode = context.auth_mode
    if mode is not AuthMode.UPSTREAM:
        return mode.value
    for model in context.spec.models:
        names = [variable.name for variable in (model.engine.env or ())] if model.engine else [_KEY]
        if _KEY not in names:
            return "Upstream, and an engine without VLLM_API_KEY asks nobody"
    return mode.value


def _embedding(context: Context) -> str:
    embedding = context.embedding
    match embedding.source:
        case ModelSource.BUNDLED:
            return "Bundled, all-MiniLM-L6-v2"
        case ModelSource.HUB:
            return f"Hub, {embedding.model or context.defaults.embedding_model}"
        case ModelSource.ENDPOINT:
            return f"Endpoint, {embedding.model}"
        case ModelSource.IMAGE:
            return f"Image, {embedding.path}"
        case ModelSource.CLAIM:
            return f"Claim, {embedding.claim.name if embedding.claim is not None else ''}"


def _redis(context: Context) -> str:
    if context.redis is None:
        return "none: every replica keeps its entries to itself"
    if context.redis.external is not None:
        return f"External, {context.redis.external.url}"
    return f"Managed, {context.redis_image}"


def _vectors(context: Context) -> str:
    vectors = context.vectors
    if vectors.memory is not None:
        return "none: every replica keeps its vectors to itself"
    if vectors.pgvector is not None:
        return f"External, {vectors.pgvector.external.dsn}"
    if vectors.qdrant is not None and vectors.qdrant.external is not None:
        return f"External, {vectors.qdrant.external.url}"
    return f"Managed, {context.qdrant_image}"


def _model(context: ModelContext) -> ResolvedModel:
    temperature = context.either.default_temperature
    told = None if temperature is None else str(temperature)
    if context.model.engine is None:
        return ResolvedModel(
            name=context.model.name,
            sidecar_image=context.sidecar_image,
            default_temperature=told,
        )
    resource, count = context.gpu
    return ResolvedModel(
        name=context.model.name,
        image=context.engine_image,
        sidecar_image=context.sidecar_image,
        gpus=f"{count} {resource}"[:_LONGEST_OF_GPUS] if count else "none",
        default_temperature=told,
    )
