"""The managed Qdrant."""

from __future__ import annotations

from typing import Any, Final

from ...domain import Component, Manifest
from .. import names
from ..context import Context
from ..pods.hardening import container, scratch
from ..pods.sidecar_container import amounts
from .store_parts import (
    claim_template,
    store_account,
    store_policy,
    store_service,
    store_set,
)

_PORTS: Final = {"http": names.QDRANT_PORT, "grpc": names.QDRANT_GRPC_PORT}
_STORAGE: Final = "/qdrant/storage"


def build_qdrant_set(context: Context) -> Manifest | None:
    """The StatefulSet. Everything is told by environment, so the image starts as it is."""
    managed = context.managed_qdrant
    if managed is None:
        return None
    cache, defaults = context.cache, context.defaults
    size = defaults.qdrant_size
    resources = {
        "requests": {"cpu": size.cpu, "memory": size.memory},
        "limits": {"memory": size.memory_limit},
    }
    secret = {"name": names.qdrant_name(cache), "key": names.QDRANT_API_KEY}
    server = container(
        "qdrant",
        context.qdrant_image,
        context.pull_policy,
        env=[
            {"name": "QDRANT__SERVICE__API_KEY", "valueFrom": {"secretKeyRef": secret}},
            {"name": "QDRANT__SERVICE__HTTP_PORT", "value": str(names.QDRANT_PORT)},
            {"name": "QDRANT__SERVICE__GRPC_PORT", "value": str(names.QDRANT_GRPC_PORT)},
            {"name": "QDRANT__STORAGE__STORAGE_PATH", "value": _STORAGE},
            {"name": "QDRANT__STORAGE__SNAPSHOTS_PATH", "value": f"{_STORAGE}/snapshots"},
            {"name": "QDRANT__STORAGE__TEMP_PATH", "value": "/tmp"},  # noqa: S108
            {"name": "QDRANT__TELEMETRY_DISABLED", "value": "true"},
            {"name": "QDRANT_INIT_FILE_PATH", "value": "/tmp/.qdrant-initialized"},  # noqa: S108
        ],
        ports=[
            {"name": name, "containerPort": port, "protocol": "TCP"}
            for name, port in _PORTS.items()
        ],
        resources=resources if managed.resources is None else amounts(managed.resources),
        volumeMounts=[
            {"name": "data", "mountPath": _STORAGE},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - a volume of this container
        ],
        startupProbe=_probe("/healthz", period=2, failures=300),
        livenessProbe=_probe("/livez", period=10, failures=6),
        readinessProbe=_probe("/readyz", period=5, failures=2),
    )
    claim = claim_template(
        context,
        Component.QDRANT,
        "data",
        managed.storage or defaults.qdrant_storage,
        managed.storage_class,
    )
    return store_set(context, Component.QDRANT, server, [scratch("tmp", "1Gi")], claim)


def build_qdrant_service(context: Context) -> Manifest | None:
    """The Service."""
    if context.managed_qdrant is None:
        return None
    return store_service(context, Component.QDRANT, _PORTS)


def build_qdrant_account(context: Context) -> Manifest | None:
    """The ServiceAccount."""
    return None if context.managed_qdrant is None else store_account(context, Component.QDRANT)


def build_qdrant_policy(context: Context) -> Manifest | None:
    """The NetworkPolicy."""
    if context.managed_qdrant is None:
        return None
    return store_policy(context, Component.QDRANT, _PORTS)


def _probe(path: str, *, period: int, failures: int) -> dict[str, Any]:
    # These three paths are open without the API key.
    return {
        "httpGet": {"path": path, "port": "http", "scheme": "HTTP"},
        "periodSeconds": period,
        "timeoutSeconds": 5,
        "failureThreshold": failures,
        "successThreshold": 1,
    }
