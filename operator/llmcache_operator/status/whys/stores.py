"""Why a managed store does not answer, from its pod."""

from __future__ import annotations

from typing import Final

from ...domain import Severity
from ..seeing import Pod, Sight
from .engines import unbound
from .finding import Finding, degraded
from .pods import before_it_runs, crashing, starting

_NAMES: Final = {"redis": "Redis", "qdrant": "Qdrant"}
_MEANS: Final = {
    "redis": "requests go to the engines, and nothing is stored",
    "qdrant": "nothing is looked up by meaning; the exact level goes on",
}


def why_store_is_not_ready(store: str, sight: Sight) -> Finding | None:
    """The first thing in its way; None while its pod is ready."""
    workload = sight.stores.get(store)
    if workload is not None and workload.ready >= 1:
        return None
    why = _why(store, sight)
    name = _NAMES[store]
    text = f"{name} is not ready, so {_MEANS[store]}. {why.reason}: {why.message}"
    if why.severity is Severity.WAITING and why.reason in _STARTS:
        return Finding(f"{name}Starting", text)
    return degraded(f"{name}Down", text)


_STARTS: Final = ("Creating", "PodPending", "PodStarting", "PodsComing")


def _why(store: str, sight: Sight) -> Finding:
    workload = sight.stores.get(store)
    if workload is None:
        return Finding("Creating", "its objects are being created")
    for claim in sight.claims:
        if claim.component == store and (found := unbound(claim)):
            return found
    for pod in sight.pods_of_store(store):
        if not pod.ready and (found := _of_pod(store, sight, pod)):
            return found
    if workload.refused:
        return Finding("PodsRefused", workload.refused)
    return Finding("PodsComing", "its pod is being made")


def _of_pod(store: str, sight: Sight, pod: Pod) -> Finding:
    server = pod.container(store)
    return (
        before_it_runs(pod, sight.absent)
        or crashing(server, pod, "Crashing", _NAMES[store], "")
        or starting(pod, sight.absent)
        or (
            Finding("NotAnswering", f"pod {pod.name} runs and does not answer its probes")
            if server is not None and (server.started or server.restarts)
            else Finding("PodStarting", f"pod {pod.name} is being started")
        )
    )
