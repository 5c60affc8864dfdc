"""Claims on a node without a provisioner: volumes made beforehand, in folders of the node."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from .kubectl import Kubectl

STORAGE_CLASS: Final = "standard"
COUNT: Final = 24


def make_volumes(kubectl: Kubectl, folder: Path) -> None:
    """A default storage class, and volumes that its claims bind to."""
    manifests: list[dict[str, Any]] = [
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {
                "name": STORAGE_CLASS,
                "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
            },
            "provisioner": "kubernetes.io/no-provisioner",
            "volumeBindingMode": "WaitForFirstConsumer",
            "allowVolumeExpansion": True,
        }
    ]
    for number in range(COUNT):
        place = folder / str(number)
        place.mkdir(parents=True)
        place.chmod(0o777)  # fsGroup does not reach folders of the host
        manifests.append(
            {
                "apiVersion": "v1",
                "kind": "PersistentVolume",
                "metadata": {"name": f"volume-{number}"},
                "spec": {
                    "capacity": {"storage": "100Gi"},
                    "accessModes": ["ReadWriteOnce", "ReadWriteMany", "ReadOnlyMany"],
                    "storageClassName": STORAGE_CLASS,
                    "persistentVolumeReclaimPolicy": "Retain",
                    "hostPath": {"path": str(place)},
                },
            }
        )
    kubectl.apply(*manifests)
