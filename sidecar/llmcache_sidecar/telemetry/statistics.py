"""The statistics that people and the operator read: the KPIs, each as it is defined in docs/kpis.md."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from ..quality.budget import Serving
from ..quality.measured import Measured
from .account import Account, Arm, Totals
from .quantiles import Quantiles


class _Model(BaseModel):
    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, use_attribute_docstrings=True
    )


class Latency(_Model):
    """Milliseconds; null when nothing was measured."""

    samples: int
    p50_ms: float | None
    p50_interval_ms: tuple[float, float] | None
    """Holds the true p50 with 95 %; null where there are too few samples to tell."""
    p99_ms: float | None
    p99_interval_ms: tuple[float, float] | None
    """Holds the true p99 with 95 %."""

    @classmethod
    def of(cls, quantiles: Quantiles) -> Latency:
        """Read p50 and p99."""
        return cls(
            samples=quantiles.count,
            p50_ms=_ms(quantiles.quantile(0.5)),
            p50_interval_ms=_both_ms(quantiles.interval(0.5)),
            p99_ms=_ms(quantiles.quantile(0.99)),
            p99_interval_ms=_both_ms(quantiles.interval(0.99)),
        )


class LatencyGain(_Model):
    """By how much the cache is faster, in milliseconds: without it less with it."""

    p50_ms: float | None
    p50_interval_ms: tuple[float, float] | None
    """From the ends of both intervals, so that it holds the true gain with 90 % at least."""
    p99_ms: float | None
    p99_interval_ms: tuple[float, float] | None
    """The same for p99."""

    @classmethod
    def of(cls, without: Latency, with_cache: Latency) -> LatencyGain:
        """Compare two groups."""
        return cls(
            p50_ms=_less(without.p50_ms, with_cache.p50_ms),
            p50_interval_ms=_apart(without.p50_interval_ms, with_cache.p50_interval_ms),
            p99_ms=_less(without.p99_ms, with_cache.p99_ms),
            p99_interval_ms=_apart(without.p99_interval_ms, with_cache.p99_interval_ms),
        )


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)


def _both_ms(seconds: tuple[float, float] | None) -> tuple[float, float] | None:
    return None if seconds is None else (round(seconds[0] * 1000, 3), round(seconds[1] * 1000, 3))


def _less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else round(one - other, 3)


def _apart(
    one: tuple[float, float] | None, other: tuple[float, float] | None
) -> tuple[float, float] | None:
    if one is None or other is None:
        return None
    return round(one[0] - other[1], 3), round(one[1] - other[0], 3)


class ArmLatency(_Model):
    """First byte and whole answer of one group of requests."""

    first_byte: Latency
    total: Latency

    @classmethod
    def of(cls, arm: Arm) -> ArmLatency:
        """Read both."""
        return cls(first_byte=Latency.of(arm.first_byte), total=Latency.of(arm.total))


class ShadowFigures(_Model):
    """What was asked of the engine for samples alone."""

    requests: int
    prompt_tokens: int
    completion_tokens: int
    engine_seconds: float


class RateFigures(_Model):
    """One error rate of one model, from judged samples; shares are 0 to 1."""

    model: str
    level: str
    """exact or semantic."""
    kind: str
    """false_hit: the answer of another question. stale: the question has another answer by now."""
    samples: int
    """Those that came to a conclusion."""
    inconclusive: int
    """Those that did not: the engine does not answer twice alike, or nobody can tell."""
    estimate: float | None
    lower: float
    upper: float
    """The true rate lies between the two with 95 %, however often one looks."""
    allowed: float
    """The error budget."""
    standing: str
    """Unproven (too few samples), Undecided, Proven (all of the interval is allowed) or Exceeded."""
    serving: str
    """What the semantic level may do by this rate: Serving, Tightened or Observing."""
    state: str
    """`serving` where that is not Serving, else `standing`."""
    since: float
    """Unix time in seconds at which the present term of samples began; 0 = with the first one."""

    @classmethod
    def of(cls, one: Measured) -> RateFigures:
        """Show `one`."""
        rate = one.rate
        return cls(
            model=one.model,
            level=one.level.value,
            kind=one.kind.value,
            samples=rate.samples,
            inconclusive=one.inconclusive,
            estimate=None if rate.estimate is None else round(rate.estimate, 6),
            lower=round(rate.lower, 6),
            upper=round(rate.upper, 6),
            allowed=one.allowed,
            standing=one.standing.value,
            serving=one.serving.value,
            state=one.state,
            since=round(one.since, 3),
        )


class QualityFigures(_Model):
    """How right the hits are."""

    serving: str
    """The least of what the error budgets of all models allow the semantic level."""
    rates: list[RateFigures]
    verdicts: dict[str, int]
    """Judged samples since the start, by verdict."""
    samples_waiting: int
    withheld_hits: int
    """Requests that would have been hits, had the error budget let them."""


class Gain(_Model):
    """First byte and whole answer: `without_cache` less `with_cache`. A lower bound."""

    first_byte: LatencyGain
    total: LatencyGain

    @classmethod
    def of(cls, without: ArmLatency, with_cache: ArmLatency) -> Gain:
        """Compare both."""
        return cls(
            first_byte=LatencyGain.of(without.first_byte, with_cache.first_byte),
            total=LatencyGain.of(without.total, with_cache.total),
        )


class Savings(_Model):
    """What hits made unnecessary, what samples cost (`shadow`) and stale hits that were refreshed taken
    off."""

    requests: int
    requests_share: float | None
    """Of all requests on cached routes; 0 to 1."""
    prompt_tokens: int
    completion_tokens: int
    engine_seconds: float
    refreshed: int
    """Stale hits behind which the engine was asked for a fresh answer: they saved nothing but time."""
    shadow: ShadowFigures


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
    latency_gain: Gain
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
    quality: QualityFigures


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
    rates: tuple[Measured, ...]
    samples_waiting: int


def statistics(account: Account, state: State) -> Statistics:
    """Read the account."""
    totals = account.totals
    shadow = totals.shadow
    with_cache, without_cache = ArmLatency.of(account.served), ArmLatency.of(account.holdout)
    saved_requests = totals.hits - totals.refreshed_hits - shadow.requests
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
        with_cache=with_cache,
        without_cache=without_cache,
        latency_gain=Gain.of(without_cache, with_cache),
        saved=Savings(
            requests=saved_requests,
            requests_share=_share(saved_requests, totals.requests),
            prompt_tokens=totals.saved_prompt_tokens - shadow.prompt_tokens,
            completion_tokens=totals.saved_completion_tokens - shadow.completion_tokens,
            engine_seconds=round(totals.saved_engine_s - shadow.engine_s, 3),
            refreshed=totals.refreshed_hits,
            shadow=ShadowFigures(
                requests=shadow.requests,
                prompt_tokens=shadow.prompt_tokens,
                completion_tokens=shadow.completion_tokens,
                engine_seconds=round(shadow.engine_s, 3),
            ),
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
        quality=_quality(totals, state),
    )


def _quality(totals: Totals, state: State) -> QualityFigures:
    verdicts: dict[str, int] = {}
    for (*_, verdict), number in totals.verdicts.items():
        verdicts[verdict] = verdicts.get(verdict, 0) + number
    found = {one.serving for one in state.rates}
    worst = next(
        (one for one in (Serving.OBSERVING, Serving.TIGHTENED) if one in found), Serving.SERVING
    )
    return QualityFigures(
        serving=worst.value,
        rates=[RateFigures.of(one) for one in state.rates],
        verdicts=dict(sorted(verdicts.items())),
        samples_waiting=state.samples_waiting,
        withheld_hits=totals.withheld_hits,
    )


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None
