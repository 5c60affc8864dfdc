"""The operator's own settings, as the command line gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..cluster.lease import LeaseTimes
from ..rendering import NEWEST, RENDERERS, RendererId
from ..rendering.renderers import Renderer


@dataclass(frozen=True)
class Settings:
    """All of them.

    Attributes:
        listen: host (empty = all) and port of /healthz, /readyz and /metrics; port 0 = any free one.
        namespaces: which LLMCaches are looked after; empty = those of all namespaces.
        lease: name of the Lease that decides which replica acts; None = no Lease: this one acts.
        namespace: where the operator runs, and the Lease is.
        identity: name of this replica.
        workers: passes that may run at once.
        resync_s: after so long without any trigger a resource gets a pass anyway (20 % more or less).
        poll_s: how often the sidecars of a resource are asked for their figures (20 % more or less).
        secrets_s: how often it is asked whether the Secrets that we made are still there.
        check_s: how often LLMCaches are listed, to notice a watch that fell silent.
        renderers, newest: the versions of a rendering that there are, and the one that new workloads
            get; fewer in tests of upgrades.
        images: images that this installation replaces, by part (sidecar, engine, redis, qdrant).
    """

    listen: tuple[str, int] = ("", 8080)
    namespaces: tuple[str, ...] = ()
    lease: str | None = "llmcache-operator"
    namespace: str = "default"
    identity: str = "llmcache-operator"
    workers: int = 8
    resync_s: float = 600.0
    poll_s: float = 30.0
    secrets_s: float = 60.0
    check_s: float = 60.0
    images: dict[str, str] = field(default_factory=dict)
    lease_times: LeaseTimes = LeaseTimes()
    renderers: Mapping[RendererId, Renderer] = field(default_factory=lambda: RENDERERS)
    newest: RendererId = NEWEST
