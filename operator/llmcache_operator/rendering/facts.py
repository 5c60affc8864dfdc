"""What pure code can't know by itself, told by the operator's start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ImageOverrides:
    """Images that this installation uses instead of a renderer's own, such as those of a mirror.

    They hold for every renderer: changing one rolls the pods that use it. None = the renderer's.
    """

    sidecar: str | None = None
    engine: str | None = None
    redis: str | None = None
    qdrant: str | None = None


@dataclass(frozen=True)
class Facts:
    """The cluster and the operator's own settings.

    Attributes:
        operator_namespace: where the operator runs; its pods may reach the admin planes.
        operator_labels: labels of its pods.
        images: images that this installation replaces.
        kubernetes_minor: of the API server, such as 34 for 1.34.
        pod_monitor: whether the kind PodMonitor (monitoring.coreos.com/v1) exists.
    """

    operator_namespace: str
    operator_labels: Mapping[str, str] = field(
        default_factory=lambda: {"app.kubernetes.io/name": "llmcache-operator"}
    )
    images: ImageOverrides = ImageOverrides()
    kubernetes_minor: int = 29
    pod_monitor: bool = False
