"""What a person reads who asks kubectl why a model is not ready.

The scheduler is real; what a kubelet would write into a pod's status is written by the test.
"""

from __future__ import annotations

from typing import Any

from .kube import Json, Kube
from .manifests import engine, llmcache
from .person import Person


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
