"""What the operator counts of itself."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """Prometheus metrics, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.reconciles = Counter(
            "llmcache_operator_reconciles",
            "Passes over one LLMCache, by result",
            ("result",),
            registry=self.registry,
        )
        self.duration = Histogram(
            "llmcache_operator_reconcile_duration_seconds",
            "Duration of a pass",
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.errors = Counter(
            "llmcache_operator_errors",
            "Errors, by where they came from",
            ("source",),
            registry=self.registry,
        )
        self.actions = Counter(
            "llmcache_operator_actions",
            "Writes to objects that belong to LLMCaches, by what and kind",
            ("action", "kind"),
            registry=self.registry,
        )
        self.status_writes = Counter(
            "llmcache_operator_status_writes",
            "Patches of an LLMCache's status",
            registry=self.registry,
        )
        self.events = Counter(
            "llmcache_operator_events",
            "Kubernetes Events created",
            registry=self.registry,
        )
        self.leading = Gauge(
            "llmcache_operator_leading",
            "1 while this replica is the one that acts",
            registry=self.registry,
        )
        self.crd_outdated = Gauge(
            "llmcache_operator_crd_outdated",
            "1 while the installed CRD lacks fields that this operator knows",
            registry=self.registry,
        )

    def gauge(self, name: str, text: str, read: Callable[[], float]) -> None:
        """A gauge that is read when it is asked for."""
        Gauge(name, text, registry=self.registry).set_function(read)

    def exposition(self) -> bytes:
        """The text for Prometheus."""
        return generate_latest(self.registry)
