"""Where pods may run."""

from __future__ import annotations

from typing import Any

from llmcache_api.resource import OnOff
from llmcache_api.resource.engine import SchedulingSection

from .. import names
from ..context import Context, ModelContext


def pull_secrets(context: Context) -> dict[str, Any]:
    """Fields of the pod's spec: Secrets for registries, each once (they are told apart by name)."""
    images = context.spec.images
    if images is None or not images.pull_secrets:
        return {}
    return {"imagePullSecrets": [{"name": name} for name in dict.fromkeys(images.pull_secrets)]}


def scheduling(context: ModelContext) -> dict[str, Any]:
    """Fields of the pod's spec."""
    wanted = context.either.scheduling or SchedulingSection()
    found: dict[str, Any] = {}
    if wanted.node_selector:
        found["nodeSelector"] = dict(wanted.node_selector)
    tolerations = [
        item.model_dump(mode="json", by_alias=True, exclude_none=True)
        for item in wanted.tolerations or ()
    ]
    if context.model.engine is not None and context.gpu[1]:
        # What GPU nodes are commonly tainted with.
        gpu = {"key": context.gpu[0], "operator": "Exists", "effect": "NoSchedule"}
        if gpu not in tolerations:
            tolerations.append(gpu)
    if tolerations:
        found["tolerations"] = tolerations
    if (wanted.spread or context.defaults.spread) is OnOff.ON:
        found["topologySpreadConstraints"] = [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {
                    "matchLabels": names.model_selector(context.cache, context.model.name)
                },
            }
        ]
    if wanted.priority_class is not None:
        found["priorityClassName"] = wanted.priority_class
    if wanted.runtime_class is not None:
        found["runtimeClassName"] = wanted.runtime_class
    return found
