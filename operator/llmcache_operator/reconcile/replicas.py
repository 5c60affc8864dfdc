"""Who holds spec.replicas: the resource, or an autoscaler."""

from __future__ import annotations

from ..domain import MODEL_LABEL, Manifest, ObjectKey, Observed, Problem, Severity, key_of
from .actions import WORKLOADS, TakeOverReplicas, dig, labels_of
from .live import uid_of


def replicas_to_take_over(
    wanted: tuple[Manifest, ...], observed: Observed
) -> tuple[TakeOverReplicas, ...]:
    """Workloads whose number we hold and are about to let go.

    Without this the API server would drop the field with its last owner, and its default is 1.
    """
    return tuple(
        TakeOverReplicas(key, uid_of(live), int(live["spec"]["replicas"]))
        for manifest in wanted
        if manifest["kind"] in WORKLOADS and dig(manifest, "spec", "replicas") is None
        if (key := key_of(manifest)) in observed.replicas_owned
        if (live := observed.objects.get(key)) is not None
        and dig(live, "spec", "replicas") is not None
    )


def autoscaler_conflicts(wanted: tuple[Manifest, ...], observed: Observed) -> tuple[Problem, ...]:
    """Autoscalers of workloads whose number the resource sets: each would undo the other."""
    return tuple(
        Problem(
            "ReplicasConflict",
            f"HorizontalPodAutoscaler {dig(autoscaler, 'metadata', 'name')} scales "
            f"{manifest['kind']} {manifest['metadata']['name']}, and spec.models sets its "
            "replicas too; remove replicas from the model, or delete the autoscaler",
            Severity.DEGRADED,
            labels_of(manifest).get(MODEL_LABEL),
        )
        for manifest in wanted
        if manifest["kind"] in WORKLOADS and dig(manifest, "spec", "replicas") is not None
        for autoscaler in observed.autoscalers
        if _targets(autoscaler, key_of(manifest))
    )


def _targets(autoscaler: Manifest, key: ObjectKey) -> bool:
    target = dig(autoscaler, "spec", "scaleTargetRef") or {}
    return (
        dig(autoscaler, "metadata", "namespace") == key.namespace
        and target.get("kind") == key.kind
        and target.get("name") == key.name
    )
