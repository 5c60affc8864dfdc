"""The renderer of 0.1: vLLM 0.33, Redis 8, Qdrant 1.19."""

from __future__ import annotations

from typing import Final

from llmcache_api.resource import OnOff
from llmcache_api.resource.engine import HashAlgorithm

from .defaults import ContainerSize, Defaults, Images, Renderer, RendererId

V1: Final = Renderer(
    RendererId("v1"),
    Defaults(
        images=Images(
            sidecar="llmcache/sidecar:0.1.0",
            engine="vllm/vllm-openai:v0.33.0",
            redis="redis:8.2-alpine",
            qdrant="qdrant/qdrant:v1.19.1-unprivileged",
        ),
        gpu_count=1,
        gpu_resource="nvidia.com/gpu",
        prefix_caching=OnOff.ON,
        hash_algorithm=HashAlgorithm.SHA256,
        kv_events_port=5557,
        scheduling_policy="priority",
        weights_storage="100Gi",
        shared_memory="2Gi",
        startup_timeout_s=7200,
        drain_s=60,
        propagation_s=15,
        flush_s=10,
        slack_s=15,
        max_surge=0,
        max_unavailable=1,
        revision_history=3,
        spread=OnOff.ON,
        sidecar_small=ContainerSize("250m", "384Mi", "1Gi"),
        sidecar_large=ContainerSize("500m", "2Gi", "3Gi"),
        embedding_cache="4Gi",
        embedding_model="sentence-transformers/paraphrase-multilingual-mpnet-base-v2",
        embedding_deadline_s=0.2,
        holdout_percent=1.0,
        shadow_percent=1.0,
        engine_cpu="2",
        engine_memory="8Gi",
        redis_memory="1Gi",
        redis_cpu="100m",
        redis_policy="volatile-lfu",
        redis_memory_percent=75,
        qdrant_storage="10Gi",
        qdrant_size=ContainerSize("100m", "1Gi", "1Gi"),
        pull_policy="IfNotPresent",
    ),
)
