"""The account: every request is entered once, and metrics and statistics are read from it.

Entering must cost next to nothing, so it adds to plain sums; `collect` turns them into Prometheus
metrics when somebody scrapes. (Labelled prometheus_client counters and histograms took 20
microseconds a request, a tenth of a hit.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from ..domain.api import Api
from ..domain.outcome import HITS, Outcome, Record
from ..domain.quality import CacheLevel, SampleSource
from ..quality.verdicts import Verdict
from .ledger import AGES, SECONDS, Buckets, Page, Times
from .quantiles import Quantiles

_OLDEST_S: Final = 2 * 366 * 86400.0
_PageKey = tuple[Api, str, Outcome, str]


@dataclass(slots=True)
class Arm:
    """Latencies of one group of requests."""

    first_byte: Quantiles = field(default_factory=Quantiles)
    total: Quantiles = field(default_factory=Quantiles)

    def observe(self, record: Record) -> None:
        """Add one request."""
        if record.first_byte_s is not None:
            self.first_byte.observe(record.first_byte_s)
        if record.total_s is not None:
            self.total.observe(record.total_s)


@dataclass(slots=True)
class Shadowed:
    """What was asked of the engine for samples alone."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    engine_s: float = 0.0


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
    semantic_hits: int = 0
    stale_hits: int = 0
    observed_hits: int = 0
    refreshed_hits: int = 0
    saved_prompt_tokens: int = 0
    saved_completion_tokens: int = 0
    saved_engine_s: float = 0.0
    stored: int = 0
    not_stored: dict[str, int] = field(default_factory=dict)
    events: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    withheld_hits: int = 0
    shadow: Shadowed = field(default_factory=Shadowed)
    verdicts: dict[tuple[str, str, str, str], int] = field(default_factory=dict)


class Account(Collector):
    """Implements `ports.journal.Journal`, and takes what the store adapters' observer is told.

    Attributes:
        registry: what /metrics shows.
        served: latencies of cacheable requests outside the holdout.
        holdout: latencies of the holdout.
        embeddings: latencies of embeddings.
        ages: ages of served answers, in seconds.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.served = Arm()
        self.holdout = Arm()
        self.ages = Quantiles(smallest=0.01, largest=_OLDEST_S)
        self._age_buckets = Buckets(AGES)
        self.embeddings = Quantiles()
        self._embedding_buckets = Buckets(SECONDS)
        self._pages: dict[_PageKey, Page] = {}
        self._times: dict[Outcome, Times] = {outcome: Times() for outcome in Outcome}
        self._stored: dict[str, int] = {}
        self._not_stored: dict[str, int] = {}
        self._events: dict[str, int] = {}
        self._refused: dict[str, int] = {}
        self._shadow: dict[str, Shadowed] = {}
        self._verdicts: dict[tuple[str, str, str, str], int] = {}
        self._trouble: dict[tuple[str, str], int] = {}
        self.registry.register(self)

    def gauge(self, name: str, text: str, labels: tuple[str, ...] = ()) -> Gauge:
        """Another gauge on the same registry."""
        return Gauge(name, text, labels, registry=self.registry)

    # The journal.

    def finished(self, record: Record) -> None:
        """See `ports.journal.Journal`."""
        outcome = record.outcome
        key = (record.api, record.model, outcome, record.detail)
        page = self._pages.get(key)
        if page is None:
            page = self._pages[key] = Page()
        page.requests += 1
        times = self._times[outcome]
        if record.first_byte_s is not None:
            times.first_byte.observe(record.first_byte_s)
        if record.total_s is not None:
            times.total.observe(record.total_s)
        if record.cacheable:
            page.cacheable += 1
            if 200 <= record.status < 300:
                arm = self.holdout if outcome is Outcome.HOLDOUT else self.served
                arm.observe(record)
        if outcome in HITS:
            page.saved_prompt_tokens += record.saved_prompt_tokens
            page.saved_completion_tokens += record.saved_completion_tokens
            page.saved_engine_s += record.saved_engine_s
            page.stale += record.stale
            page.refreshed += record.refreshed
            if record.age_s is not None:
                self.ages.observe(record.age_s)
                self._age_buckets.observe(record.age_s)
        if record.observed_hit:
            page.observed += 1
        if record.withheld_hit:
            page.withheld += 1

    def stored(self, model: str, body_bytes: int) -> None:
        """See `ports.journal.Journal`."""
        _add(self._stored, model)

    def not_stored(self, reason: str) -> None:
        """See `ports.journal.Journal`."""
        _add(self._not_stored, reason)

    def embedded(self, seconds: float) -> None:
        """A question got its vector, that long after it was asked for."""
        self.embeddings.observe(seconds)
        self._embedding_buckets.observe(seconds)

    def refused(self, gate: str) -> None:
        """See `ports.journal.Journal`."""
        _add(self._refused, gate)

    def shadowed(
        self, model: str, prompt_tokens: int, completion_tokens: int, engine_s: float
    ) -> None:
        """The engine answered a request that was asked for a sample alone."""
        sums = self._shadow.setdefault(model, Shadowed())
        sums.requests += 1
        sums.prompt_tokens += prompt_tokens
        sums.completion_tokens += completion_tokens
        sums.engine_s += engine_s

    def judged(self, model: str, level: CacheLevel, source: SampleSource, verdict: Verdict) -> None:
        """A sample came to a verdict."""
        key = (model, level.value, source.value, verdict.value)
        self._verdicts[key] = self._verdicts.get(key, 0) + 1

    def count(self, event: str, amount: int = 1) -> None:
        """See `ports.journal.Journal`."""
        _add(self._events, event, amount)

    def trouble(self, operation: str, reason: str, amount: int = 1) -> None:
        """A store adapter did not do what was asked."""
        key = (operation, reason)
        self._trouble[key] = self._trouble.get(key, 0) + amount

    # Reading it.

    @property
    def totals(self) -> Totals:
        """The sums, made anew."""
        totals = Totals(
            stored=sum(self._stored.values()),
            not_stored=dict(self._not_stored),
            events=dict(self._events),
            refused=dict(self._refused),
            verdicts=dict(self._verdicts),
        )
        for sums in self._shadow.values():
            totals.shadow.requests += sums.requests
            totals.shadow.prompt_tokens += sums.prompt_tokens
            totals.shadow.completion_tokens += sums.completion_tokens
            totals.shadow.engine_s += sums.engine_s
        for (operation, reason), amount in self._trouble.items():
            totals.events[f"store_{operation}_{reason}"] = amount
        for (_, _, outcome, detail), page in self._pages.items():
            totals.requests += page.requests
            totals.cacheable += page.cacheable
            _add(totals.outcomes, outcome.value, page.requests)
            if detail:
                _add(totals.details, detail, page.requests)
            if outcome is Outcome.HIT_SEMANTIC:
                totals.semantic_hits += page.requests
            if outcome in HITS:
                totals.hits += page.requests
            totals.stale_hits += page.stale
            totals.refreshed_hits += page.refreshed
            totals.observed_hits += page.observed
            totals.withheld_hits += page.withheld
            totals.saved_prompt_tokens += page.saved_prompt_tokens
            totals.saved_completion_tokens += page.saved_completion_tokens
            totals.saved_engine_s += page.saved_engine_s
        return totals

    def describe(self) -> Iterable[Metric]:
        """Nothing to say before the first request."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """The metrics, for a scrape."""
        requests = CounterMetricFamily(
            "llmcache_requests",
            "Requests on cached routes; each has exactly one outcome.",
            labels=("api", "model", "outcome", "detail"),
        )
        for (api, model, outcome, detail), page in self._pages.items():
            requests.add_metric((api.value, model, outcome.value, detail), page.requests)
        yield requests
        for name, text, pick in (
            (
                "first_byte",
                "From a request's arrival to the first byte of its answer.",
                "first_byte",
            ),
            ("request", "From a request's arrival to the last byte of its answer.", "total"),
        ):
            family = HistogramMetricFamily(f"llmcache_{name}_seconds", text, labels=("outcome",))
            for outcome, times in self._times.items():
                buckets: Buckets = getattr(times, pick)
                if any(buckets.counts):
                    family.add_metric((outcome.value,), buckets.cumulative(), buckets.total)
            yield family
        yield from self._savings()
        yield from self._samples()
        ages = HistogramMetricFamily(
            "llmcache_served_age_seconds", "Age of answers served from the cache."
        )
        ages.add_metric((), self._age_buckets.cumulative(), self._age_buckets.total)
        yield ages
        embeddings = HistogramMetricFamily(
            "llmcache_embedding_seconds", "From a question to its vector, queueing included."
        )
        embeddings.add_metric(
            (), self._embedding_buckets.cumulative(), self._embedding_buckets.total
        )
        yield embeddings
        totals = self.totals
        yield CounterMetricFamily(
            "llmcache_stale_hits",
            "Hits served past their ttl, as configured.",
            value=totals.stale_hits,
        )
        yield CounterMetricFamily(
            "llmcache_refreshed_hits",
            "Stale hits behind which the engine was asked all the same.",
            value=totals.refreshed_hits,
        )
        yield CounterMetricFamily(
            "llmcache_observed_hits",
            "Requests in mode Observe that would have been hits.",
            value=totals.observed_hits,
        )
        yield CounterMetricFamily(
            "llmcache_withheld_hits",
            "Requests that would have been hits, had the error budget let them.",
            value=totals.withheld_hits,
        )
        for name, text, label, sums in (
            ("stored_entries", "Answers taken by the write queue.", "model", self._stored),
            ("not_stored", "Answers of cacheable requests not stored.", "reason", self._not_stored),
            (
                "refused_candidates",
                "Candidates of the semantic level that a gate refused.",
                "gate",
                self._refused,
            ),
            ("events", "Other things worth counting.", "event", self._events),
        ):
            yield _counter(name, text, (label,), {(key,): value for key, value in sums.items()})
        yield _counter(
            "store_trouble",
            "Store operations that did not do what was asked.",
            ("operation", "reason"),
            self._trouble,
        )

    def _savings(self) -> Iterator[Metric]:
        tokens: dict[tuple[str, ...], float] = {}
        seconds: dict[tuple[str, ...], float] = {}
        for (_, model, outcome, _), page in self._pages.items():
            if outcome in HITS:
                for kind, saved in (
                    ("prompt", page.saved_prompt_tokens),
                    ("completion", page.saved_completion_tokens),
                ):
                    tokens[model, kind] = tokens.get((model, kind), 0) + saved
                seconds[model,] = seconds.get((model,), 0.0) + page.saved_engine_s
        yield _counter(
            "saved_tokens",
            "Tokens that hits made unnecessary to compute.",
            ("model", "kind"),
            tokens,
        )
        yield _counter(
            "saved_engine_seconds",
            "Time that the engine had taken for the answers that hits served again.",
            ("model",),
            seconds,
        )

    def _samples(self) -> Iterator[Metric]:
        yield _counter(
            "judged_samples",
            "Hits and would-be hits that were judged.",
            ("model", "level", "source", "verdict"),
            self._verdicts,
        )
        shadow = self._shadow.items()
        yield _counter(
            "shadow_requests",
            "Requests to the engine for samples alone.",
            ("model",),
            {(model,): sums.requests for model, sums in shadow},
        )
        yield _counter(
            "shadow_tokens",
            "Tokens that the engine computed for samples alone.",
            ("model", "kind"),
            {
                (model, kind): amount
                for model, sums in shadow
                for kind, amount in (
                    ("prompt", sums.prompt_tokens),
                    ("completion", sums.completion_tokens),
                )
            },
        )
        yield _counter(
            "shadow_engine_seconds",
            "Time that the engine took for samples alone.",
            ("model",),
            {(model,): sums.engine_s for model, sums in shadow},
        )


def _add(sums: dict[str, int], name: str, amount: int = 1) -> None:
    sums[name] = sums.get(name, 0) + amount


def _counter(name: str, text: str, labels: tuple[str, ...], sums: Mapping[Any, float]) -> Metric:
    family = CounterMetricFamily(f"llmcache_{name}", text, labels=labels)
    for values, amount in sums.items():
        family.add_metric(values, amount)
    return family
