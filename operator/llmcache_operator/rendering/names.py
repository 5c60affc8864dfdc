"""Names, labels and owners of the objects, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from llmcache_api.resource import GROUP, KIND, VERSION

from ..domain import (
    CACHE_LABEL,
    COMPONENT_LABEL,
    MANAGED_BY,
    MODEL_LABEL,
    Component,
    LLMCache,
)

ADMIN_TOKEN_KEY: Final = "token"  # noqa: S105 - the name of a key in a Secret
TENANT_KEY: Final = "tenant.key"
REDIS_PASSWORD_KEY: Final = "password"  # noqa: S105 - the name of a key in a Secret
QDRANT_API_KEY: Final = "api-key"

SERVICE_PORT: Final = 8000
DATA_PORT: Final = 8080
ADMIN_PORT: Final = 8081
ENGINE_PORT: Final = 8000
REDIS_PORT: Final = 6379
QDRANT_PORT: Final = 6333
QDRANT_GRPC_PORT: Final = 6334


def admin_secret_name(cache: LLMCache) -> str:
    """The Secret with the bearer token of the admin planes, under `ADMIN_TOKEN_KEY`."""
    return cache.child("admin")


def tenants_secret_name(cache: LLMCache) -> str:
    """The Secret with the key of the tenants' hash."""
    return cache.child("tenants")


def redis_name(cache: LLMCache) -> str:
    """Everything of the managed Redis."""
    return cache.child("redis")


def qdrant_name(cache: LLMCache) -> str:
    """Everything of the managed Qdrant."""
    return cache.child("qdrant")


def metrics_name(cache: LLMCache) -> str:
    """The PodMonitor and the dashboard."""
    return cache.child("metrics")


def model_name(cache: LLMCache, model: str) -> str:
    """Everything of one model."""
    return cache.child(model)


def model_selector(cache: LLMCache, model: str) -> dict[str, str]:
    """Labels that a model's pods are found by. The component is not among them: a model that turns
    from an engine into an endpoint keeps its Deployment, whose selector can't change."""
    return {CACHE_LABEL: cache.name, MODEL_LABEL: model}


def store_selector(cache: LLMCache, component: Component) -> dict[str, str]:
    """Labels that a store's pod is found by."""
    return {CACHE_LABEL: cache.name, COMPONENT_LABEL: component.value}


def labels(cache: LLMCache, component: Component, model: str | None = None) -> dict[str, str]:
    """Labels of every object."""
    found = {
        "app.kubernetes.io/name": "llmcache",
        "app.kubernetes.io/instance": cache.name,
        "app.kubernetes.io/managed-by": MANAGED_BY,
        "app.kubernetes.io/part-of": "llmcache",
        COMPONENT_LABEL: component.value,
        CACHE_LABEL: cache.name,
    }
    if model is not None:
        found[MODEL_LABEL] = model
    return found


def owner(cache: LLMCache) -> dict[str, Any]:
    """The reference by which an object goes when its LLMCache goes."""
    return {
        "apiVersion": f"{GROUP}/{VERSION}",
        "kind": KIND,
        "name": cache.name,
        "uid": cache.uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }


def metadata(
    cache: LLMCache,
    name: str,
    component: Component,
    model: str | None = None,
    *,
    annotations: Mapping[str, str] | None = None,
    owned: bool = True,
) -> dict[str, Any]:
    """metadata of an object.

    Args:
        owned: False = it outlives its LLMCache and is found again by its labels.
    """
    found: dict[str, Any] = {
        "name": name,
        "namespace": cache.namespace,
        "labels": labels(cache, component, model),
    }
    if annotations:
        found["annotations"] = dict(annotations)
    if owned:
        found["ownerReferences"] = [owner(cache)]
    return found
