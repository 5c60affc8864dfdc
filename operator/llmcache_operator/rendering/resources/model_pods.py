"""Deployments: engines with the native sidecar, and gateways in front of endpoints."""

from __future__ import annotations

from typing import Any, Final

from ...domain import RENDERER_ANNOTATION, Manifest
from ...domain.labels import CONFIG_AT_START_ANNOTATION
from .. import names
from ..context import ModelContext
from ..pods.engine_container import engine_container, engine_volumes
from ..pods.hardening import ENGINE_USER, SIDECAR_USER, hardened_spec, pod_security
from ..pods.scheduling import pull_secrets, scheduling
from ..pods.sidecar_container import sidecar_container, sidecar_volumes
from ..pods.weights import weights_container, weights_volumes
from ..sidecar.config import SidecarFile
from ..sidecar.files import SidecarFiles

_ROLLOUT_SLACK_S: Final = 600


def build_engine_deployment(
    context: ModelContext, files: SidecarFiles, file: SidecarFile
) -> Manifest:
    """vLLM behind the sidecar.

    The sidecar comes first among the init containers: it is up while the weights are downloaded, and
    tells how far they are.
    """
    defaults = context.defaults
    weights = weights_container(context)
    init = [sidecar_container(context, files, native=True)]
    if weights is not None:
        init.append(weights)
    spec: dict[str, Any] = {
        **_common(context),
        "securityContext": pod_security(ENGINE_USER),
        "terminationGracePeriodSeconds": (
            defaults.propagation_s + context.drain_s + defaults.flush_s + defaults.slack_s
        ),
        "initContainers": init,
        "containers": [engine_container(context)],
        "volumes": [
            *sidecar_volumes(context, files),
            *engine_volumes(context),
            *weights_volumes(context),
        ],
    }
    return _deployment(context, spec, file, context.startup_s + _ROLLOUT_SLACK_S)


def build_gateway_deployment(
    context: ModelContext, files: SidecarFiles, file: SidecarFile
) -> Manifest:
    """The sidecar alone, in front of an engine that is there already."""
    defaults = context.defaults
    spec: dict[str, Any] = {
        **_common(context),
        "securityContext": pod_security(SIDECAR_USER),
        "terminationGracePeriodSeconds": (
            defaults.propagation_s + context.drain_s + defaults.flush_s + defaults.slack_s
        ),
        "containers": [sidecar_container(context, files, native=False)],
        "volumes": sidecar_volumes(context, files),
    }
    return _deployment(context, spec, file, _ROLLOUT_SLACK_S)


def _common(context: ModelContext) -> dict[str, Any]:
    return {
        **hardened_spec(),
        "serviceAccountName": context.name,
        **scheduling(context),
        **pull_secrets(context),
    }


def _deployment(
    context: ModelContext, pod: dict[str, Any], file: SidecarFile, deadline_s: int
) -> Manifest:
    cache, name = context.cache, context.model.name
    surge, missing = context.rollout
    spec: dict[str, Any] = {
        "selector": {"matchLabels": names.model_selector(cache, name)},
        "revisionHistoryLimit": context.defaults.revision_history,
        "progressDeadlineSeconds": deadline_s,
        "strategy": {
            "type": "RollingUpdate",
            "rollingUpdate": {"maxSurge": surge, "maxUnavailable": missing},
        },
        "template": {
            "metadata": {
                "labels": names.labels(cache, context.component, name),
                "annotations": {
                    "kubectl.kubernetes.io/default-container": _main(context),
                    # What a running sidecar does not take over: another value, other pods.
                    CONFIG_AT_START_ANNOTATION: file.needs_restart,
                },
            },
            "spec": pod,
        },
    }
    if context.either.replicas is not None:
        spec["replicas"] = context.either.replicas
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": names.metadata(
            cache,
            context.name,
            context.component,
            name,
            annotations={RENDERER_ANNOTATION: context.renderer.id},
        ),
        "spec": spec,
    }


def _main(context: ModelContext) -> str:
    return "engine" if context.model.engine is not None else "sidecar"
