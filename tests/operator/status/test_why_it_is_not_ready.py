"""Every reason, from what the API server shows: the row, Ready, and what `describe` would say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from llmcache_api.resource.status import ConditionStatus, ConditionType
from llmcache_operator.domain import ObjectKey, Problem, Severity, Wanted
from llmcache_operator.domain.report import StoreState

from .seen import (
    DONE,
    ENGINE,
    GATEWAY,
    Scene,
    crashed,
    ended,
    pod,
    report,
    running,
    store_pod,
    waiting,
)

T, F = ConditionStatus.TRUE, ConditionStatus.FALSE

NO_GPU = "0/3 nodes are available: 1 node(s) had untolerated taint, 2 Insufficient nvidia.com/gpu."
NO_CPU = "0/3 nodes are available: 3 Insufficient cpu."
NO_KEY = "couldn't find key token in Secret ai/hf"


def without_class(scene: Scene) -> None:
    claim = scene.live("PersistentVolumeClaim", "support-llama-weights")
    claim["status"]["phase"] = "Pending"
    claim["spec"].pop("storageClassName", None)


def with_class(scene: Scene) -> None:
    without_class(scene)
    claim = scene.live("PersistentVolumeClaim", "support-llama-weights")
    claim["spec"]["storageClassName"] = "fast"


def overdue(scene: Scene) -> None:
    scene.deployment["status"] |= {
        "updatedReplicas": 0,
        "conditions": [{"type": "Progressing", "reason": "ProgressDeadlineExceeded"}],
    }


def refused_pods(scene: Scene) -> None:
    text = 'pods "x" is forbidden: exceeded quota: gpus'
    scene.deployment["status"]["conditions"] = [
        {"type": "ReplicaFailure", "status": "True", "message": text}
    ]


def name_taken(scene: Scene) -> None:
    problem = Problem("NameTaken", "Service ai/support-llama is taken", Severity.STALLED, "llama")
    scene.more["refusals"] = (problem,)


def secret_volume(scene: Scene) -> None:
    volume = {"name": "hub-token", "secret": {"secretName": "hf"}}
    scene.pods = [pod(volumes=[volume])]
    scene.more["absent"] = frozenset({Wanted(ObjectKey("v1", "Secret", "ai", "hf"))})


def keys_volume(scene: Scene) -> None:
    source = {"secret": {"name": "support-keys", "items": []}}
    scene.pods = [pod(volumes=[{"name": "secrets", "projected": {"sources": [source]}}])]
    scene.more["absent"] = frozenset({Wanted(ObjectKey("v1", "Secret", "ai", "support-keys"))})


def claim_volume(scene: Scene) -> None:
    volume = {"name": "weights", "persistentVolumeClaim": {"claimName": "models"}}
    scene.pods = [pod(volumes=[volume])]
    scene.more["absent"] = frozenset(
        {Wanted(ObjectKey("v1", "PersistentVolumeClaim", "ai", "models"))}
    )


def nothing(_: Scene) -> None:
    return


def zero(scene: Scene) -> None:
    scene.deployment["spec"]["replicas"] = 0
    scene.deployment["status"] |= {"replicas": 0, "updatedReplicas": 0}
    scene.pods = []


def none_yet(scene: Scene) -> None:
    scene.objects = {key: one for key, one in scene.objects.items() if key.kind != "Deployment"}
    scene.pods = []


def no_pods_yet(scene: Scene) -> None:
    scene.pods = []


UP = {"sidecar": running()}
LOADED = UP | {"weights": DONE}
Change = Callable[[Scene], None]

ROWS: dict[str, tuple[Any, Change, str, ConditionStatus, str]] = {
    # what there is: (the pod, another change, reason, Stalled, words in the message)
    "the objects are being made": (None, none_yet, "Creating", F, "being created"),
    "no free GPU": (pod(unscheduled=NO_GPU), nothing, "InsufficientGPUs", F, "2 nvidia.com/gpu"),
    "no node fits": (pod(unscheduled=NO_CPU), nothing, "Unschedulable", F, "Insufficient cpu"),
    "the image can't be pulled": (
        pod({"engine": waiting("ImagePullBackOff", 'Back-off pulling "registry/engine:1"')}),
        nothing, "ImagePullFailed", T, "registry/engine:1",
    ),
    "the sidecar's image can't be pulled": (
        pod({"sidecar": waiting("ErrImagePull", "not found")}), nothing,
        "ImagePullFailed", T, "registry/sidecar:1",
    ),
    "the token's Secret is missing": (None, secret_volume, "SecretMissing", T, "Secret hf"),
    "the keys' Secret is missing": (None, keys_volume, "SecretMissing", T, "support-keys"),
    "the existing claim is missing": (None, claim_volume, "ClaimMissing", T, "models"),
    "a Secret of the environment is missing": (
        pod(LOADED | {"engine": waiting("CreateContainerConfigError", 'secret "env" not found')}),
        nothing, "SecretMissing", T, "Secret env",
    ),
    "a key of a Secret is missing": (
        pod(LOADED | {"engine": waiting("CreateContainerConfigError", NO_KEY)}),
        nothing, "SecretKeyMissing", T, "no key token",
    ),
    "the container can't be made": (
        pod(LOADED | {"engine": waiting("RunContainerError", "exec: vllm: not found")}),
        nothing, "ContainerRefused", T, "exec: vllm",
    ),
    "the token is wrong": (
        pod(UP | {"weights": crashed(1, "org/llama: the hub said 401: the token was refused")}),
        nothing, "TokenRefused", T, "huggingFaceToken",
    ),
    "the model's terms were not accepted": (
        pod(UP | {"weights": crashed(1, "GatedRepoError: 403 Client Error")}),
        nothing, "TokenRefused", T, "terms",
    ),
    "the download fails": (
        pod(UP | {"weights": crashed(1, "OSError: No space left on device")}),
        nothing, "DownloadFailing", T, "No space left on device",
    ),
    "the weights are on their way": (
        pod(UP | {"weights": running(started=False)}), nothing, "Downloading", F, "11:50:00 UTC",
    ),
    "the sidecar crashes": (
        pod({"sidecar": crashed(2, "llmcache-sidecar: config: takes a mapping")}),
        nothing, "SidecarCrashing", T, "takes a mapping",
    ),
    "vLLM crashes": (
        pod(LOADED | {"engine": crashed(1, "INFO x\nValueError: max_model_len (8192) is too large\n")}),
        nothing, "EngineCrashing", T, "max_model_len (8192) is too large",
    ),
    "vLLM needs more memory": (
        pod(LOADED | {"engine": crashed(137, "", "OOMKilled")}), nothing,
        "EngineCrashing", T, "OOMKilled",
    ),
    "vLLM crashes, and is just being tried again": (
        pod(LOADED | {"engine": running(started=False, restarts=3, before=ended(1, "Error: no CUDA"))}),
        nothing, "EngineCrashing", T, "no CUDA",
    ),
    "vLLM loads the model": (
        pod(LOADED | {"engine": running(started=False)}), nothing, "EngineLoading", F, "loads",
    ),
    "vLLM does not answer": (
        pod(LOADED | {"engine": running()}), nothing, "NotAnswering", F, "does not answer",
    ),
    "the claim waits for its class": (
        pod(unscheduled="pod has unbound immediate PersistentVolumeClaims"), with_class,
        "ClaimPending", F, "'fast'",
    ),
    "there is no class": (
        pod(unscheduled="pod has unbound immediate PersistentVolumeClaims"), without_class,
        "StorageClassMissing", T, "is-default-class",
    ),
    "the quota refuses pods": (None, refused_pods, "PodsRefused", T, "exceeded quota"),
    "the name is taken": (pod(), name_taken, "NameTaken", T, "is taken"),
    "the pod was evicted": (
        pod(phase="Failed", reason="Evicted", message="The node was low on resource: memory"),
        nothing, "PodFailed", F, "low on resource",
    ),
    "the pod is being started": (pod(), nothing, "PodStarting", F, "node-1"),
    "a Secret may lack a key": (
        pod(volumes=[{"name": "hub-token", "secret": {
            "secretName": "hf", "items": [{"key": "token", "path": "token"}]}}]),
        nothing, "PodStarting", F, "Of Secrets it needs token of hf",
    ),
    "pods are about to come": (None, no_pods_yet, "PodsComing", F, "0 of 1"),
    "the rollout is stuck": (
        pod(LOADED | {"engine": running()}), overdue, "RolloutStuck", T, "does not answer",
    ),
    "scaled to zero": (None, zero, "ScaledToZero", F, "replicas 0"),
}  # fmt: skip

CLAIM = {"claim": {"storage": "60Gi", "accessMode": "ReadWriteOnce"}}
WITH_CLAIM = {"models": [{"name": "llama", "engine": {**ENGINE["models"][0]["engine"],
                                                     "weights": CLAIM}}]}  # fmt: skip


@pytest.mark.parametrize("what", ROWS)
def test_it_says_why(what: str) -> None:
    given, change, reason, stalled, words = ROWS[what]
    scene = Scene(WITH_CLAIM if "laim" in what or "class" in what else ENGINE)
    scene.only(given or pod())
    change(scene)

    summary = scene.summary()
    ready, stuck = scene.condition(ConditionType.READY), scene.condition(ConditionType.STALLED)
    (row,) = summary.status.models

    assert (ready.status, ready.reason, row.reason, row.ready) == (F, reason, reason, 0)
    assert words in ready.message
    assert words in row.message
    assert stuck.status is stalled
    assert summary.status.models_ready == "0/1"


def test_where_all_is_well_nothing_is_said() -> None:
    scene = Scene()
    status = scene.summary().status
    (row,) = status.models
    assert (row.reason, row.message, row.replicas, row.ready) == ("", "", 1, 1)
    assert row.url == "http://support-llama.ai:8000"
    wanted = {ConditionType.READY, ConditionType.ENGINE_READY, ConditionType.CACHE_READY,
              ConditionType.CONFIG_APPLIED}  # fmt: skip
    assert {one.type for one in status.conditions if one.status is T} == wanted


def test_how_far_a_download_is_comes_from_the_sidecar() -> None:
    scene = Scene()
    one = pod(UP | {"weights": running(started=False)})
    scene.only(one, reports=[report(preparing="org/llama: 3.20 of 16.06 GB (19 %)")])
    assert "3.20 of 16.06 GB (19 %)" in scene.condition(ConditionType.READY).message


def test_a_pod_that_leaves_is_no_reason() -> None:
    scene = Scene()
    scene.pods.append(pod({"engine": crashed(1)}, name="old", leaving=True))
    assert scene.condition(ConditionType.READY).status is T
    assert scene.summary().status.models[0].reason == ""


def test_a_paused_rollout_is_told_while_the_pods_before_it_serve() -> None:
    scene = Scene()
    scene.deployment["spec"]["paused"] = True
    assert scene.condition(ConditionType.STALLED).status is F

    scene.deployment["status"]["updatedReplicas"] = 0
    stuck = scene.condition(ConditionType.STALLED)
    assert scene.condition(ConditionType.READY).status is T
    assert (stuck.status, stuck.reason) == (T, "RolloutPaused")
    assert "kubectl rollout resume -n ai deployment/support-llama" in stuck.message


@pytest.mark.parametrize("phase", ["Failed", "Succeeded"])
def test_a_pod_that_is_over_and_was_replaced_is_no_reason(phase: str) -> None:
    """Kubernetes keeps them for a long time: after an eviction, or a node that was shut down."""
    scene = Scene()
    scene.pods.append(pod(LOADED | {"engine": DONE}, name="old", phase=phase, reason="Evicted"))
    progressing = scene.condition(ConditionType.PROGRESSING)
    assert (progressing.status, progressing.reason) == (F, "Settled")
    assert scene.summary().status.models[0].reason == ""


@pytest.mark.parametrize("phase", ["Failed", "Succeeded"])
def test_a_pod_that_is_over_does_not_hide_what_its_successor_waits_for(phase: str) -> None:
    scene = Scene().only(pod(unscheduled=NO_GPU, name="new"))
    scene.pods.append(pod(name="over", phase=phase, reason="UnexpectedAdmissionError"))
    assert scene.summary().status.models[0].reason == "InsufficientGPUs"


def test_what_only_took_too_long_is_no_matter_of_time_any_more() -> None:
    scene = Scene().only(pod(unscheduled=NO_GPU))
    overdue(scene)
    stuck = scene.condition(ConditionType.STALLED)
    assert (stuck.status, stuck.reason) == (T, "InsufficientGPUs")


def test_a_gateway_that_does_not_reach_its_engine_serves_and_says_so() -> None:
    scene = Scene(GATEWAY)
    scene.reports = [report(engine_known=False)]
    degraded = scene.condition(ConditionType.DEGRADED)
    assert scene.condition(ConditionType.READY).status is T
    assert (degraded.status, degraded.reason) == (T, "EndpointUnreachable")


def test_a_sidecar_that_gets_no_answer_from_redis_says_why() -> None:
    scene = Scene()
    scene.reports = [
        report(
            exact_store=StoreState.DOWN,
            exact_trouble="Redis at redis.ai:6379: the password was refused",
            vector_trouble="of something else",
        )
    ]
    cache = scene.condition(ConditionType.CACHE_READY)
    assert (cache.status, cache.reason) == (F, "RedisDown")
    assert "It says: Redis at redis.ai:6379: the password was refused" in cache.message


def test_redis_down_says_what_follows_and_why() -> None:
    scene = Scene().store_is("redis", store_pod("redis", crashed(1, "Bad directive: maxmemory")))
    cache = scene.condition(ConditionType.CACHE_READY)
    assert (cache.status, cache.reason) == (F, "RedisDown")
    assert "requests go to the engines" in cache.message
    assert "Bad directive" in cache.message
    assert scene.condition(ConditionType.READY).status is T
    assert scene.condition(ConditionType.DEGRADED).reason == "RedisDown"


def test_a_store_that_starts_is_on_its_way() -> None:
    scene = Scene().store_is("qdrant", store_pod("qdrant", waiting("ContainerCreating")))
    assert scene.condition(ConditionType.CACHE_READY).reason == "QdrantStarting"
    assert scene.condition(ConditionType.PROGRESSING).status is T
    assert scene.condition(ConditionType.DEGRADED).status is F
