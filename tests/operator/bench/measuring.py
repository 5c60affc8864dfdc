"""Many LLMCaches, and how long they take."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from ..api_server.kube import Json, Kube, wait_for

_CHILDREN = ("deployments", "services", "configmaps", "serviceaccounts", "networkpolicies",
             "poddisruptionbudgets")  # fmt: skip
_READY_WITHIN_S = 1800.0


def quantile(values: Sequence[float], q: float) -> float:
    """The value below which a share q of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


class Population:
    """LLMCaches of one namespace."""

    def __init__(self, kube: Kube, namespace: str) -> None:
        self._kube = kube
        self._namespace = namespace

    def create(self, manifests: Iterable[Json]) -> None:
        """All of them, eight at a time."""
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda m: self._kube.create("llmcaches", m), manifests))

    def wait_ready(self, count: int) -> None:
        """Wait until so many are Ready."""

        def ready() -> bool:
            found = self._kube.list("llmcaches", self._namespace)
            return sum(map(_is_ready, found)) >= count

        wait_for(f"{count} LLMCaches are Ready", ready, within=_READY_WITHIN_S)

    def until_children(self, manifest: Json) -> float:
        """Seconds from one create until the children that every such LLMCache has are there."""
        name = manifest["metadata"]["name"]
        started = time.monotonic()
        self._kube.create("llmcaches", manifest)
        selector = f"llmcache.dev/cache={name}"
        for plural in _CHILDREN:
            while not self._kube.list(plural, self._namespace, selector):
                if time.monotonic() - started > 60:
                    raise AssertionError(f"{name} has no {plural} after a minute")
                time.sleep(0.01)
        return time.monotonic() - started

    def create_foreign_pods(self, count: int) -> None:
        """Pods that are nothing of ours."""

        def make(number: int) -> None:
            metadata = {"name": f"foreign-{number}", "namespace": self._namespace}
            spec = {"containers": [{"name": "x", "image": "x"}], "nodeName": f"kwok-{number % 20}"}
            self._kube.create(
                "pods", {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
            )

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(make, range(count)))


def _is_ready(cache: Json) -> bool:
    conditions = cache.get("status", {}).get("conditions", [])
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)
