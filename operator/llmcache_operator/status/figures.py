"""The KPIs in status: what the ledger's sums and the judged samples say. docs/kpis.md defines them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from llmcache_api.resource.status import CacheStatusFigures, RateStatus

from ..domain import Counts, SidecarReport
from ..domain.report import Judged
from .counting import MOST_STORED, Ledger, packed

FALSE_HIT: Final = "false_hit"
STALE: Final = "stale"


def percent(part: int, whole: int) -> str | None:
    """part / whole in percent with one decimal; None of nothing."""
    return f"{100 * part / whole:.1f}" if whole > 0 else None


def prefix_hit_rate(counts: Counts) -> str | None:
    """Prompt tokens found in the engine's prefix cache / those that it looked for."""
    return percent(counts.prefix_hits, counts.prefix_queries)


def cache_figures(ledger: Ledger, reports: Sequence[SidecarReport]) -> CacheStatusFigures | None:
    """All figures over all models; None before anything was read."""
    if not ledger.since:
        return None
    total = ledger.total
    hits = total.exact_hits + total.semantic_hits
    # Prompt tokens of samples were computed for the cache's own sake, and nobody asked for them.
    computed = max(0, total.prefix_queries - total.sampling_prompt_tokens)
    found = min(total.prefix_hits, computed)
    tokens = total.prompt_tokens_saved + total.completion_tokens_saved
    sampling = total.sampling_prompt_tokens + total.sampling_completion_tokens
    rates = judged(reports)
    text = packed(ledger)
    return CacheStatusFigures(
        since=show(ledger.since),
        requests=total.requests,
        hits=hits,
        hit_rate=percent(hits, total.requests),
        exact_hit_rate=percent(total.exact_hits, total.requests),
        semantic_hit_rate=percent(total.semantic_hits, total.requests),
        requests_saved=max(0, hits - total.sampling_requests),
        tokens_saved=max(0, tokens - sampling),
        prefix_hit_rate=prefix_hit_rate(total),
        saved_both_levels=percent(
            total.prompt_tokens_saved + found, total.prompt_tokens_saved + computed
        ),
        false_hits=rate_of([one for one in rates if one.kind == FALSE_HIT]),
        staleness=rate_of([one for one in rates if one.kind == STALE]),
        ledger=text if len(text) <= MOST_STORED else None,
    )


def show(seconds: float) -> str:
    """A Unix time as the API writes times."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def judged(reports: Sequence[SidecarReport]) -> tuple[Judged, ...]:
    """Every rate once: replicas share their samples, and the one with the most is up to date."""
    best: dict[tuple[str, str, str, str], Judged] = {}
    for report in reports:
        for one in report.rates:
            key = (report.model, one.served, one.level, one.kind)
            if key not in best or best[key].samples < one.samples:
                best[key] = one
    return tuple(best[key] for key in sorted(best))


def rate_of(rates: Sequence[Judged]) -> RateStatus | None:
    """One rate over all models and levels, each with the weight of its samples. So are the ends of
    the intervals: each of these holds with 95 %."""
    if not rates:
        return None
    known = [one for one in rates if one.samples and one.estimate is not None]
    samples = sum(one.samples for one in known)
    if not samples:
        return RateStatus(state="Unproven")

    def mean(values: Iterable[float]) -> str:
        shares = zip(values, known, strict=True)
        return f"{100 * sum(value * one.samples for value, one in shares) / samples:.1f}"

    state = standing(known)
    return RateStatus(
        # One wrong hit of one judged is no rate of 100 %, and a column would show it as one.
        percent=None if state == "Unproven" else mean(one.estimate or 0.0 for one in known),
        low=mean(one.lower for one in known),
        high=mean(one.upper for one in known),
        samples=samples,
        state=state,
    )


def standing(rates: Sequence[Judged]) -> str:
    """The worst of what the samples say; a rate without samples says nothing."""
    for state in ("Exceeded", "Undecided", "Unproven"):
        if any(one.standing == state for one in rates if one.samples):
            return state
    return "Proven" if any(one.samples for one in rates) else "Unproven"
