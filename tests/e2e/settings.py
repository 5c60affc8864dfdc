"""What the suite is told, by environment variables.

    KUBECONFIG                   the cluster (required)
    LLMCACHE_E2E_OPERATOR_IMAGE  images, as the cluster's nodes can get them (required)
    LLMCACHE_E2E_SIDECAR_IMAGE
    LLMCACHE_E2E_ENGINE_IMAGE    answers `vllm serve MODEL ...`: the simulator, or a real vLLM
    LLMCACHE_E2E_REDIS_IMAGE
    LLMCACHE_E2E_QDRANT_IMAGE
    LLMCACHE_E2E_VLLM_IMAGE      a real vLLM that has a model in /models/tiny, for one test; optional
    LLMCACHE_E2E_PULL_POLICY     Never, IfNotPresent (default) or Always
    LLMCACHE_E2E_ENGINE_MODEL    what `vllm serve` is told; a path means that no weights are fetched
                                 (default /models/sim)
    LLMCACHE_E2E_REQUESTS        least number of requests under each fault (default 10000)
    LLMCACHE_E2E_CHANGES         how often the policy is changed (default 20)
    LLMCACHE_E2E_CALM_SECONDS    of load before a fault and after the recovery (default 30)
    LLMCACHE_E2E_NODE_SHELL      how a command is run on a node, such as `docker exec {node}`; without it
                                 the tests that kill a container's process are skipped
    LLMCACHE_E2E_NETWORK_POLICIES  `enforced`: the cluster's network plugin does; where it does not, the
                                 tests of them fail. Unset: they are skipped there
    LLMCACHE_E2E_REPORT          a file that gets the measured figures as JSON

`python -m tests.e2e` makes a cluster and sets all of these where KUBECONFIG or an image is not set.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.installing import Images

_IMAGES = ("OPERATOR", "SIDECAR", "ENGINE", "REDIS", "QDRANT")


@dataclass(frozen=True)
class Settings:
    """See the module."""

    kubeconfig: Path
    images: Images
    vllm_image: str | None
    pull_policy: str
    engine_model: str
    requests: int
    changes: int
    calm_seconds: float
    network_policies: bool
    report: Path | None


def missing(environment: Mapping[str, str] = os.environ) -> str | None:
    """Why the suite can't run, or None."""
    needed = ["KUBECONFIG", *(f"LLMCACHE_E2E_{name}_IMAGE" for name in _IMAGES)]
    absent = [name for name in needed if not environment.get(name)]
    return f"{', '.join(absent)} not set (tests/e2e/settings.py)" if absent else None


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings; a KeyError names what is not set."""
    images = {name.lower(): environment[f"LLMCACHE_E2E_{name}_IMAGE"] for name in _IMAGES}
    report = environment.get("LLMCACHE_E2E_REPORT")
    return Settings(
        kubeconfig=Path(environment["KUBECONFIG"]),
        images=Images(**images),
        vllm_image=environment.get("LLMCACHE_E2E_VLLM_IMAGE"),
        pull_policy=environment.get("LLMCACHE_E2E_PULL_POLICY", "IfNotPresent"),
        engine_model=environment.get("LLMCACHE_E2E_ENGINE_MODEL", "/models/sim"),
        requests=int(environment.get("LLMCACHE_E2E_REQUESTS", "10000")),
        changes=int(environment.get("LLMCACHE_E2E_CHANGES", "20")),
        calm_seconds=float(environment.get("LLMCACHE_E2E_CALM_SECONDS", "30")),
        network_policies=environment.get("LLMCACHE_E2E_NETWORK_POLICIES") == "enforced",
        report=Path(report) if report else None,
    )
