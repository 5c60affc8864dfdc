"""What the managed stores have in common."""

from __future__ import annotations

from typing import Any

from ...domain import CACHE_LABEL, MODEL_LABEL, RENDERER_ANNOTATION, Component, Manifest
from .. import names
from ..context import Context
from ..pods.hardening import STORE_USER, hardened_spec, pod_security
from ..pods.scheduling import pull_secrets


def store_service(context: Context, component: Component, ports: dict[str, int]) -> Manifest:
    """The Service in front of one store."""
    cache = context.cache
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": names.metadata(cache, cache.child(component.value), component),
        "spec": {
            "type": "ClusterIP",
            "selector": names.store_selector(cache, component),
            "ports": [
                {"name": name, "port": port, "targetPort": name, "protocol": "TCP"}
                for name, port in ports.items()
            ],
        },
    }


def store_account(context: Context, component: Component) -> Manifest:
    """Its account, without rights."""
    cache = context.cache
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": names.metadata(cache, cache.child(component.value), component),
        "automountServiceAccountToken": False,
    }


def store_policy(context: Context, component: Component, ports: dict[str, int]) -> Manifest | None:
    """Only this cache's sidecars reach it."""
    if not context.policies:
        return None
    cache = context.cache
    sidecars = {
        "matchLabels": {CACHE_LABEL: cache.name},
        "matchExpressions": [{"key": MODEL_LABEL, "operator": "Exists"}],
    }
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": names.metadata(cache, cache.child(component.value), component),
        "spec": {
            "podSelector": {"matchLabels": names.store_selector(cache, component)},
            "policyTypes": ["Ingress"],
            "ingress": [
                {
                    "from": [{"podSelector": sidecars}],
                    "ports": [{"port": port, "protocol": "TCP"} for port in ports.values()],
                }
            ],
        },
    }


def store_set(
    context: Context,
    component: Component,
    container: dict[str, Any],
    volumes: list[dict[str, Any]],
    claim: dict[str, Any] | None,
) -> Manifest:
    """The StatefulSet of one store: one pod. Its claim goes with it."""
    cache = context.cache
    name = cache.child(component.value)
    pod: dict[str, Any] = {
        **hardened_spec(),
        "serviceAccountName": name,
        "securityContext": pod_security(STORE_USER),
        "terminationGracePeriodSeconds": 30,
        "containers": [container],
        "volumes": volumes,
        **pull_secrets(context),
    }
    spec: dict[str, Any] = {
        "replicas": 1,
        "serviceName": name,
        # A pod that never became ready (a wrong image) would otherwise keep the next template waiting
        # for ever, until somebody deletes it.
        "podManagementPolicy": "Parallel",
        "revisionHistoryLimit": context.defaults.revision_history,
        "selector": {"matchLabels": names.store_selector(cache, component)},
        "template": {
            "metadata": {"labels": names.labels(cache, component)},
            "spec": pod,
        },
    }
    if claim is not None:
        spec["persistentVolumeClaimRetentionPolicy"] = {
            "whenDeleted": "Delete",
            "whenScaled": "Retain",
        }
        spec["volumeClaimTemplates"] = [claim]
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": names.metadata(
            cache, name, component, annotations={RENDERER_ANNOTATION: context.renderer.id}
        ),
        "spec": spec,
    }


def claim_template(
    context: Context, component: Component, name: str, storage: str, storage_class: str | None
) -> dict[str, Any]:
    """One of a StatefulSet's claims."""
    spec: dict[str, Any] = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": storage}},
    }
    if storage_class is not None:
        spec["storageClassName"] = storage_class
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name, "labels": names.labels(context.cache, component)},
        "spec": spec,
    }
