"""The model fingerprint: everything that shapes an engine's answers, as one short name."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from ..context import ModelContext
from ..overlay.invariants import items_of

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

_NOT_SHAPING = {"resources", "tty", "stdin"}
"""Fields of a container in an overlay."""


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
    if laid_over := _laid_over(engine.pod_template):
        shaped["podTemplate"] = laid_over
    canonical = json.dumps(shaped, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:24]


def _laid_over(overlay: dict[str, Any] | None) -> dict[str, Any]:
    """What an overlay brings into the engine's container, or may put on a volume before it starts."""
    found: dict[str, Any] = {}
    mounted: set[str] = set()
    for place in ("initContainers", "containers"):
        for container in items_of(overlay, place):
            name = container.get("name")
            if name == "sidecar" or (place == "containers" and name != "engine"):
                continue
            brought = {field: it for field, it in container.items() if field not in _NOT_SHAPING}
            if brought.keys() <= {"name"}:
                continue
            found[f"{place}/{name}"] = brought
            mounts = brought.get("volumeMounts")
            mounted |= {
                str(mount.get("name"))
                for mount in (mounts if isinstance(mounts, list) else ())
                if isinstance(mount, dict)
            }
    volumes = [one for one in items_of(overlay, "volumes") if str(one.get("name")) in mounted]
    return found | ({"volumes": volumes} if volumes else {})
