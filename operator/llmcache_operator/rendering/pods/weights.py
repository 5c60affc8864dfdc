"""The weights' volume, and the init container that fills it."""

from __future__ import annotations

from typing import Any, Final

from ..context import ModelContext
from ..engine.places import HUB, WEIGHTS, downloads, weights_of
from ..sidecar.files import PROGRESS_DIRECTORY, PROGRESS_FILE
from .hardening import container, scratch

NAME: Final = "weights"
TOKEN_DIRECTORY: Final = "/etc/llmcache/hub-token"  # noqa: S105 - a path

Json = dict[str, Any]


def weights_container(context: ModelContext) -> Json | None:
    """Downloads under a lock, so that one pod does it for all that share a claim. It alone holds the
    hub's token; None where there is nothing to download."""
    if not downloads(context):
        return None
    engine = context.engine
    arguments = ["download-weights", engine.model, "--cache", HUB]
    arguments += ["--progress-file", PROGRESS_FILE]
    if engine.revision is not None:
        arguments += ["--revision", engine.revision]
    for adapter in engine.lora.adapters if engine.lora is not None else ():
        if not adapter.path.startswith("/"):
            arguments += ["--also", adapter.path]
    mounts: list[Json] = [
        {"name": "weights", "mountPath": WEIGHTS},
        {"name": "weights-tmp", "mountPath": "/tmp"},  # noqa: S108 - a volume of this container
        {"name": "weights-progress", "mountPath": PROGRESS_DIRECTORY},
    ]
    if engine.hugging_face_token is not None:
        arguments += ["--token-file", f"{TOKEN_DIRECTORY}/token"]
        mounts.append({"name": "hub-token", "mountPath": TOKEN_DIRECTORY, "readOnly": True})
    mirrors = [
        {"name": variable.name, "value": variable.value}
        for variable in engine.env or ()
        if variable.value is not None and variable.name in _NETWORK
    ]
    return container(
        NAME,
        context.sidecar_image,
        context.pull_policy,
        command=["llmcache"],
        args=arguments,
        env=[{"name": "HOME", "value": "/tmp"}, *mirrors],  # noqa: S108
        resources={
            "requests": {"cpu": "250m", "memory": "512Mi"},
            "limits": {"memory": "2Gi"},
        },
        volumeMounts=mounts,
    )


_NETWORK: Final = ("HF_ENDPOINT", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY")
"""What of the engine's environment the download needs too."""


def weights_volumes(context: ModelContext) -> list[Json]:
    """The pod's volumes for the weights."""
    weights = weights_of(context)
    found: list[Json] = []
    if weights is None:
        return found
    if weights.claim is not None:
        claim: Json = {"claimName": claim_name(context)}
        found.append({"name": "weights", "persistentVolumeClaim": claim})
    elif weights.ephemeral is not None:
        found.append(scratch("weights", weights.ephemeral.storage))
    elif weights.existing_claim is not None:
        existing: Json = {"claimName": weights.existing_claim.name, "readOnly": True}
        found.append({"name": "weights", "persistentVolumeClaim": existing})
    elif weights.image is not None:
        image = {"reference": weights.image.reference, "pullPolicy": context.pull_policy}
        found.append({"name": "weights", "image": image})
    if downloads(context):
        found += [scratch("weights-tmp", "1Gi"), scratch("weights-progress", "1Mi")]
        token = context.engine.hugging_face_token
        if token is not None:
            items = [{"key": token.key, "path": "token"}]
            found.append(
                {
                    "name": "hub-token",
                    "secret": {"secretName": token.name, "defaultMode": 0o440, "items": items},
                }
            )
    return found


def weights_mount(context: ModelContext) -> Json | None:
    """The engine's mount: it only reads."""
    if weights_of(context) is None:
        return None
    return {"name": "weights", "mountPath": WEIGHTS, "readOnly": True}


def claim_name(context: ModelContext) -> str:
    """The claim that the operator makes."""
    return f"{context.name}-weights"
