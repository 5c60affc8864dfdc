"""A node without a kubelet, and somebody who asks kubectl about what would run there.

The scheduler is real. There is no kubelet: what one would write into a pod's status is written by the
test.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

from tests.cluster.control_plane import ControlPlane
from tests.cluster.kubectl import Kubectl

from .kube import Json, Kube, wait_for

_numbers = itertools.count()

GPUS = {"cpu": "64", "memory": "512Gi", "ephemeral-storage": "2Ti", "pods": "500"}


@contextmanager
def gpu_node(kube: Kube) -> Iterator[str]:
    """A node with eight GPUs, and nobody behind it."""
    # Pods of earlier tests hold GPUs of their nodes: without a kubelet they never end.
    name = f"gpu-node-{next(_numbers)}"
    kube.create("nodes", {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}})
    amounts = GPUS | {"nvidia.com/gpu": "8"}
    ready = {
        "type": "Ready", "status": "True", "reason": "KubeletReady", "message": "",
        "lastHeartbeatTime": "2090-01-01T00:00:00Z", "lastTransitionTime": "2026-01-01T00:00:00Z",
    }  # fmt: skip
    status = {"capacity": amounts, "allocatable": amounts, "conditions": [ready]}
    kube.patch("nodes", None, name, {"status": status}, subresource="status")
    kube.patch("nodes", None, name, {"spec": {"taints": None}})
    yield name
    kube.delete("nodes", None, name)


class Person:
    """Somebody with kubectl and one resource."""

    def __init__(self, cluster: ControlPlane, kube: Kube, namespace: str) -> None:
        self._kubectl = Kubectl(cluster.kubeconfig, namespace)
        self._kube = kube
        self._namespace = namespace

    def pod(self, component: str = "engine") -> Json:
        """The newest pod of a component, once it has a node."""
        selector = f"app.kubernetes.io/component={component}"
        return wait_for(
            f"a pod of {component} on a node",
            lambda: next(
                (
                    one
                    for one in self._kube.list("pods", self._namespace, selector)
                    if one["spec"].get("nodeName")
                ),
                None,
            ),
        )

    def kubelet_says(self, component: str = "engine", **containers: Json) -> None:
        """What a kubelet would write of a pod's containers."""
        pod = self.pod(component)
        groups: dict[str, list[Json]] = {}
        for told, members in (("initContainerStatuses", "initContainers"),
                              ("containerStatuses", "containers")):  # fmt: skip
            groups[told] = [
                {
                    "name": one["name"], "image": one["image"], "imageID": "", "ready": False,
                    "restartCount": 0, "state": {"waiting": {"reason": "PodInitializing"}},
                    **containers.get(one["name"], {}),
                }
                for one in pod["spec"].get(members) or ()
            ]  # fmt: skip
        name = pod["metadata"]["name"]
        self._kube.patch("pods", self._namespace, name, {"status": groups}, subresource="status")

    def reads(self, reason: str) -> str:
        """What `get -o wide` and `describe` say once the reason is in them."""

        def look() -> str:
            wide = self._kubectl("get", "llmc", "-o", "wide")
            text = f"{wide}\n{self._kubectl('describe', 'llmc', 'support')}"
            return text if reason in text else ""

        return wait_for(f"kubectl says {reason}", look)
