"""What is kept in memory of a live object."""

from __future__ import annotations

from typing import Any, Final

from ..domain import FIELD_MANAGER, Manifest

_POD_METADATA: Final = (
    "name",
    "namespace",
    "uid",
    "labels",
    "annotations",
    "ownerReferences",
    "creationTimestamp",
    "deletionTimestamp",
    "resourceVersion",
)
_POD_SPEC: Final = ("nodeName", "terminationGracePeriodSeconds", "schedulingGates")
_CONTAINER: Final = ("name", "image", "restartPolicy", "resources")


def whole(live: Manifest) -> Manifest:
    """An object of ours, without metadata.managedFields."""
    metadata = {k: v for k, v in live["metadata"].items() if k != "managedFields"}
    return {**live, "metadata": metadata}


def pod(live: Manifest) -> Manifest:
    """A pod: who it is, where it runs, how its containers do."""
    metadata, spec = live["metadata"], live.get("spec") or {}
    kept: Manifest = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {name: metadata[name] for name in _POD_METADATA if name in metadata},
        "spec": {name: spec[name] for name in _POD_SPEC if name in spec},
        "status": live.get("status") or {},
    }
    for group in ("containers", "initContainers"):
        kept["spec"][group] = [
            {name: container[name] for name in _CONTAINER if name in container}
            for container in spec.get(group) or ()
        ]
    kept["spec"]["volumes"] = [
        volume
        for volume in spec.get("volumes") or ()
        if {"configMap", "persistentVolumeClaim", "projected", "secret"} & volume.keys()
    ]
    return kept


def autoscaler(live: Manifest) -> Manifest:
    """An autoscaler: what it scales."""
    metadata = live["metadata"]
    return {
        "apiVersion": live["apiVersion"],
        "kind": live["kind"],
        "metadata": {
            name: metadata[name] for name in ("name", "namespace", "uid", "resourceVersion")
        },
        "spec": {"scaleTargetRef": (live.get("spec") or {}).get("scaleTargetRef") or {}},
    }


def replicas_owned(live: Manifest) -> bool:
    """Whether our field manager holds spec.replicas, by metadata.managedFields."""
    return any(
        _has(entry.get("fieldsV1"), "f:spec", "f:replicas")
        for entry in live["metadata"].get("managedFields") or ()
        if entry.get("manager") == FIELD_MANAGER and entry.get("operation") == "Apply"
    )


def _has(fields: Any, *path: str) -> bool:
    for step in path:
        if not isinstance(fields, dict) or step not in fields:
            return False
        fields = fields[step]
    return True
