"""Clusters in the states that tests want: live objects of a rendering, and pods in the API's JSON."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from llmcache_api.resource.status import Condition, ConditionType, LLMCacheStatus
from llmcache_operator.domain import (
    Counts,
    LLMCache,
    Manifest,
    ObjectKey,
    Observed,
    Reading,
    Role,
    SidecarReport,
    key_of,
)
from llmcache_operator.rendering import Rendering, render
from llmcache_operator.status import Summary, summarize
from tests.operator.rendering.caches import FACTS, cache

Json = dict[str, Any]

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
ENGINE: Json = {
    "models": [
        {"name": "llama", "engine": {"model": "org/llama", "replicas": 1,
                                     "huggingFaceToken": {"name": "hf", "key": "token"}}}
    ]
}  # fmt: skip
GATEWAY: Json = {
    "models": [{"name": "llama", "endpoint": {"url": "http://vllm.other:8000", "replicas": 1}}]
}


def waiting(reason: str, message: str = "") -> Json:
    return {"state": {"waiting": {"reason": reason, "message": message}}}


def running(*, started: bool = True, restarts: int = 0, before: Json | None = None) -> Json:
    found: Json = {
        "state": {"running": {"startedAt": "2026-03-01T11:50:00Z"}},
        "started": started,
        "ready": started,
        "restartCount": restarts,
    }
    return found | ({"lastState": {"terminated": before}} if before else {})


def ended(code: int, message: str = "", reason: str = "Error") -> Json:
    return {"exitCode": code, "reason": reason, "message": message}


def crashed(code: int, message: str = "", reason: str = "Error", restarts: int = 3) -> Json:
    how = ended(code, message, reason)
    return {
        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": {"terminated": how},
        "restartCount": restarts,
    }


DONE: Json = {"state": {"terminated": ended(0, reason="Completed")}}


def pod(
    statuses: Mapping[str, Json] | None = None,
    *,
    ready: bool = False,
    unscheduled: str = "",
    name: str = "support-llama-1",
    model: str | None = "llama",
    component: str = "engine",
    volumes: Iterable[Json] = (),
    leaving: bool = False,
    phase: str = "Pending",
    **status: Any,
) -> Manifest:
    """A pod; containers without a status are being created."""
    names: tuple[tuple[str, ...], tuple[str, ...]] = ("sidecar", "weights"), ("engine",)
    if model is None:
        names = (), (component,)
    elif component == "gateway":
        names = (), ("sidecar",)
    known = statuses or {}
    told = {
        group: [{"name": one, **known.get(one, waiting("PodInitializing"))} for one in members]
        for group, members in zip(
            ("initContainerStatuses", "containerStatuses"), names, strict=True
        )
    }
    scheduled = "False" if unscheduled else "True"
    labels = {
        "llmcache.dev/cache": "support",
        "app.kubernetes.io/component": component,
    } | ({"llmcache.dev/model": model} if model else {})
    metadata: Json = {
        "name": name,
        "namespace": "ai",
        "uid": f"uid-{name}",
        "labels": labels,
        "creationTimestamp": "2026-03-01T11:49:00Z",
    }
    if leaving:
        metadata["deletionTimestamp"] = "2026-03-01T11:59:00Z"
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {
            "nodeName": "" if unscheduled else "node-1",
            "initContainers": [
                {"name": one, "image": f"registry/{one}:1", "restartPolicy": "Always"}
                for one in names[0]
            ],
            "containers": [
                {
                    "name": one,
                    "image": f"registry/{one}:1",
                    "resources": {"requests": {"nvidia.com/gpu": "2"}},
                }
                for one in names[1]
            ],
            "volumes": list(volumes),
        },
        "status": {
            "phase": "Running" if ready else phase,
            "podIP": "10.0.0.1",
            "conditions": [
                {"type": "PodScheduled", "status": scheduled, "message": unscheduled},
                {"type": "Ready", "status": str(ready)},
            ],
            **told,
            **status,
        },
    }


def serving(name: str = "support-llama-1", **more: Any) -> Manifest:
    """A pod in which everything runs."""
    statuses = {"sidecar": running(), "weights": DONE, "engine": running()}
    return pod(statuses, ready=True, name=name, **more)


def store_pod(store: str, status: Json | None = None, **more: Any) -> Manifest:
    return pod(
        {store: status or running()}, name=f"support-{store}-0", model=None, component=store, **more
    )


def report(name: str = "support-llama-1", **fields: Any) -> SidecarReport:
    known: Json = {
        "pod": name,
        "pod_uid": f"uid-{name}",
        "model": "llama",
        "config_version": WANTED,
    }
    return SidecarReport(**(known | fields))


WANTED = "the one that is wanted"
"""A report with this version gets the version of the rendering."""


class Scene:
    """One LLMCache and what there is of it. Everything is as it should be until a test says else."""

    def __init__(self, spec: Json = ENGINE, **fields: Any) -> None:
        self.cache: LLMCache = cache(copy.deepcopy(spec), **fields)
        self.rendering: Rendering = render(self.cache, {}, FACTS)
        self.objects: dict[ObjectKey, Json] = {}
        for manifest in self.rendering.objects:
            live = copy.deepcopy(manifest)
            live["metadata"] |= {"uid": "u", "generation": 1}
            replicas = live.get("spec", {}).get("replicas", 1)
            if live["kind"] in ("Deployment", "StatefulSet"):
                live["status"] = {
                    "observedGeneration": 1, "replicas": replicas, "updatedReplicas": replicas,
                    "readyReplicas": replicas,
                }  # fmt: skip
            if live["kind"] == "PersistentVolumeClaim":
                live["status"] = {"phase": "Bound"}
            self.objects[key_of(live)] = live
        component = "engine" if self.cache.spec.models[0].engine else "gateway"
        self.pods: list[Manifest] = [serving(component=component)]
        self.stores: dict[str, Manifest] = {
            store: store_pod(store, ready=True) for store in ("redis", "qdrant")
        }
        self.reports: list[SidecarReport] = [report()]
        self.more: Json = {}

    @property
    def deployment(self) -> Json:
        """Of the first model."""
        return self.live("Deployment", f"support-{self.cache.spec.models[0].name}")

    def live(self, kind: str, name: str) -> Json:
        (found,) = (
            live for key, live in self.objects.items() if (key.kind, key.name) == (kind, name)
        )
        return found

    def only(self, one: Manifest, *, reports: Iterable[SidecarReport] = ()) -> Scene:
        """This is the only pod of the model, and its Deployment knows it."""
        self.pods, self.reports = [one], list(reports)
        self.deployment["status"]["readyReplicas"] = 0
        return self

    def store_is(self, store: str, one: Manifest) -> Scene:
        self.stores[store] = one
        self.live("StatefulSet", f"support-{store}")["status"]["readyReplicas"] = 0
        return self

    def summary(
        self, previous: LLMCacheStatus | None = None, now: datetime = NOW, **more: Any
    ) -> Summary:
        versions = {one.name: one.config_version for one in self.rendering.models}
        reports = [
            SidecarReport(**{**vars(one), "config_version": versions[one.model]})
            if one.config_version == WANTED
            else one
            for one in self.reports
        ]
        observed = Observed(self.objects, pods=(*self.pods, *self.stores.values()), **self.more)
        return summarize(self.cache, self.rendering, observed, reports, previous, now, **more)

    def condition(self, kind: ConditionType, previous: LLMCacheStatus | None = None) -> Condition:
        return condition(self.summary(previous).status, kind)


def condition(status: LLMCacheStatus, kind: ConditionType) -> Condition:
    (found,) = (one for one in status.conditions if one.type == kind)
    return found


def sums(requests: int, hits: int = 0, started: int = 100, **more: int) -> Reading:
    """What a sidecar counted."""
    return Reading(Role.SIDECAR, started, Counts(requests=requests, exact_hits=hits, **more))
