"""What builders are given: one cache, one renderer, the facts; and for pods of a model, the model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from llmcache_api.cache import AuthMode, TenancyScope
from llmcache_api.resource import EmbeddingSpec, EngineSection, ModelSection, ModelSource, OnOff
from llmcache_api.resource.endpoint import EndpointSection
from llmcache_api.resource.engine import GpuSection, PrefixCachingSection, RolloutSection
from llmcache_api.resource.spec import LLMCacheSpec
from llmcache_api.resource.stores import (
    ManagedQdrant,
    ManagedRedis,
    QdrantStore,
    RedisStore,
    StoresSpec,
    VectorStores,
)

from ..domain import Component, LLMCache
from . import names
from .facts import Facts
from .renderers import Defaults, Renderer


@dataclass(frozen=True)
class Context:
    """A cache as one renderer sees it, with every choice of branch made."""

    cache: LLMCache
    renderer: Renderer
    facts: Facts

    @property
    def defaults(self) -> Defaults:
        """The renderer's."""
        return self.renderer.defaults

    @property
    def spec(self) -> LLMCacheSpec:
        """The cache's."""
        return self.cache.spec

    @cached_property
    def stores(self) -> StoresSpec:
        """The stores' section, maybe empty."""
        return self.spec.stores or StoresSpec()

    @cached_property
    def redis(self) -> RedisStore | None:
        """Redis, managed or external; None where every replica keeps its entries to itself."""
        if self.stores.memory is not None:
            return None
        return self.stores.redis or RedisStore(managed=ManagedRedis())

    @cached_property
    def managed_redis(self) -> ManagedRedis | None:
        """The Redis that we run."""
        return self.redis.managed if self.redis is not None else None

    @cached_property
    def vectors(self) -> VectorStores:
        """Where vectors live."""
        return self.stores.vectors or VectorStores(qdrant=QdrantStore(managed=ManagedQdrant()))

    @cached_property
    def managed_qdrant(self) -> ManagedQdrant | None:
        """The Qdrant that we run."""
        return self.vectors.qdrant.managed if self.vectors.qdrant is not None else None

    @cached_property
    def embedding(self) -> EmbeddingSpec:
        """The embedding model."""
        cache = self.spec.response_cache
        semantic = cache.semantic if cache is not None else None
        chosen = semantic.embedding if semantic is not None else None
        return chosen or EmbeddingSpec(source=ModelSource.HUB)

    @property
    def auth_mode(self) -> AuthMode:
        """Who judges callers' keys."""
        return self.spec.auth.mode if self.spec.auth is not None else AuthMode.UPSTREAM

    @property
    def tenancy(self) -> TenancyScope:
        """Who shares answers."""
        cache = self.spec.response_cache
        if cache is None or cache.tenancy is None:
            return TenancyScope.API_KEY
        return cache.tenancy.scope

    @property
    def shadow_percent(self) -> float:
        """Share of the hits that are judged by asking the engine again."""
        quality = self.spec.quality
        if quality is None or "shadow_sample_percent" not in quality.model_fields_set:
            return self.defaults.shadow_percent
        return quality.shadow_sample_percent

    @property
    def pull_policy(self) -> str:
        """imagePullPolicy of every container."""
        images = self.spec.images
        return (images.pull_policy if images is not None else None) or self.defaults.pull_policy

    @property
    def sidecar_image(self) -> str:
        """The sidecar's image."""
        own = self.spec.sidecar.image if self.spec.sidecar is not None else None
        return own or self.facts.images.sidecar or self.defaults.images.sidecar

    @property
    def redis_image(self) -> str:
        """The managed Redis' image."""
        own = self.managed_redis.image if self.managed_redis is not None else None
        return own or self.facts.images.redis or self.defaults.images.redis

    @property
    def qdrant_image(self) -> str:
        """The managed Qdrant's image."""
        own = self.managed_qdrant.image if self.managed_qdrant is not None else None
        return own or self.facts.images.qdrant or self.defaults.images.qdrant

    @property
    def policies(self) -> bool:
        """Whether NetworkPolicies are wanted."""
        network = self.spec.network
        return network is None or network.policies is not OnOff.OFF


@dataclass(frozen=True)
class ModelContext(Context):
    """One model of it."""

    model: ModelSection

    @property
    def name(self) -> str:
        """Name of all its objects."""
        return names.model_name(self.cache, self.model.name)

    @property
    def engine(self) -> EngineSection:
        """The engine that we run; only for models that have one."""
        assert self.model.engine is not None
        return self.model.engine

    @property
    def endpoint(self) -> EndpointSection:
        """The endpoint; only for models that have one."""
        assert self.model.endpoint is not None
        return self.model.endpoint

    @property
    def either(self) -> EngineSection | EndpointSection:
        """Whichever the model has; for the fields that both have."""
        return self.engine if self.model.engine is not None else self.endpoint

    @property
    def component(self) -> Component:
        """What its pods are."""
        return Component.ENGINE if self.model.engine is not None else Component.GATEWAY

    @property
    def gpu(self) -> tuple[str, int]:
        """Resource and count of one pod's accelerators."""
        chosen = self.engine.gpu or GpuSection()
        count = self.defaults.gpu_count if chosen.count is None else chosen.count
        return chosen.resource or self.defaults.gpu_resource, count

    @cached_property
    def prefix_caching(self) -> PrefixCachingSection:
        """The engine's own cache."""
        return self.engine.prefix_caching or PrefixCachingSection()

    @property
    def engine_image(self) -> str:
        """vLLM's image."""
        return self.engine.image or self.facts.images.engine or self.defaults.images.engine

    @property
    def drain_s(self) -> int:
        """How long requests in flight may take when a pod goes."""
        own = self.either.drain_seconds
        return self.defaults.drain_s if own is None else own

    @property
    def rollout(self) -> tuple[int, int]:
        """maxSurge and maxUnavailable."""
        own = self.either.rollout or RolloutSection()
        surge = self.defaults.max_surge if own.max_surge is None else own.max_surge
        missing = (
            self.defaults.max_unavailable if own.max_unavailable is None else own.max_unavailable
        )
        if surge == 0 and missing == 0:
            # One was set to 0 and the other one's default is 0 too: nothing could be replaced.
            return (1, 0) if own.max_unavailable == 0 else (0, 1)
        return surge, missing

    @property
    def startup_s(self) -> int:
        """How long an engine may take until it serves."""
        own = self.engine.startup_timeout
        return self.defaults.startup_timeout_s if own is None else max(1, round(own))
