"""What stands around a model's pods: Service, ConfigMap, ServiceAccount, PodDisruptionBudget, claim."""

from __future__ import annotations

from ...domain import Manifest
from .. import names
from ..context import ModelContext
from ..engine.places import weights_of
from ..pods.weights import claim_name
from ..sidecar.config import SidecarFile
from ..sidecar.files import CONFIG_KEY


def build_service(context: ModelContext) -> Manifest:
    """Clients' only way in: it knows the sidecar's port and no other."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _metadata(context),
        "spec": {
            "type": "ClusterIP",
            "selector": names.model_selector(context.cache, context.model.name),
            "ports": [
                {
                    "name": "http",
                    "port": names.SERVICE_PORT,
                    "targetPort": "http",
                    "protocol": "TCP",
                }
            ],
        },
    }


def build_config_map(context: ModelContext, file: SidecarFile) -> Manifest:
    """The sidecar's file. It is mounted as a folder, so that a change arrives without a restart."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": _metadata(context),
        "data": {CONFIG_KEY: file.text},
    }


def build_service_account(context: ModelContext) -> Manifest:
    """An account without rights: not the namespace's `default`, which others may have given some."""
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": _metadata(context),
        "automountServiceAccountToken": False,
    }


def build_disruption_budget(context: ModelContext) -> Manifest:
    """One pod at a time may be evicted; a pod that does not serve never holds up a node's drain."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": _metadata(context),
        "spec": {
            "maxUnavailable": 1,
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
            "selector": {"matchLabels": names.model_selector(context.cache, context.model.name)},
        },
    }


def build_weights_claim(context: ModelContext) -> Manifest | None:
    """The claim that weights are downloaded to."""
    if context.model.engine is None:
        return None
    weights = weights_of(context)
    if weights is None or weights.claim is None:
        return None
    spec = {
        "accessModes": [weights.claim.access_mode.value],
        "resources": {"requests": {"storage": weights.claim.storage}},
    }
    if weights.claim.storage_class is not None:
        spec["storageClassName"] = weights.claim.storage_class
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": names.metadata(
            context.cache,
            claim_name(context),
            context.component,
            context.model.name,
            owned=weights.retain is False,
        ),
        "spec": spec,
    }


def _metadata(context: ModelContext) -> Manifest:
    return names.metadata(context.cache, context.name, context.component, context.model.name)
