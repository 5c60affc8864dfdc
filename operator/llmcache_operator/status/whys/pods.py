"""What stands in the way of any pod, from the scheduler to a crash."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from ...domain import ObjectKey, Wanted
from ..redacting import last_words, redacted
from ..seeing import Container, Pod
from .finding import Finding, stalled

Absent = frozenset[Wanted]
Link = Callable[[Pod, Absent], Finding | None]

_INSUFFICIENT: Final = re.compile(r"(\d+) Insufficient ([\w./-]+[\w])")
_PREEMPTION: Final = re.compile(r",? ?(?:no new claims to deallocate, )?preemption: .*", re.DOTALL)
_NOT_GPUS: Final = ("cpu", "memory", "ephemeral-storage", "pods")
_PULL: Final = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull",
                "RegistryUnavailable", "ImageInspectError", "SignatureValidationFailed")  # fmt: skip
_CONFIG: Final = ("CreateContainerConfigError", "CreateContainerError", "RunContainerError")
_NOT_FOUND: Final = re.compile(r"(secret|configmap) \"?([\w.-]+)\"? not found", re.IGNORECASE)
_NO_KEY: Final = re.compile(r"couldn't find key (\S+) in (Secret|ConfigMap) (\S+)", re.IGNORECASE)


def insufficient_gpus(pod: Pod, _: Absent) -> Finding | None:
    """No node has enough of the accelerator free."""
    short = [name for _number, name in _INSUFFICIENT.findall(pod.unscheduled)]
    resource = next((name for name in short if name not in _NOT_GPUS), None)
    if resource is None:
        return None
    count = pod.wants.get(resource, "?")
    return Finding(
        "InsufficientGPUs",
        f"pod {pod.name} asks for {count} {resource}, and no node that it may run on has as many "
        f"free. Add a node, free GPUs elsewhere, or lower replicas or gpu.count. The scheduler says: "
        f"{_scheduler(pod)}",
    )


def unschedulable(pod: Pod, _: Absent) -> Finding | None:
    """No node fits for another reason."""
    if not pod.unscheduled:
        return None
    return Finding(
        "Unschedulable",
        f"no node fits pod {pod.name}; compare scheduling and resources with the nodes. The "
        f"scheduler says: {_scheduler(pod)}",
    )


def _scheduler(pod: Pod) -> str:
    """Why no node fits; that preemption does not help either is no news."""
    return redacted(_PREEMPTION.sub("", pod.unscheduled), 300)


def image_pull_failed(pod: Pod, _: Absent) -> Finding | None:
    """An image can't be had."""
    for container in pod.containers:
        if container.waiting in _PULL:
            return stalled(
                "ImagePullFailed",
                f"pod {pod.name}: the image {container.image} of container {container.name} can't "
                f"be pulled ({container.waiting}). Check its name and tag, that the node reaches the "
                f"registry, and images.pullSecrets. {redacted(container.message, 300)}".rstrip(),
            )
    return None


def secret_missing(pod: Pod, absent: Absent) -> Finding | None:
    """A Secret, ConfigMap or claim that the pod needs is not there."""
    if pod.waits_for_volumes:
        for one in pod.refers_to:
            if Wanted(one.object) in absent:
                return _missing(pod, one.object.kind, one.object.name, _items(pod, one.object))
            if one in absent:
                return _no_key(pod, one.item, one.object.kind, one.object.name)
    for container in pod.containers:
        if container.waiting not in _CONFIG:
            continue
        if found := _NOT_FOUND.search(container.message):
            kind = "Secret" if found[1].lower() == "secret" else "ConfigMap"
            return _missing(pod, kind, found[2])
        if found := _NO_KEY.search(container.message):
            return _no_key(pod, found[1], found[2], found[3].rpartition("/")[2])
        return stalled(
            "ContainerRefused",
            f"pod {pod.name}: container {container.name} can't be started ({container.waiting}). "
            f"{redacted(container.message, 300)}",
        )
    return None


def _items(pod: Pod, key: ObjectKey) -> tuple[str, ...]:
    return tuple(sorted({one.item for one in pod.refers_to if one.object == key and one.item}))


def _missing(pod: Pod, kind: str, name: str, items: tuple[str, ...] = ()) -> Finding:
    reason = {"PersistentVolumeClaim": "ClaimMissing"}.get(kind, f"{kind}Missing")
    keys = f" with the key {' and '.join(items)}" if items else ""
    return stalled(
        reason,
        f"pod {pod.name} waits for {kind} {name}, which does not exist in namespace "
        f"{pod.namespace}. Create it{keys}; the pod goes on by itself within two minutes",
    )


def _no_key(pod: Pod, item: str, kind: str, name: str) -> Finding:
    return stalled(
        f"{kind}KeyMissing",
        f"pod {pod.name}: {kind} {name} has no key {item}. Add it; the pod goes on by itself then",
    )


def evicted(pod: Pod, _: Absent) -> Finding | None:
    """The kubelet gave it up."""
    if pod.phase != "Failed":
        return None
    return Finding(
        "PodFailed",
        f"pod {pod.name} failed ({pod.reason or 'no reason given'}), another one takes its place. "
        f"{redacted(pod.message, 300)}".rstrip(),
    )


def crashing(
    container: Container | None, pod: Pod, reason: str, what: str, hint: str
) -> Finding | None:
    """A container that ended and is not up again."""
    if container is None or container.running:
        return None
    how = container.ended or container.before
    if how is None or (how.code == 0 and not container.restarts):
        return None
    if how.reason == "OOMKilled":
        text = "it needed more memory than its limit (OOMKilled); raise its resources"
    else:
        said = last_words(how.message)
        text = f"it said: {said}" if said else "it said nothing"
        text += f". {hint}" if hint else ""
    times = f", restarted {container.restarts} times" if container.restarts else ""
    return stalled(
        reason,
        f"pod {pod.name}: {what} ended with exit code {how.code}{times}; {text}. Its log: kubectl "
        f"logs -n {pod.namespace} {pod.name} -c {container.name} --previous",
    )


def starting(pod: Pod, _: Absent) -> Finding | None:
    """On its way, as it should be."""
    if not pod.node:
        return Finding("PodPending", f"pod {pod.name} waits for a node")
    if pod.waits_for_volumes:
        # Secrets are never read: where their metadata does not name their keys, one that is missing
        # shows by this wait alone.
        keys = ", ".join(
            f"{one.item} of {one.object.name}"
            for one in pod.refers_to
            if one.item and one.object.kind == "Secret"
        )
        wanted = f". Of Secrets it needs {keys}" if keys else ""
        return Finding(
            "PodStarting",
            f"pod {pod.name} is on node {pod.node} and waits for its volumes and images{wanted}. If "
            f"this lasts: kubectl describe pod -n {pod.namespace} {pod.name}",
        )
    return None


BEFORE_IT_RUNS: Final[tuple[Link, ...]] = (
    insufficient_gpus,
    unschedulable,
    image_pull_failed,
    secret_missing,
    evicted,
)
"""Links that hold for pods of all kinds, in order."""


def before_it_runs(pod: Pod, absent: Absent) -> Finding | None:
    """The first of them that finds something."""
    return next((found for link in BEFORE_IT_RUNS if (found := link(pod, absent))), None)
