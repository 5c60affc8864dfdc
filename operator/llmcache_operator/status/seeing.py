"""Pods, workloads and claims as their status speaks of them; nothing past this module reads JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..domain import (
    CACHE_LABEL,
    COMPONENT_LABEL,
    MODEL_LABEL,
    RENDERER_ANNOTATION,
    LLMCache,
    Manifest,
    ObjectKey,
    Observed,
    Wanted,
)


@dataclass(frozen=True)
class Ended:
    """How a container ended.

    Attributes:
        message: its termination message, or the end of its log.
    """

    code: int
    reason: str
    message: str
    at: str


@dataclass(frozen=True)
class Container:
    """One container.

    Attributes:
        waiting: why it does not run, in the kubelet's word; empty if it runs or has ended.
        message: the kubelet's text for that.
        running: it runs.
        started: it runs and its startup probe, if it has one, was satisfied.
        ended: how it ended, if it has; `before`: how its last run before this one did.
    """

    name: str
    init: bool
    image: str
    waiting: str = ""
    message: str = ""
    running: bool = False
    running_since: str = ""
    started: bool = False
    ready: bool = False
    restarts: int = 0
    ended: Ended | None = None
    before: Ended | None = None


@dataclass(frozen=True)
class Pod:
    """One pod.

    Attributes:
        unscheduled: why it has no node, in the scheduler's words; empty if it has one.
        wants: what its containers request, by resource.
        refers_to: Secrets and ConfigMaps (by key, where only some are mounted) and claims that its
            volumes need.
        address: its IP address; empty as long as it has none.
    """

    name: str
    namespace: str
    uid: str
    model: str | None
    component: str | None
    created: str
    phase: str
    reason: str
    message: str
    ready: bool
    leaving: bool
    node: str
    unscheduled: str
    containers: tuple[Container, ...]
    wants: Mapping[str, str]
    refers_to: tuple[Wanted, ...]
    address: str

    def container(self, name: str) -> Container | None:
        """The container of that name."""
        return next((one for one in self.containers if one.name == name), None)

    @property
    def over(self) -> bool:
        """Nothing of it will run again; Kubernetes keeps such pods for a long time."""
        return self.phase in {"Failed", "Succeeded"}

    @property
    def waits_for_volumes(self) -> bool:
        """It has a node, and nothing of it has ever run."""
        return (
            bool(self.node)
            and self.phase == "Pending"
            and not any(one.running or one.ended or one.before for one in self.containers)
        )


@dataclass(frozen=True)
class Workload:
    """A Deployment or StatefulSet.

    Attributes:
        replicas: pods that there should be.
        updated: pods of the newest template.
        current: its controller has seen its newest spec.
        overdue: it made no progress within its deadline.
        refused: why pods can't even be created (a quota, an admission policy).
        paused: somebody has its rollouts wait (`kubectl rollout pause`).
        renderer: what made it.
    """

    name: str
    replicas: int
    ready: int
    updated: int
    total: int
    current: bool
    overdue: bool
    refused: str
    paused: bool
    renderer: str | None
    max_surge: int


@dataclass(frozen=True)
class Claim:
    """A PersistentVolumeClaim of ours."""

    name: str
    model: str | None
    component: str | None
    phase: str
    storage_class: str | None
    storage: str


@dataclass(frozen=True)
class Sight:
    """Everything seen of one LLMCache."""

    pods: tuple[Pod, ...]
    deployments: Mapping[str, Workload]
    stores: Mapping[str, Workload]
    claims: tuple[Claim, ...]
    absent: frozenset[Wanted]

    def pods_of(self, model: str) -> tuple[Pod, ...]:
        """A model's pods that are not on their way out, the newest first."""
        return tuple(pod for pod in self.pods if pod.model == model)

    def pods_of_store(self, store: str) -> tuple[Pod, ...]:
        """A managed store's pods."""
        return tuple(pod for pod in self.pods if pod.component == store and pod.model is None)


def look(observed: Observed) -> Sight:
    """Read what was observed."""
    pods = [one for one in map(_pod, observed.pods) if not one.leaving]
    pods.sort(key=lambda one: (one.created, one.name), reverse=True)
    deployments, stores, claims = {}, {}, []
    for key, live in observed.objects.items():
        labels = live["metadata"].get("labels") or {}
        if key.kind == "Deployment" and MODEL_LABEL in labels:
            deployments[labels[MODEL_LABEL]] = _workload(live)
        elif key.kind == "StatefulSet" and COMPONENT_LABEL in labels:
            stores[labels[COMPONENT_LABEL]] = _workload(live)
        elif key.kind == "PersistentVolumeClaim":
            claims.append(_claim(live))
    return Sight(tuple(pods), deployments, stores, tuple(claims), observed.absent)


def referred(cache: LLMCache, observed: Observed) -> frozenset[Wanted]:
    """What pods that wait for their volumes refer to: worth a look whether it is there. Kubernetes
    itself says it in Events of the pod only."""
    return frozenset(
        one
        for live in observed.pods
        if (live["metadata"].get("labels") or {}).get(CACHE_LABEL) == cache.name
        for pod in (_pod(live),)
        if pod.waits_for_volumes and not pod.leaving
        for one in pod.refers_to
    )


def moment(text: str) -> datetime | None:
    """A time of the API's, or None."""
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


def _pod(live: Manifest) -> Pod:
    metadata, spec = live["metadata"], live.get("spec") or {}
    status: Mapping[str, Any] = live.get("status") or {}
    labels = metadata.get("labels") or {}
    conditions = {one.get("type"): one for one in status.get("conditions") or ()}
    scheduled = conditions.get("PodScheduled") or {}
    namespace = str(metadata["namespace"])
    return Pod(
        name=str(metadata["name"]),
        namespace=namespace,
        uid=str(metadata.get("uid") or ""),
        model=labels.get(MODEL_LABEL),
        component=labels.get(COMPONENT_LABEL),
        created=str(metadata.get("creationTimestamp") or ""),
        phase=str(status.get("phase") or "Pending"),
        reason=str(status.get("reason") or ""),
        message=str(status.get("message") or ""),
        ready=(conditions.get("Ready") or {}).get("status") == "True",
        leaving="deletionTimestamp" in metadata,
        node=str(spec.get("nodeName") or ""),
        unscheduled=""
        if scheduled.get("status") != "False"
        else str(scheduled.get("message") or scheduled.get("reason") or "no node was found"),
        containers=tuple(_containers(spec, status)),
        wants=_wants(spec),
        refers_to=tuple(_refers_to(namespace, spec)),
        address=str(status.get("podIP") or ""),
    )


def _containers(spec: Mapping[str, Any], status: Mapping[str, Any]) -> Iterator[Container]:
    for group, told in (
        ("initContainers", "initContainerStatuses"),
        ("containers", "containerStatuses"),
    ):
        statuses = {one.get("name"): one for one in status.get(told) or ()}
        for container in spec.get(group) or ():
            found: Mapping[str, Any] = statuses.get(container["name"]) or {}
            state = found.get("state") or {}
            waiting, running = state.get("waiting") or {}, state.get("running")
            yield Container(
                name=container["name"],
                init=group == "initContainers",
                image=str(container.get("image") or ""),
                waiting=str(waiting.get("reason") or ""),
                message=str(waiting.get("message") or ""),
                running=running is not None,
                running_since=str((running or {}).get("startedAt") or ""),
                started=bool(found.get("started")),
                ready=bool(found.get("ready")),
                restarts=int(found.get("restartCount") or 0),
                ended=_ended(state.get("terminated")),
                before=_ended((found.get("lastState") or {}).get("terminated")),
            )


def _ended(told: Mapping[str, Any] | None) -> Ended | None:
    if not told:
        return None
    return Ended(
        int(told.get("exitCode") or 0),
        str(told.get("reason") or ""),
        str(told.get("message") or ""),
        str(told.get("finishedAt") or ""),
    )


def _wants(spec: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for container in spec.get("containers") or ():
        found |= (container.get("resources") or {}).get("requests") or {}
    return found


def _refers_to(namespace: str, spec: Mapping[str, Any]) -> Iterator[Wanted]:
    for source in _sources(spec):
        for field, kind, name in (
            ("secret", "Secret", "secretName"),
            ("configMap", "ConfigMap", "name"),
            ("persistentVolumeClaim", "PersistentVolumeClaim", "claimName"),
        ):
            wanted = source.get(field) or {}
            known = wanted.get(name) or wanted.get("name")
            if known and not wanted.get("optional"):
                items = [str(one.get("key") or "") for one in wanted.get("items") or ()]
                key = ObjectKey("v1", kind, namespace, str(known))
                yield from (Wanted(key, item) for item in items or [""])


def _sources(spec: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for volume in spec.get("volumes") or ():
        yield volume
        yield from (volume.get("projected") or {}).get("sources") or ()


def _workload(live: Manifest) -> Workload:
    metadata, spec = live["metadata"], live.get("spec") or {}
    status: Mapping[str, Any] = live.get("status") or {}
    conditions = {one.get("type"): one for one in status.get("conditions") or ()}
    progressing, failure = conditions.get("Progressing") or {}, conditions.get("ReplicaFailure")
    replicas = spec.get("replicas")
    surge = ((spec.get("strategy") or {}).get("rollingUpdate") or {}).get("maxSurge", 0)
    return Workload(
        name=str(metadata["name"]),
        replicas=1 if replicas is None else int(replicas),
        ready=int(status.get("readyReplicas") or 0),
        updated=int(status.get("updatedReplicas") or 0),
        total=int(status.get("replicas") or 0),
        current=int(status.get("observedGeneration") or 0) >= int(metadata.get("generation") or 0),
        overdue=progressing.get("reason") == "ProgressDeadlineExceeded",
        refused=str(failure.get("message") or "")
        if failure and failure.get("status") == "True"
        else "",
        paused=bool(spec.get("paused")),
        renderer=(metadata.get("annotations") or {}).get(RENDERER_ANNOTATION),
        max_surge=surge if isinstance(surge, int) else 0,
    )


def _claim(live: Manifest) -> Claim:
    labels = live["metadata"].get("labels") or {}
    spec: Mapping[str, Any] = live.get("spec") or {}
    requests = (spec.get("resources") or {}).get("requests") or {}
    return Claim(
        str(live["metadata"]["name"]),
        labels.get(MODEL_LABEL),
        labels.get(COMPONENT_LABEL),
        str((live.get("status") or {}).get("phase") or "Pending"),
        spec.get("storageClassName"),
        str(requests.get("storage") or ""),
    )
