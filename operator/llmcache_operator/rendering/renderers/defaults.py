"""What a renderer decides where the resource says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

from llmcache_api.reloading import READ_AT_START, ReadAtStart
from llmcache_api.resource import OnOff
from llmcache_api.resource.engine import HashAlgorithm

RendererId = NewType("RendererId", str)


@dataclass(frozen=True)
class ContainerSize:
    """What a container asks for, and its memory limit. There is no limit of CPU: it would slow a
    container down beside idle cores."""

    cpu: str
    memory: str
    memory_limit: str


@dataclass(frozen=True)
class Images:
    """Images by their role."""

    sidecar: str
    engine: str
    redis: str
    qdrant: str


@dataclass(frozen=True, kw_only=True)
class Defaults:
    """Every value that an unset field stands for, and every habit that renderers differ in.

    Attributes:
        images: what runs.
        gpu_resource, hash_algorithm, ...: for the fields of the same names.
        propagation_s: how long it takes until nobody sends new requests to a pod that goes.
        flush_s: how long the sidecar may take to write what waits, after the engine is gone.
        slack_s: what a termination may take beyond what is accounted for.
        sidecar_small: the sidecar without a model of its own, or with the bundled one.
        sidecar_large: the sidecar with a model of the default's size.
        embedding_deadline_s: longest wait for a vector of a model that is not the bundled one.
        spread: whether pods spread over nodes.
        redis_policy: what Redis does when its memory is full.
        redis_memory_percent: share of Redis' memory limit that entries may take.
        read_at_start: what its sidecar's image does not take over while it runs; a change of it rolls
            pods. A released renderer has a value of its own as soon as the contract's list changes.
        config_fields_left_out: fields of the sidecar's file that its image does not know yet.
    """

    images: Images
    gpu_count: int
    gpu_resource: str
    prefix_caching: OnOff
    hash_algorithm: HashAlgorithm
    kv_events_port: int
    scheduling_policy: str | None
    weights_storage: str
    shared_memory: str
    startup_timeout_s: int
    drain_s: int
    propagation_s: int
    flush_s: int
    slack_s: int
    max_surge: int
    max_unavailable: int
    revision_history: int
    spread: OnOff
    sidecar_small: ContainerSize
    sidecar_large: ContainerSize
    embedding_cache: str
    embedding_model: str
    embedding_deadline_s: float
    holdout_percent: float
    shadow_percent: float
    engine_cpu: str
    engine_memory: str
    redis_memory: str
    redis_cpu: str
    redis_policy: str
    redis_memory_percent: int
    qdrant_storage: str
    qdrant_size: ContainerSize
    pull_policy: str
    read_at_start: ReadAtStart = READ_AT_START
    config_fields_left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Renderer:
    """One version of the rendering."""

    id: RendererId
    defaults: Defaults
