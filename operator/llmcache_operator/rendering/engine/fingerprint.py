"""The model fingerprint: everything that shapes an engine's answers, as one short name."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from ..context import ModelContext

_SHAPING = {
    "model",
    "revision",
    "served_names",
    "max_model_len",
    "dtype",
    "quantization",
    "lora",
    "chat_template",
    "tool_call_parser",
    "reasoning_parser",
    "default_temperature",
    "extra_args",
    "env",
}
"""Fields of the engine. Not among them: how many GPUs, how prefixes are cached, how long it may
take; they change when an answer comes, not which."""


def fingerprint(context: ModelContext) -> str | None:
    """What the sidecar is told as --engine-revision; None = it asks the endpoint."""
    if context.model.engine is None:
        return context.endpoint.revision
    engine = context.engine
    shaped: dict[str, Any] = engine.model_dump(
        mode="json", by_alias=True, exclude_none=True, include=_SHAPING
    )
    shaped["image"] = context.engine_image
    weights = engine.weights
    if weights is not None and (weights.existing_claim or weights.image):
        # The claim's size or class says nothing about what is on it; its name and path do.
        shaped["weights"] = weights.model_dump(
            mode="json", by_alias=True, exclude_none=True, include={"existing_claim", "image"}
        )
    canonical = json.dumps(shaped, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:24]
