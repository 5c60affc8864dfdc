"""The statistics that people and the operator read: the KPIs, each as it is defined in docs/kpis.md."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from .account import Account, Arm
from .quantiles import Quantiles


class _Model(BaseModel):
    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, use_attribute_docstrings=True
    )


class Latency(_Model):
    """Milliseconds; null when nothing was measured."""

    samples: int
    p50_ms: float | None
    p99_ms: float | None

    @classmethod
    def of(cls, quantiles: Quantiles) -> Latency:
        """Read p50 and p99."""
        p50, p99 = quantiles.quantile(0.5), quantiles.quantile(0.99)
        return cls(
            samples=quantiles.count,
            p50_ms=None if p50 is None else round(p50 * 1000, 3),
            p99_ms=None if p99 is None else round(p99 * 1000, 3),
        )


class ArmLatency(_Model):
    """First byte and whole answer of one group of requests."""

    first_byte: Latency
    total: Latency

    @classmethod
    def of(cls, arm: Arm) -> ArmLatency:
        """Read both."""
        return cls(first_byte=Latency.of(arm.first_byte), total=Latency.of(arm.total))


class Savings(_Model):
    """What hits made unnecessary."""

    requests: int
    requests_share: float | None
    """Of all requests on cached routes; 0 to 1."""
    prompt_tokens: int
    completion_tokens: int
    engine_seconds: float


class Ages(_Model):
    """How old served answers were, in seconds."""

    p50_s: float | None
    p99_s: float | None
    stale_hits: int


class EngineFigures(_Model):
    """What is known of the engine."""

    url: str
    known: bool
    """It is known what it runs; until then nothing is cached."""
    version: str | None
    models: list[str]
    default_temperature: float | None
    """What a request without a temperature means; null when it can't be told."""
    keys: str
    """Who judges callers' keys: Keys, Upstream or None."""
    preparing: str | None = None
    """How far the download of its weights is; null when none is under way."""


class SemanticFigures(_Model):
    """The semantic level."""

    hits: int
    hit_rate: float | None
    """Answers to requests that meant the same / requests on cached routes; 0 to 1."""
    refused_candidates: dict[str, int]
    """Candidates that were near enough and not served, by the gate that refused them."""
    embedding: Latency
    """From a question to its vector, queueing included."""
    state: dict[str, int | float | str]
    """Of the embedding model and the vector store."""


class Statistics(_Model):
    """Since the process started."""

    since: float
    """Unix time in seconds."""
    now: float
    """Unix time in seconds."""
    draining: bool
    mode: str
    """Of the exact level: Serve, Observe or Off."""
    in_flight: int
    """Requests being worked on."""
    open_flights: int
    """Inferences that other requests may join."""
    requests: int
    cacheable: int
    outcomes: dict[str, int]
    details: dict[str, int]
    hit_rate: float | None
    """Answers from the cache / requests on cached routes; 0 to 1."""
    cacheable_hit_rate: float | None
    """Answers from the cache / cacheable requests; 0 to 1."""
    observed_hits: int
    with_cache: ArmLatency
    """Cacheable requests outside the holdout."""
    without_cache: ArmLatency
    """The holdout: a lower bound of the gain, since it meets an engine that the cache relieves."""
    saved: Savings
    served_age: Ages
    stored: int
    not_stored: dict[str, int]
    events: dict[str, int]
    config_version: str
    config_error: str | None
    """Why the newest configuration is not in force; null when it is."""
    restart_needed: list[str]
    """Fields that have changed and are read at the start only."""
    engine: EngineFigures
    stores: dict[str, int | str]
    semantic: SemanticFigures


@dataclass(frozen=True, slots=True)
class State:
    """How the sidecar is, beside what the account holds; names as in `Statistics`."""

    since: float
    now: float
    draining: bool
    mode: str
    in_flight: int
    open_flights: int
    config_version: str
    config_error: str | None
    restart_needed: list[str]
    engine: EngineFigures
    stores: dict[str, int | str]
    semantic: dict[str, int | float | str]


def statistics(account: Account, state: State) -> Statistics:
    """Read the account."""
    totals = account.totals
    age_p50, age_p99 = account.ages.quantile(0.5), account.ages.quantile(0.99)
    return Statistics(
        since=state.since,
        now=state.now,
        draining=state.draining,
        mode=state.mode,
        in_flight=state.in_flight,
        open_flights=state.open_flights,
        requests=totals.requests,
        cacheable=totals.cacheable,
        outcomes=dict(sorted(totals.outcomes.items())),
        details=dict(sorted(totals.details.items())),
        hit_rate=_share(totals.hits, totals.requests),
        cacheable_hit_rate=_share(totals.hits, totals.cacheable),
        observed_hits=totals.observed_hits,
        with_cache=ArmLatency.of(account.served),
        without_cache=ArmLatency.of(account.holdout),
        saved=Savings(
            requests=totals.hits,
            requests_share=_share(totals.hits, totals.requests),
            prompt_tokens=totals.saved_prompt_tokens,
            completion_tokens=totals.saved_completion_tokens,
            engine_seconds=round(totals.saved_engine_s, 3),
        ),
        served_age=Ages(
            p50_s=None if age_p50 is None else round(age_p50, 3),
            p99_s=None if age_p99 is None else round(age_p99, 3),
            stale_hits=totals.stale_hits,
        ),
        stored=totals.stored,
        not_stored=dict(sorted(totals.not_stored.items())),
        events=dict(sorted(totals.events.items())),
        config_version=state.config_version,
        config_error=state.config_error,
        restart_needed=state.restart_needed,
        engine=state.engine,
        stores=state.stores,
        semantic=SemanticFigures(
            hits=totals.semantic_hits,
            hit_rate=_share(totals.semantic_hits, totals.requests),
            refused_candidates=dict(sorted(totals.refused.items())),
            embedding=Latency.of(account.embeddings),
            state=state.semantic,
        ),
    )


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None
