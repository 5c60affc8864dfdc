"""What a person reads who asks kubectl why a model is not ready.

The scheduler is real. There is no kubelet here: what one would write into a pod's status is written by
the test.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster.control_plane import ControlPlane
from tests.cluster.kubectl import Kubectl

from .kube import Json, Kube, wait_for
from .manifests import engine, llmcache
from .operator_process import OperatorProcess

GPUS = {"cpu": "64", "memory": "512Gi", "ephemeral-storage": "2Ti", "pods": "500"}


@pytest.fixture(scope="module")
def node(kube: Kube) -> Iterator[str]:
    """A node with eight GPUs, and nobody behind it."""
    name = "gpu-node"
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


@pytest.fixture
def person(cluster: ControlPlane, kube: Kube, namespace: str, operator: OperatorProcess) -> Person:
    return Person(cluster, kube, namespace)


def crashed(message: str, code: int = 1) -> Json:
    ended = {
        "exitCode": code, "reason": "Error", "message": message, "containerID": "containerd://1",
        "startedAt": "2026-01-01T00:00:00Z", "finishedAt": "2026-01-01T00:01:00Z",
    }  # fmt: skip
    return {
        "restartCount": 4,
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 2m40s"}},
        "lastState": {"terminated": ended},
    }


UP: Json = {"state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}, "started": True}
DONE: Json = {
    "state": {"terminated": {"exitCode": 0, "reason": "Completed", "containerID": "containerd://2",
                             "startedAt": "2026-01-01T00:00:00Z",
                             "finishedAt": "2026-01-01T00:01:00Z"}}
}  # fmt: skip


def of_engine(**fields: Any) -> Json:
    return {"models": [{"name": "llama", "engine": engine(replicas=1, **fields)}]}


def test_no_free_gpu(person: Person, kube: Kube, namespace: str, node: str) -> None:
    kube.create("llmcaches", llmcache(namespace, **of_engine(gpu={"count": 16})))
    text = person.reads("InsufficientGPUs")
    assert "asks for 16 nvidia.com/gpu" in text
    assert "0/1 nodes are available" in text


def test_an_image_that_cannot_be_pulled(
    person: Person, kube: Kube, namespace: str, node: str
) -> None:
    kube.create(
        "llmcaches", llmcache(namespace, **of_engine(image="registry.example/vllm:v0.33.0"))
    )
    message = 'failed to pull "registry.example/vllm:v0.33.0": no such host'
    waits = {"state": {"waiting": {"reason": "ImagePullBackOff", "message": message}}}
    person.kubelet_says(sidecar=UP, weights=DONE, engine=waits)
    text = person.reads("ImagePullFailed")
    assert "no such host" in text
    assert "images.pullSecrets" in text


def test_a_model_that_is_loading(person: Person, kube: Kube, namespace: str, node: str) -> None:
    kube.create("llmcaches", llmcache(namespace, **of_engine()))
    person.kubelet_says(sidecar=UP, weights=DONE, engine=UP | {"started": False})
    assert "vLLM loads model llama" in person.reads("EngineLoading")


def test_a_vllm_that_crashes(person: Person, kube: Kube, namespace: str, node: str) -> None:
    kube.create("llmcaches", llmcache(namespace, **of_engine()))
    log = "INFO starting\nValueError: token=hf_abcdefghijklmnop: max_model_len is too large\n"
    person.kubelet_says(sidecar=UP, weights=DONE, engine=crashed(log))
    text = person.reads("EngineCrashing")
    assert "max_model_len is too large" in text
    assert "hf_abcdefghijklmnop" not in text


def test_redis_is_down(person: Person, kube: Kube, namespace: str, node: str) -> None:
    stores: Json = {"redis": {"managed": {}}, "vectors": {"memory": {}}}
    kube.create("llmcaches", llmcache(namespace, **of_engine(), stores=stores))
    person.kubelet_says("redis", redis=crashed("Bad directive or wrong number of arguments"))
    text = person.reads("RedisDown")
    assert "Bad directive" in text
    assert "requests go to the engines" in text


def test_a_token_that_the_hub_refuses(
    person: Person, kube: Kube, namespace: str, node: str
) -> None:
    token = {"name": "hf", "key": "token"}
    kube.create("llmcaches", llmcache(namespace, **of_engine(huggingFaceToken=token)))
    log = "llmcache: error: the hub refused the token for org/llama (401 Unauthorized)\n"
    person.kubelet_says(sidecar=UP, weights=crashed(log))
    text = person.reads("TokenRefused")
    assert "Replace the token in its Secret" in text


def test_a_secret_that_is_missing(person: Person, kube: Kube, namespace: str, node: str) -> None:
    token = {"name": "hf", "key": "token"}
    kube.create("llmcaches", llmcache(namespace, **of_engine(huggingFaceToken=token)))
    assert "Secret hf, which does not exist" in person.reads("SecretMissing")
