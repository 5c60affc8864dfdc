"""The renderer before the first release: older images, more cautious and less frugal defaults.

Kept for tests of upgrades (docs/decisions/0019): it stands for what a released renderer will be to the
one after it, and differs from the newest in images, flags, rollout, sizes and the sidecar's file.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from llmcache_api.reloading import READ_AT_START, ReadAtStart
from llmcache_api.resource import OnOff
from llmcache_api.resource.engine import HashAlgorithm

from .defaults import ContainerSize, Images, Renderer, RendererId
from .v1 import V1

V0: Final = Renderer(
    RendererId("v0"),
    replace(
        V1.defaults,
        images=Images(
            sidecar="llmcache/sidecar:0.0.9",
            engine="vllm/vllm-openai:v0.32.0",
            redis="redis:7.4-alpine",
            qdrant="qdrant/qdrant:v1.18.2-unprivileged",
        ),
        hash_algorithm=HashAlgorithm.SHA256_CBOR,
        scheduling_policy=None,
        drain_s=30,
        max_surge=1,
        max_unavailable=0,
        spread=OnOff.OFF,
        holdout_percent=0.0,
        shadow_percent=0.0,
        sidecar_large=ContainerSize("1", "3Gi", "4Gi"),
        redis_memory="512Mi",
        redis_policy="volatile-lru",
        read_at_start=ReadAtStart(
            sections=(*READ_AT_START.sections, "log"),
            but=(),
        ),
        config_fields_left_out=(
            "responseCache.semantic.candidates",
            "responseCache.semantic.crossEncoder",
        ),
    ),
)
