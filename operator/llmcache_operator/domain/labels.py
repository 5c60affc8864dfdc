"""Labels and annotations of the objects that we make, in one place."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

FIELD_MANAGER: Final = "llmcache-operator"
"""Who server-side apply knows us as."""

MANAGED_BY: Final = "llmcache-operator"
"""Value of app.kubernetes.io/managed-by; the server-side selector of every watch."""

CACHE_LABEL: Final = "llmcache.dev/cache"
"""Name of the LLMCache that an object belongs to."""

MODEL_LABEL: Final = "llmcache.dev/model"
"""Name of the model in its spec, on what belongs to one model."""

COMPONENT_LABEL: Final = "app.kubernetes.io/component"
"""What an object is a part of; a `Component`."""

RENDERER_ANNOTATION: Final = "llmcache.dev/renderer"
"""Which renderer made a workload. Observed on the live object, never remembered."""

ACCEPT_ANNOTATION: Final = "llmcache.dev/accept-update"
"""On the LLMCache: the renderer that its owner accepts (or `*` for whatever is newest)."""

HASH_ANNOTATION: Final = "llmcache.dev/rendered-hash"
"""Hash of the manifest that was applied last."""

CONFIG_AT_START_ANNOTATION: Final = "llmcache.dev/config-at-start"
"""On pod templates: hash of the configuration that a sidecar reads at its start only."""

CONFIG_ANNOTATION: Final = "llmcache.dev/config"
"""On live pods: the version of the configuration that the kubelet should bring now."""


class Component(StrEnum):
    """Parts of an LLMCache."""

    ENGINE = "engine"
    GATEWAY = "gateway"
    REDIS = "redis"
    QDRANT = "qdrant"
    CACHE = "cache"
