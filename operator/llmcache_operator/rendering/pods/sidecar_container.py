"""The caching sidecar's container: a native sidecar beside an engine, the only one of a gateway."""

from __future__ import annotations

from typing import Any, Final

from llmcache_api.resource import EmbeddingSpec, ModelSource
from llmcache_api.resource.references import ResourceAmounts

from ..context import ModelContext
from ..engine.fingerprint import fingerprint
from ..engine.places import downloads
from ..names import ADMIN_PORT, DATA_PORT
from ..renderers.defaults import ContainerSize
from ..sidecar.files import (
    CACHE_DIRECTORY,
    CONFIG_DIRECTORY,
    CONFIG_FILE,
    MODEL_DIRECTORY,
    PROGRESS_DIRECTORY,
    SidecarFiles,
)
from .hardening import SIDECAR_USER, container, container_security, scratch

NAME: Final = "sidecar"

Json = dict[str, Any]


def sidecar_container(context: ModelContext, files: SidecarFiles, *, native: bool) -> Json:
    """The container.

    Args:
        native: it is an init container that runs as long as its pod (Kubernetes 1.29).
    """
    arguments = ["--config", CONFIG_FILE]
    revision = fingerprint(context)
    if revision is not None:
        # In the pod template, never in the file that is reloaded: during a rollout the two
        # generations must not read each other's answers.
        arguments += ["--engine-revision", revision]
    return container(
        NAME,
        context.sidecar_image,
        context.pull_policy,
        command=["llmcache-sidecar"],
        args=arguments,
        env=_environment(),
        ports=[
            {"name": "http", "containerPort": DATA_PORT, "protocol": "TCP"},
            {"name": "admin", "containerPort": ADMIN_PORT, "protocol": "TCP"},
        ],
        resources=sidecar_resources(context),
        volumeMounts=_mounts(context, files),
        lifecycle={
            "preStop": {
                "exec": {
                    "command": [
                        "llmcache-sidecar",
                        "drain",
                        "--admin",
                        f"127.0.0.1:{ADMIN_PORT}",
                        "--admin-token-file",
                        files.admin_token.absolute,
                    ]
                }
            }
        },
        # It does not wait for the engine: /livez speaks of the sidecar alone.
        startupProbe=_probe("/livez", period=1, failures=120),
        livenessProbe=_probe("/livez", period=10, failures=6),
        readinessProbe=_probe("/readyz", period=5, failures=2),
        restartPolicy="Always" if native else None,
    ) | {"securityContext": container_security(SIDECAR_USER)}


def sidecar_volumes(context: ModelContext, files: SidecarFiles) -> list[Json]:
    """The pod's volumes for it."""
    found: list[Json] = [
        {"name": "config", "configMap": {"name": context.name, "defaultMode": 0o444}},
        *files.volumes(),
        scratch("sidecar-tmp", "256Mi"),
        scratch("sidecar-cache", _cache_limit(context)),
    ]
    claim = context.embedding.claim
    if claim is not None:
        found.append(
            {
                "name": "embedding-model",
                "persistentVolumeClaim": {"claimName": claim.name, "readOnly": True},
            }
        )
    return found


def sidecar_resources(context: ModelContext) -> Json:
    """What it asks for: as its section says, else as its embedding model needs."""
    sidecar = context.spec.sidecar
    if sidecar is not None and sidecar.resources is not None:
        return amounts(sidecar.resources)
    size = sidecar_size(context)
    return {
        "requests": {"cpu": size.cpu, "memory": size.memory},
        "limits": {"memory": size.memory_limit},
    }


def sidecar_size(context: ModelContext) -> ContainerSize:
    """What the embedding model needs."""
    small = (ModelSource.BUNDLED, ModelSource.ENDPOINT)
    if context.embedding.source in small:
        return context.defaults.sidecar_small
    return context.defaults.sidecar_large


def amounts(resources: ResourceAmounts) -> Json:
    """`resources` of a container."""
    return resources.model_dump(mode="json", by_alias=True, exclude_none=True)


def _environment() -> list[Json]:
    return [
        {"name": "HOME", "value": CACHE_DIRECTORY},
        {"name": "HF_HOME", "value": f"{CACHE_DIRECTORY}/huggingface"},
        {"name": "FASTEMBED_CACHE_PATH", "value": f"{CACHE_DIRECTORY}/fastembed"},
        {"name": "HF_HUB_DISABLE_TELEMETRY", "value": "1"},
    ]


def _mounts(context: ModelContext, files: SidecarFiles) -> list[Json]:
    found: list[Json] = [
        {"name": "config", "mountPath": CONFIG_DIRECTORY, "readOnly": True},
        *files.mounts(),
        {"name": "sidecar-tmp", "mountPath": "/tmp"},  # noqa: S108 - a volume of this container
        {"name": "sidecar-cache", "mountPath": CACHE_DIRECTORY},
    ]
    if context.model.engine is not None and downloads(context):
        progress = {"mountPath": PROGRESS_DIRECTORY, "readOnly": True}
        found.append({"name": "weights-progress", **progress})
    claim = context.embedding.claim
    if claim is not None:
        mount: Json = {
            "name": "embedding-model",
            "mountPath": MODEL_DIRECTORY,
            "readOnly": True,
        }
        if claim.path is not None:
            mount["subPath"] = claim.path
        found.append(mount)
    return found


def _cache_limit(context: ModelContext) -> str:
    embedding: EmbeddingSpec = context.embedding
    if embedding.source is not ModelSource.HUB:
        return "256Mi"
    return embedding.cache or context.defaults.embedding_cache


def _probe(path: str, *, period: int, failures: int) -> Json:
    return {
        "httpGet": {"path": path, "port": "admin", "scheme": "HTTP"},
        "periodSeconds": period,
        "timeoutSeconds": 3,
        "failureThreshold": failures,
        "successThreshold": 1,
    }
