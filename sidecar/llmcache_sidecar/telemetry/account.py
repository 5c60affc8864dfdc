"""The account: every request is entered once, and metrics and statistics are read from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from ..domain.outcome import Outcome, Record
from .quantiles import Quantiles

_SECONDS: Final = (
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300,
)  # fmt: skip
_AGES: Final = (1, 10, 60, 300, 900, 3600, 6 * 3600, 86400, 7 * 86400)
_OLDEST_S: Final = 2 * 366 * 86400.0
_HITS: Final = frozenset({Outcome.HIT_EXACT})


@dataclass(slots=True)
class Arm:
    """Latencies of one group of requests."""

    first_byte: Quantiles = field(default_factory=Quantiles)
    total: Quantiles = field(default_factory=Quantiles)


@dataclass(slots=True)
class Totals:
    """Plain sums since the start.

    Attributes:
        cacheable: requests that nothing kept out of the cache.
    """

    requests: int = 0
    cacheable: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    details: dict[str, int] = field(default_factory=dict)
    hits: int = 0
    stale_hits: int = 0
    observed_hits: int = 0
    saved_prompt_tokens: int = 0
    saved_completion_tokens: int = 0
    saved_engine_s: float = 0.0
    stored: int = 0
    not_stored: dict[str, int] = field(default_factory=dict)
    events: dict[str, int] = field(default_factory=dict)


class Account:
    """Implements `ports.journal.Journal`, and the store adapters' observer.

    Attributes:
        registry: what /metrics shows.
        served: latencies of cacheable requests outside the holdout.
        holdout: latencies of the holdout.
        ages: ages of served answers, in seconds.
    """

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.totals = Totals()
        self.served = Arm()
        self.holdout = Arm()
        self.ages = Quantiles(smallest=0.01, largest=_OLDEST_S)
        self._requests = Counter(
            "llmcache_requests",
            "Requests on cached routes; each has exactly one outcome.",
            ("api", "model", "outcome", "detail"),
            registry=registry,
        )
        self._first_byte = Histogram(
            "llmcache_first_byte_seconds",
            "From a request's arrival to the first byte of its answer.",
            ("outcome",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._total = Histogram(
            "llmcache_request_seconds",
            "From a request's arrival to the last byte of its answer.",
            ("outcome",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._saved_tokens = Counter(
            "llmcache_saved_tokens",
            "Tokens that hits made unnecessary to compute.",
            ("model", "kind"),
            registry=registry,
        )
        self._saved_seconds = Counter(
            "llmcache_saved_engine_seconds",
            "Time that the engine had taken for the answers that hits served again.",
            ("model",),
            registry=registry,
        )
        self._served_age = Histogram(
            "llmcache_served_age_seconds",
            "Age of answers served from the cache.",
            buckets=_AGES,
            registry=registry,
        )
        self._stale = Counter(
            "llmcache_stale_hits", "Hits served past their ttl, as configured.", registry=registry
        )
        self._observed = Counter(
            "llmcache_observed_hits",
            "Requests in mode Observe that would have been hits.",
            registry=registry,
        )
        self._stored = Counter(
            "llmcache_stored_entries", "Answers taken by the write queue.", ("model",),
            registry=registry,
        )  # fmt: skip
        self._not_stored = Counter(
            "llmcache_not_stored", "Answers of cacheable requests not stored.", ("reason",),
            registry=registry,
        )  # fmt: skip
        self._events = Counter(
            "llmcache_events", "Other things worth counting.", ("event",), registry=registry
        )
        self._trouble = Counter(
            "llmcache_store_trouble",
            "Store operations that did not do what was asked.",
            ("operation", "reason"),
            registry=registry,
        )
        self._bound: dict[tuple[str, str, str, str], Counter] = {}
        self._times: dict[str, tuple[Histogram, Histogram]] = {}

    def gauge(self, name: str, text: str, labels: tuple[str, ...] = ()) -> Gauge:
        """Another gauge on the same registry."""
        return Gauge(name, text, labels, registry=self.registry)

    # The journal.

    def finished(self, record: Record) -> None:
        """See `ports.journal.Journal`."""
        totals = self.totals
        outcome = record.outcome.value
        totals.requests += 1
        totals.outcomes[outcome] = totals.outcomes.get(outcome, 0) + 1
        key = (record.api.value, record.model, outcome, record.detail)
        counter = self._bound.get(key)
        if counter is None:
            counter = self._bound[key] = self._requests.labels(*key)
        counter.inc()
        times = self._times.get(outcome)
        if times is None:
            times = (self._first_byte.labels(outcome), self._total.labels(outcome))
            self._times[outcome] = times
        if record.first_byte_s is not None:
            times[0].observe(record.first_byte_s)
        if record.total_s is not None:
            times[1].observe(record.total_s)
        if record.detail:
            totals.details[record.detail] = totals.details.get(record.detail, 0) + 1
        if record.cacheable:
            self._cacheable(record)
        if record.outcome in _HITS:
            self._hit(record)
        if record.observed_hit:
            totals.observed_hits += 1
            self._observed.inc()

    def _cacheable(self, record: Record) -> None:
        self.totals.cacheable += 1
        if not 200 <= record.status < 300:
            return
        arm = self.holdout if record.outcome is Outcome.HOLDOUT else self.served
        if record.first_byte_s is not None:
            arm.first_byte.observe(record.first_byte_s)
        if record.total_s is not None:
            arm.total.observe(record.total_s)

    def _hit(self, record: Record) -> None:
        totals = self.totals
        totals.hits += 1
        totals.saved_prompt_tokens += record.saved_prompt_tokens
        totals.saved_completion_tokens += record.saved_completion_tokens
        totals.saved_engine_s += record.saved_engine_s
        self._saved_tokens.labels(record.model, "prompt").inc(record.saved_prompt_tokens)
        self._saved_tokens.labels(record.model, "completion").inc(record.saved_completion_tokens)
        self._saved_seconds.labels(record.model).inc(record.saved_engine_s)
        if record.age_s is not None:
            self.ages.observe(record.age_s)
            self._served_age.observe(record.age_s)
        if record.stale:
            totals.stale_hits += 1
            self._stale.inc()

    def stored(self, model: str, body_bytes: int) -> None:
        """See `ports.journal.Journal`."""
        self.totals.stored += 1
        self._stored.labels(model).inc()

    def not_stored(self, reason: str) -> None:
        """See `ports.journal.Journal`."""
        self.totals.not_stored[reason] = self.totals.not_stored.get(reason, 0) + 1
        self._not_stored.labels(reason).inc()

    def count(self, event: str, amount: int = 1) -> None:
        """See `ports.journal.Journal`."""
        self.totals.events[event] = self.totals.events.get(event, 0) + amount
        self._events.labels(event).inc(amount)

    def trouble(self, operation: str, reason: str, amount: int = 1) -> None:
        """A store adapter did not do what was asked."""
        name = f"store_{operation}_{reason}"
        self.totals.events[name] = self.totals.events.get(name, 0) + amount
        self._trouble.labels(operation, reason).inc(amount)
