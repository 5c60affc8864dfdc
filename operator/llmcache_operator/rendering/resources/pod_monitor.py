"""The PodMonitor of a cache's sidecars."""

from __future__ import annotations

from ...domain import CACHE_LABEL, MODEL_LABEL, Component, Manifest
from .. import names
from ..context import Context


def build_pod_monitor(context: Context) -> Manifest | None:
    """Both pages of every sidecar: its own metrics and its engine's."""
    monitoring = context.spec.monitoring
    if monitoring is None or not monitoring.pod_monitor or not context.facts.pod_monitor:
        return None
    cache = context.cache
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PodMonitor",
        "metadata": names.metadata(cache, names.metrics_name(cache), Component.CACHE),
        "spec": {
            "selector": {
                "matchLabels": {CACHE_LABEL: cache.name},
                "matchExpressions": [{"key": MODEL_LABEL, "operator": "Exists"}],
            },
            # What the dashboards tell caches and models apart by.
            "podTargetLabels": [CACHE_LABEL, MODEL_LABEL],
            "podMetricsEndpoints": [
                {"port": "admin", "path": "/metrics"},
                {"port": "admin", "path": "/engine/metrics"},
            ],
        },
    }
