"""The kinds that we make and look at, and where the API server keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from llmcache_api.resource import GROUP, KIND, PLURAL, VERSION

from ..domain import ObjectKey


@dataclass(frozen=True)
class Kind:
    """One kind of object.

    Attributes:
        optional: clusters without it are fine.
    """

    api_version: str
    kind: str
    plural: str
    optional: bool = False

    @property
    def root(self) -> str:
        """Path of its group and version."""
        prefix = "apis" if "/" in self.api_version else "api"
        return f"/{prefix}/{self.api_version}"

    def path(self, namespace: str | None) -> str:
        """Path of the collection, in one namespace or in all."""
        where = f"/namespaces/{namespace}" if namespace is not None else ""
        return f"{self.root}{where}/{self.plural}"


LLMCACHES: Final = Kind(f"{GROUP}/{VERSION}", KIND, PLURAL)
PODS: Final = Kind("v1", "Pod", "pods")
SECRETS: Final = Kind("v1", "Secret", "secrets")
EVENTS: Final = Kind("v1", "Event", "events")
LEASES: Final = Kind("coordination.k8s.io/v1", "Lease", "leases")
AUTOSCALERS: Final = Kind("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers")
POD_MONITORS: Final = Kind("monitoring.coreos.com/v1", "PodMonitor", "podmonitors", optional=True)

OWNED: Final = (
    Kind("apps/v1", "Deployment", "deployments"),
    Kind("apps/v1", "StatefulSet", "statefulsets"),
    Kind("v1", "Service", "services"),
    Kind("v1", "ConfigMap", "configmaps"),
    Kind("v1", "ServiceAccount", "serviceaccounts"),
    Kind("v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
    Kind("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets"),
    Kind("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies"),
    POD_MONITORS,
)
"""Kinds that are applied, and watched by our label."""

_KNOWN: Final = {
    (kind.api_version, kind.kind): kind
    for kind in (*OWNED, LLMCACHES, PODS, SECRETS, EVENTS, LEASES, AUTOSCALERS)
}


def kind_of(key: ObjectKey) -> Kind:
    """The kind of an object; a KeyError for one that we never touch."""
    return _KNOWN[key.api_version, key.kind]
