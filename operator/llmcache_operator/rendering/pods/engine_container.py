"""vLLM's container."""

from __future__ import annotations

from typing import Any, Final

from llmcache_api.resource.references import ResourceAmounts

from ..context import ModelContext
from ..engine.arguments import arguments
from ..engine.places import (
    CACHES,
    HOME,
    TEMPLATES,
    compile_cache_path,
    hub_cache,
    weights_of,
)
from ..engine.versions import show, version_of
from ..names import ENGINE_PORT
from ..quantities import add_gibibytes
from .hardening import container, scratch
from .weights import weights_mount

NAME: Final = "engine"

Json = dict[str, Any]

_HEALTH: Final = (
    "import sys,urllib.request as r;"
    "o=r.build_opener(r.ProxyHandler({}));"
    f"sys.exit(o.open('http://127.0.0.1:{ENGINE_PORT}/health',timeout=8).status!=200)"
)
"""vLLM listens on loopback only, so that its probes are commands in its own container. Its image has
no curl for sure, but always the interpreter that runs it."""


def engine_container(context: ModelContext) -> Json:
    """The container. Its probes never touch the sidecar, nor does it wait for it."""
    defaults = context.defaults
    return container(
        NAME,
        context.engine_image,
        context.pull_policy,
        command=["vllm", "serve"],
        args=arguments(context),
        env=_environment(context),
        resources=_resources(context),
        volumeMounts=_mounts(context),
        lifecycle={
            # vLLM refuses requests from its SIGTERM on; until the last sender knows, it serves.
            "preStop": {"exec": {"command": ["sleep", str(defaults.propagation_s)]}}
        },
        startupProbe={
            **_probe(period=10, failures=max(1, -(-context.startup_s // 10))),
            "initialDelaySeconds": 1,
        },
        livenessProbe=_probe(period=20, failures=6),
    )


def engine_volumes(context: ModelContext) -> list[Json]:
    """The pod's volumes for it, but for the weights."""
    found = [
        scratch("engine-home", "2Gi"),
        scratch("engine-tmp", "8Gi"),
        scratch("shm", context.defaults.shared_memory, memory=True),
    ]
    if not _compiles_on_claim(context):
        found.append(scratch("engine-caches", "20Gi"))
    template = context.engine.chat_template
    if template is not None:
        found.append(
            {
                "name": "chat-template",
                "configMap": {
                    "name": template.name,
                    "defaultMode": 0o444,
                    "items": [{"key": template.key, "path": template.key}],
                },
            }
        )
    return found


def _compiles_on_claim(context: ModelContext) -> bool:
    weights = weights_of(context)
    return weights is not None and weights.claim is not None


def _probe(*, period: int, failures: int) -> Json:
    return {
        "exec": {"command": ["python3", "-c", _HEALTH]},
        "periodSeconds": period,
        "timeoutSeconds": 10,
        "failureThreshold": failures,
        "successThreshold": 1,
    }


def _environment(context: ModelContext) -> list[Json]:
    cache = hub_cache(context)
    found: dict[str, Json] = {
        "HOME": {"value": HOME},
        # The user may have no line in the image's passwd, where torch looks for a name.
        "USER": {"value": "vllm"},
        "TORCHINDUCTOR_CACHE_DIR": {"value": f"{CACHES}/inductor"},
        "HF_HOME": {"value": f"{HOME}/huggingface"},
        "XDG_CACHE_HOME": {"value": f"{CACHES}/xdg"},
        "TRITON_CACHE_DIR": {"value": f"{CACHES}/triton"},
        "DO_NOT_TRACK": {"value": "1"},
        "VLLM_NO_USAGE_STATS": {"value": "1"},
        "HF_HUB_DISABLE_TELEMETRY": {"value": "1"},
    }
    for variable in context.engine.env or ():
        if variable.secret_key is not None:
            reference = {"name": variable.secret_key.name, "key": variable.secret_key.key}
            found[variable.name] = {"valueFrom": {"secretKeyRef": reference}}
        else:
            found[variable.name] = {"value": variable.value or ""}
    found["VLLM_CACHE_ROOT"] = {"value": f"{CACHES}/vllm"}
    # What vLLM talks to itself with stays off the pod's address.
    found["VLLM_HOST_IP"] = {"value": "127.0.0.1"}
    if cache is not None:
        found["HF_HUB_CACHE"] = {"value": cache}
    # The one that downloads has done so, or nobody shall.
    found["HF_HUB_OFFLINE"] = {"value": "1"}
    return [{"name": name, **value} for name, value in found.items()]


def _resources(context: ModelContext) -> Json:
    own = context.engine.resources or ResourceAmounts()
    requests = dict(own.requests or {})
    limits = dict(own.limits or {})
    if own.requests is None and own.limits is None:
        requests = {"cpu": context.defaults.engine_cpu, "memory": context.defaults.engine_memory}
    offload = context.prefix_caching.cpu_offload
    if offload is not None:
        for amounts in (requests, limits):
            if "memory" in amounts:
                amounts["memory"] = add_gibibytes(amounts["memory"], offload.size_gi)
    resource, count = context.gpu
    if count:
        requests[resource] = limits[resource] = str(count)
    return {key: value for key, value in (("requests", requests), ("limits", limits)) if value}


def _mounts(context: ModelContext) -> list[Json]:
    found: list[Json] = [
        {"name": "engine-home", "mountPath": HOME},
        {"name": "engine-tmp", "mountPath": "/tmp"},  # noqa: S108 - a volume of this container
        {"name": "shm", "mountPath": "/dev/shm"},  # noqa: S108 - a volume of this container
        _caches_mount(context),
    ]
    weights = weights_mount(context)
    if weights is not None:
        found.append(weights)
    if context.engine.chat_template is not None:
        found.append({"name": "chat-template", "mountPath": TEMPLATES, "readOnly": True})
    return found


def _caches_mount(context: ModelContext) -> Json:
    if not _compiles_on_claim(context):
        return {"name": "engine-caches", "mountPath": CACHES}
    version = version_of(context.engine_image)
    name = context.engine_image if version is None else show(version)
    return {
        "name": "weights",
        "mountPath": CACHES,
        "subPath": compile_cache_path(context, name),
    }
