"""What stands in the way of any pod, from the scheduler to a crash."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from ...domain import ObjectKey
from ..redacting import last_words, redacted
from ..seeing import Container, Pod
from .finding import Finding, stalled

Link = Callable[[Pod, frozenset[ObjectKey]], Finding | None]

_INSUFFICIENT: Final = re.compile(r"(\d+) Insufficient ([\w./-]+[\w])")
_PREEMPTION: Final = re.compile(r",? ?(?:no new claims to deallocate, )?preemption: .*", re.DOTALL)
_NOT_GPUS: Final = ("cpu", "memory", "ephemeral-storage", "pods")
_PULL: Final = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull",
                "RegistryUnavailable", "ImageInspectError", "SignatureValidationFailed")  # fmt: skip
_CONFIG: Final = ("CreateContainerConfigError", "CreateContainerError", "RunContainerError")
_NOT_FOUND: Final = re.compile(r"(secret|configmap) \"?([\w.-]+)\"? not found", re.IGNORECASE)
_NO_KEY: Final = re.compile(r"couldn't find key (\S+) in (Secret|ConfigMap) (\S+)", re.IGNORECASE)


def insufficient_gpus(pod: Pod, _: frozenset[ObjectKey]) -> Finding | None:
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


def unschedulable(pod: Pod, _: frozenset[ObjectKey]) -> Finding | None:
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


def image_pull_failed(pod: Pod, _: frozenset[ObjectKey]) -> Finding | None:
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


def secret_missing(pod: Pod, absent: frozenset[ObjectKey]) -> Finding | None:
    """A Secret, ConfigMap or claim that the pod needs is not there."""
    if pod.waits_for_volumes:
        for key in pod.refers_to:
            if key in absent:
                return _missing(pod, key.kind, key.name)
    for container in pod.containers:
        if container.waiting not in _CONFIG:
            continue
        if found := _NOT_FOUND.search(container.message):
            kind = "Secret" if found[1].lower() == "secret" else "ConfigMap"
            return _missing(pod, kind, found[2])
        if found := _NO_KEY.search(container.message):
            kind, name = found[2], found[3].rpartition("/")[2]
            return stalled(
                f"{kind}KeyMissing",
                f"pod {pod.name}: {kind} {name} has no key {found[1]}. Add it; the pod goes on then",
            )
        return stalled(
            "ContainerRefused",
            f"pod {pod.name}: container {container.name} can't be started ({container.waiting}). "
            f"{redacted(container.message, 300)}",
        )
    return None


def _missing(pod: Pod, kind: str, name: str) -> Finding:
    reason = {"PersistentVolumeClaim": "ClaimMissing"}.get(kind, f"{kind}Missing")
    return stalled(
        reason,
        f"pod {pod.name} waits for {kind} {name}, which does not exist in namespace "
        f"{pod.namespace}. Create it; the pod goes on by itself within two minutes",
    )


def evicted(pod: Pod, _: frozenset[ObjectKey]) -> Finding | None:
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


def starting(pod: Pod, _: frozenset[ObjectKey]) -> Finding | None:
    """On its way, as it should be."""
    if not pod.node:
        return Finding("PodPending", f"pod {pod.name} waits for a node")
    if pod.waits_for_volumes:
        # Secrets are never read, so that a key that is missing in one shows by this wait alone.
        keys = ", ".join(f"{key} of {name}" for name, key in pod.secret_keys)
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


def before_it_runs(pod: Pod, absent: frozenset[ObjectKey]) -> Finding | None:
    """The first of them that finds something."""
    return next((found for link in BEFORE_IT_RUNS if (found := link(pod, absent))), None)
