"""docs/conditions.md has the conditions' truth table; every row of it is a scene here."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from llmcache_api.resource.status import ConditionStatus, ConditionType
from llmcache_operator.domain.report import BudgetState, Judged, SemanticState, StoreState

from .seen import (
    DONE,
    ENGINE,
    GATEWAY,
    Scene,
    condition,
    crashed,
    pod,
    report,
    running,
    serving,
    store_pod,
    waiting,
)

DOCS = Path(__file__).resolve().parents[3] / "docs" / "conditions.md"
COLUMNS = tuple(ConditionType)
SHORT = {ConditionStatus.TRUE: "True", ConditionStatus.FALSE: "False", ConditionStatus.UNKNOWN: "?"}

LOADED = {"sidecar": running(), "weights": DONE}
LOADING = pod(LOADED | {"engine": running(started=False)})
NO_GPU = "0/3 nodes are available: 3 Insufficient nvidia.com/gpu."


def two_pods(second: str) -> Scene:
    spec = copy.deepcopy(ENGINE)
    spec["models"][0]["engine"]["replicas"] = 2
    scene = Scene(spec)
    scene.deployment["status"]["readyReplicas"] = 1
    other = (
        pod(unscheduled=NO_GPU, name="support-llama-2")
        if second == "no GPU"
        else pod(LOADED | {"engine": crashed(1, "Error: CUDA")}, name="support-llama-2")
    )
    scene.pods.append(other)
    return scene


def rolling() -> Scene:
    scene = two_pods("no GPU")
    scene.pods[1] = serving("support-llama-2")
    scene.deployment["status"] |= {"updatedReplicas": 1, "readyReplicas": 2}
    scene.reports.append(report("support-llama-2", config_version="an earlier one"))
    return scene


def off() -> Scene:
    spec = copy.deepcopy(ENGINE)
    spec["responseCache"] = {"exact": {"mode": "Off"}, "semantic": {"mode": "Off"}}
    return Scene(spec)


def heard(**fields: Any) -> Scene:
    scene = Scene()
    scene.reports = [report(**fields)]
    return scene


def silent() -> Scene:
    scene = Scene()
    scene.reports = []
    return scene


def outdated() -> Scene:
    scene = Scene()
    object.__setattr__(scene.rendering, "outdated", ("llama",))
    return scene


def zero() -> Scene:
    scene = Scene()
    scene.deployment["spec"]["replicas"] = 0
    scene.deployment["status"] |= {"replicas": 0, "updatedReplicas": 0, "readyReplicas": 0}
    scene.pods, scene.reports = [], []
    return scene


def two_models() -> Scene:
    spec = copy.deepcopy(ENGINE)
    spec["models"].append(GATEWAY["models"][0] | {"name": "there"})
    scene = Scene(spec)
    scene.pods.append(pod({"sidecar": waiting("ImagePullBackOff")}, model="there",
                          component="gateway", name="support-there-1"))  # fmt: skip
    return scene


JUDGED = Judged("org/llama", "semantic", "false_hit", 80, 0.05, 0.02, 0.1, "Exceeded")

SCENES: dict[str, Callable[[], Scene]] = {
    "all is well": Scene,
    "both levels are off": off,
    "vLLM loads the model": lambda: Scene().only(LOADING, reports=[report()]),
    "no free GPU": lambda: Scene().only(pod(unscheduled=NO_GPU)),
    "no free GPU for the second of two pods": lambda: two_pods("no GPU"),
    "the image can't be pulled": lambda: Scene().only(pod({"sidecar": waiting("ErrImagePull")})),
    "vLLM crashes": lambda: Scene().only(
        pod(LOADED | {"engine": crashed(1, "Error: CUDA")}), reports=[report()]
    ),
    "vLLM crashes in one of two pods": lambda: two_pods("crash"),
    "one of two models has no image": two_models,
    "a rollout goes on": rolling,
    "scaled to zero": zero,
    "Redis is down": lambda: Scene().store_is("redis", store_pod("redis", crashed(1))),
    "Redis runs, and a sidecar gets no answer": lambda: heard(exact_store=StoreState.DOWN),
    "a sidecar waits for Redis to answer": lambda: heard(exact_store=StoreState.SILENT),
    "Qdrant is down": lambda: Scene().store_is("qdrant", store_pod("qdrant", crashed(1))),
    "the embedding model is loading": lambda: heard(semantic=SemanticState.LOADING),
    "the embedding model can't be loaded": lambda: heard(semantic=SemanticState.FAILED),
    "a sidecar runs an earlier configuration": lambda: heard(config_version="an earlier one"),
    "a sidecar refuses the configuration": lambda: heard(config_error="no such file"),
    "no sidecar answers the operator": silent,
    "a newer rendering waits": outdated,
    "the error budget is exceeded": lambda: heard(rates=(JUDGED,), budget=BudgetState.TIGHTENED),
}


def rows() -> Iterator[tuple[str, tuple[str, ...]]]:
    """The table in the docs."""
    for line in DOCS.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == len(COLUMNS) + 1 and cells[0] in SCENES:
            yield cells[0], tuple(cells[1:])


def shown(scene: Scene) -> tuple[str, ...]:
    """A row of the table: what is usual stands for itself, everything else with its reason."""
    status = scene.summary().status
    found = []
    for kind in COLUMNS:
        one = condition(status, kind)
        found.append(
            f"{SHORT[one.status]}" + (f" {one.reason}" if unusual(kind, one.status) else "")
        )
    return tuple(found)


def unusual(kind: ConditionType, status: ConditionStatus) -> bool:
    good = kind in (
        ConditionType.READY,
        ConditionType.ENGINE_READY,
        ConditionType.CACHE_READY,
        ConditionType.CONFIG_APPLIED,
    )
    return status is not ConditionStatus.UNKNOWN and (status is ConditionStatus.TRUE) is not good


def test_the_docs_have_every_scene() -> None:
    assert [name for name, _ in rows()] == list(SCENES)


@pytest.mark.parametrize("what", SCENES)
def test_the_conditions_are_as_the_docs_say(what: str) -> None:
    assert dict(rows())[what] == shown(SCENES[what]())


def test_every_condition_is_told_with_its_generation() -> None:
    status = Scene(generation=7).summary().status
    assert status.observed_generation == 7
    assert [one.type for one in status.conditions] == list(ConditionType)
    assert {one.observed_generation for one in status.conditions} == {7}
