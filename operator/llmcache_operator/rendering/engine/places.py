"""Where things are in the engine's container."""

from __future__ import annotations

import re
from typing import Final

from llmcache_api.resource.engine import WeightsSection

from ..context import ModelContext

HOME: Final = "/home/vllm"
WEIGHTS: Final = "/weights"
CACHES: Final = "/var/cache/vllm"
TEMPLATES: Final = "/etc/vllm/chat-template"
HUB: Final = f"{WEIGHTS}/hub"


def weights_of(context: ModelContext) -> WeightsSection | None:
    """Where the weights come from; None = the engine's image has them (the model is a path)."""
    own = context.engine.weights
    if own is not None:
        return own
    if context.engine.model.startswith("/"):
        return None
    return WeightsSection.model_validate(
        {"ephemeral": {"storage": context.defaults.weights_storage}}
    )


def downloads(context: ModelContext) -> bool:
    """Whether an init container fetches the weights."""
    weights = weights_of(context)
    if weights is None or context.engine.model.startswith("/"):
        return False
    return weights.claim is not None or weights.ephemeral is not None


def hub_cache(context: ModelContext) -> str | None:
    """The hub's cache as the engine sees it; None where the model is a folder."""
    if downloads(context):
        return HUB
    weights = weights_of(context)
    if weights is not None and weights.existing_claim and not weights.existing_claim.path:
        return WEIGHTS
    return None


def model_argument(context: ModelContext) -> str:
    """What `vllm serve` is told to serve: a hub id, or a folder."""
    weights, model = weights_of(context), context.engine.model
    if weights is not None and weights.existing_claim and weights.existing_claim.path:
        return f"{WEIGHTS}/{weights.existing_claim.path}"
    if weights is not None and weights.image is not None:
        return f"{WEIGHTS}/{weights.image.path}" if weights.image.path else WEIGHTS
    return model


def compile_cache_path(context: ModelContext, version: str) -> str:
    """Folder of compiled kernels on a shared claim: they fit one kind of GPU and one vLLM."""
    scheduling = context.engine.scheduling
    selector = (scheduling.node_selector if scheduling is not None else None) or {}
    resource, count = context.gpu
    kind = selector.get("nvidia.com/gpu.product") or (resource if count else "cpu")
    return f"compiled/{_slug(kind)}/{_slug(version)}"


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.") or "any"
