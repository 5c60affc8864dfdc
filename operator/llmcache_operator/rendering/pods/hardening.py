"""What every pod and container of ours has, so that `restricted` Pod Security accepts it."""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]

SIDECAR_USER: Final = 65532
ENGINE_USER: Final = 2000
STORE_USER: Final = 1000
GROUP: Final = 2000
"""fsGroup of every pod: what makes Secrets and claims readable for the users above."""


def pod_security(user: int) -> Json:
    """securityContext of a pod."""
    return {
        "runAsNonRoot": True,
        "runAsUser": user,
        "runAsGroup": GROUP,
        "fsGroup": GROUP,
        # A claim with a model on it is not walked through at every start.
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def container_security(user: int | None = None) -> Json:
    """securityContext of a container; `user` where it differs from its pod's."""
    found: Json = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "privileged": False,
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
    }
    if user is not None:
        found["runAsUser"] = user
    return found


def hardened_spec() -> Json:
    """Fields of a pod's spec."""
    return {
        "automountServiceAccountToken": False,
        # A Service named `vllm` would set VLLM_PORT, which vLLM takes for its own.
        "enableServiceLinks": False,
    }


def container(name: str, image: str, pull_policy: str, **fields: Any) -> Json:
    """A container with what all of them have; fields that are None are left out."""
    found: Json = {
        "name": name,
        "image": image,
        "imagePullPolicy": pull_policy,
        "securityContext": container_security(),
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }
    found.update({key: value for key, value in fields.items() if value is not None})
    return found


def scratch(name: str, limit: str | None = None, *, memory: bool = False) -> Json:
    """A volume that goes with its pod."""
    empty: Json = {}
    if memory:
        empty["medium"] = "Memory"
    if limit is not None:
        empty["sizeLimit"] = limit
    return {"name": name, "emptyDir": empty}
