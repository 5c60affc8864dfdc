"""Why a model's pods do not all serve."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ...domain import Problem, Severity, SidecarReport, Wanted
from ..redacting import last_words, redacted
from ..seeing import Claim, Pod, Workload, moment
from .finding import Finding, degraded, stalled
from .pods import before_it_runs, crashing, starting

ENGINE: Final = "engine"
SIDECAR: Final = "sidecar"
WEIGHTS: Final = "weights"

_REFUSED_TOKEN: Final = re.compile(
    r"(?i)\b40[13]\b|gated|unauthori[sz]ed|invalid (?:user )?token|access to model .* is restricted|"
    r"token (?:was )?refused"
)


@dataclass(frozen=True)
class Situation:
    """What is known of one model.

    Attributes:
        problems: what rendering and applying say of it.
        workload: its Deployment; None while there is none.
        pods: those that are not leaving, the newest first.
        reports: by uid of the pod.
        engine: it runs an engine; else it is a gateway in front of one.
    """

    name: str
    namespace: str
    engine: bool
    problems: tuple[Problem, ...]
    workload: Workload | None
    pods: tuple[Pod, ...]
    claims: tuple[Claim, ...]
    absent: frozenset[Wanted]
    reports: Mapping[str, SidecarReport]
    now: datetime

    @property
    def unready(self) -> tuple[Pod, ...]:
        """Its pods that do not serve. One that is over counts until another one is in its place."""
        alive = tuple(pod for pod in self.pods if not pod.over)
        wanted = 0 if self.workload is None else self.workload.replicas
        counted = self.pods if len(alive) < wanted else alive
        return tuple(pod for pod in counted if not pod.ready)

    @property
    def complete(self) -> bool:
        """All pods are there, ready, and of the newest template."""
        one = self.workload
        return (
            one is not None
            and one.current
            and one.updated >= one.replicas
            and one.total <= one.replicas
            and one.ready >= one.replicas
        )


Link = Callable[[Situation], Finding | None]


def refused(it: Situation) -> Finding | None:
    """What is asked for can't be made, or was refused; what runs stays."""
    for problem in it.problems:
        if problem.severity is not Severity.DEGRADED:
            return Finding(problem.reason, problem.message, problem.severity)
    return None


def not_made(it: Situation) -> Finding | None:
    """There is no Deployment yet."""
    if it.workload is not None:
        return None
    return Finding("Creating", f"the objects of model {it.name} are being created")


def scaled_to_zero(it: Situation) -> Finding | None:
    """Nobody wants a pod."""
    if it.workload is None or it.workload.replicas or not it.workload.current:
        return None
    return Finding(
        "ScaledToZero",
        f"model {it.name} has replicas 0, so that nobody serves it; raise replicas to have it back",
    )


def pods_refused(it: Situation) -> Finding | None:
    """Pods can't even be created."""
    if it.workload is None or not it.workload.refused:
        return None
    return stalled(
        "PodsRefused",
        f"pods of model {it.name} can't be created (a quota or an admission policy): "
        f"{redacted(it.workload.refused)}",
    )


def rollout_paused(it: Situation) -> Finding | None:
    """The newest template waits for somebody who has paused the Deployment."""
    one = it.workload
    if one is None or not one.paused or one.updated >= one.replicas:
        return None
    return stalled(
        "RolloutPaused",
        f"the newest template of model {it.name} does not roll out: Deployment {one.name} is paused. "
        f"Go on with: kubectl rollout resume -n {it.namespace} deployment/{one.name}",
    )


def claim_pending(it: Situation) -> Finding | None:
    """A claim of ours has no volume."""
    return next((found for one in it.claims if (found := unbound(one))), None)


def unbound(claim: Claim) -> Finding | None:
    """Why a claim has no volume."""
    if claim.phase == "Lost":
        return stalled(
            "ClaimLost",
            f"the volume of claim {claim.name} is gone. Delete the claim; it is made anew",
        )
    if claim.phase != "Pending":
        return None
    if claim.storage_class is None:
        return stalled(
            "StorageClassMissing",
            f"claim {claim.name} names no storage class and the cluster has no default one. Mark a "
            "class as default (storageclass.kubernetes.io/is-default-class), or name one as "
            "storageClass",
        )
    return Finding(
        "ClaimPending",
        f"claim {claim.name} waits for a volume of {claim.storage} of storage class "
        f"{claim.storage_class!r}. If it stays so: does the class exist (kubectl get storageclass), "
        "has it the access mode, and room?",
    )


def _each(link: Callable[[Situation, Pod], Finding | None]) -> Link:
    def first(it: Situation) -> Finding | None:
        return next((found for pod in it.unready if (found := link(it, pod))), None)

    first.__name__ = link.__name__
    first.__doc__ = link.__doc__
    return first


@_each
def pod_waits(it: Situation, pod: Pod) -> Finding | None:
    """Nodes, images, secrets."""
    found = before_it_runs(pod, it.absent)
    if found is None or found.reason != "Unschedulable":
        return found
    # A claim without a volume is the reason behind the scheduler's.
    return claim_pending(it) or found


@_each
def token_refused(it: Situation, pod: Pod) -> Finding | None:
    """The hub does not let us have the weights."""
    container = pod.container(WEIGHTS)
    how = None if container is None else container.ended or container.before
    if how is None or how.code == 0:
        return None
    if not _REFUSED_TOKEN.search(how.message):
        return None
    return stalled(
        "TokenRefused",
        f"pod {pod.name}: the hub refused the download of the weights of model {it.name}: the token "
        "in huggingFaceToken is missing, wrong or expired, or its owner has not accepted the "
        "model's terms. Replace the token in its Secret; the pod tries again. It said: "
        f"{last_words(how.message)}",
    )


@_each
def download_failing(_: Situation, pod: Pod) -> Finding | None:
    """The weights do not come, for another reason."""
    return crashing(
        pod.container(WEIGHTS),
        pod,
        "DownloadFailing",
        "the download of the weights",
        "Check engine.model and engine.revision, that the node reaches the hub, and the volume's size",
    )


@_each
def downloading(it: Situation, pod: Pod) -> Finding | None:
    """The weights are on their way."""
    container = pod.container(WEIGHTS)
    if container is None or not container.running:
        return None
    report = it.reports.get(pod.uid)
    far = (
        report.preparing
        if report is not None and report.preparing is not None
        else f"how far it is: kubectl logs -n {pod.namespace} {pod.name} -c {WEIGHTS}"
    )
    return Finding(
        "Downloading",
        f"pod {pod.name} downloads the weights of model {it.name}"
        f"{_since(container.running_since)}; {far}",
    )


@_each
def sidecar_crashing(_: Situation, pod: Pod) -> Finding | None:
    """The cache itself ends."""
    return crashing(pod.container(SIDECAR), pod, "SidecarCrashing", "the sidecar", "")


@_each
def engine_crashing(it: Situation, pod: Pod) -> Finding | None:
    """vLLM ends."""
    container = pod.container(ENGINE)
    if found := crashing(container, pod, "EngineCrashing", "vLLM", ""):
        return found
    if container is None or container.restarts < 2 or container.started:
        return None
    how = container.before
    return stalled(
        "EngineCrashing",
        f"pod {pod.name}: vLLM of model {it.name} starts for the {container.restarts + 1}th time"
        + (
            f"; before, it ended with exit code {how.code}: {last_words(how.message)}"
            if how
            else ""
        ),
    )


@_each
def engine_loading(it: Situation, pod: Pod) -> Finding | None:
    """vLLM loads the model."""
    container = pod.container(ENGINE)
    if container is None or not container.running or container.started:
        return None
    before = f" (started {container.restarts + 1} times)" if container.restarts else ""
    return Finding(
        "EngineLoading",
        f"pod {pod.name}: vLLM loads model {it.name}{_since(container.running_since)}{before}. "
        "Large models take minutes; startupTimeout bounds it",
    )


@_each
def pod_on_its_way(it: Situation, pod: Pod) -> Finding | None:
    """Nothing is wrong with it yet."""
    if found := starting(pod, it.absent):
        return found
    if it.engine and (container := pod.container(ENGINE)) and not container.running:
        return Finding(
            "PodStarting", f"pod {pod.name} is on node {pod.node}; its containers are being started"
        )
    return None


@_each
def not_answering(it: Situation, pod: Pod) -> Finding | None:
    """Everything runs, and the pod is not ready."""
    what = "vLLM runs and does not answer" if it.engine else "the gateway does not answer"
    return Finding(
        "NotAnswering",
        f"pod {pod.name}: {what} at /readyz. Its sidecar says why: kubectl logs -n {pod.namespace} "
        f"{pod.name} -c {SIDECAR}",
    )


def rolling_out(it: Situation) -> Finding | None:
    """Old pods are being replaced, or new ones are not there yet."""
    if it.workload is None or it.complete:
        return None
    one = it.workload
    if one.total <= one.updated or (one.current and one.updated >= one.replicas >= one.total):
        return Finding("PodsComing", f"{one.ready} of {one.replicas} pods of model {it.name} serve")
    return Finding(
        "RollingOut",
        f"{one.updated} of {one.replicas} pods of model {it.name} are of the newest template; "
        "those before them serve on until they are replaced",
    )


CHAIN: Final[tuple[Link, ...]] = (
    refused,
    not_made,
    scaled_to_zero,
    pods_refused,
    rollout_paused,
    pod_waits,
    token_refused,
    download_failing,
    downloading,
    sidecar_crashing,
    engine_crashing,
    engine_loading,
    pod_on_its_way,
    claim_pending,
    not_answering,
    rolling_out,
)


def why_model_is_not_ready(it: Situation) -> Finding | None:
    """The first finding; None while all is as it should be."""
    found = next((found for link in CHAIN if (found := link(it))), None)
    overdue = it.workload is not None and it.workload.overdue and not it.complete
    if found is None or not overdue or found.severity is Severity.STALLED:
        return found
    if found.reason in ("RollingOut", "PodsComing", "NotAnswering"):
        return stalled(
            "RolloutStuck",
            f"the rollout of model {it.name} made no progress within its deadline. {found.message}",
        )
    # What was only a matter of time has taken too long to be one.
    return replace(found, severity=Severity.STALLED)


def why_model_serves_badly(it: Situation) -> Finding | None:
    """What a model that serves lacks."""
    for problem in it.problems:
        if problem.severity is Severity.DEGRADED:
            return degraded(problem.reason, problem.message)
    if it.engine:
        return None
    for pod in it.pods:
        report = it.reports.get(pod.uid)
        if pod.ready and report is not None and not report.engine_known:
            return degraded(
                "EndpointUnreachable",
                f"the sidecar of pod {pod.name} does not reach the endpoint of model {it.name}, or "
                "it does not list its models: hits are served, all else fails. Check endpoint.url, "
                "credentials and ca, and NetworkPolicies on its side",
            )
    return None


def _since(text: str) -> str:
    found = moment(text)
    return "" if found is None else f" since {found.strftime('%H:%M:%S')} UTC"
