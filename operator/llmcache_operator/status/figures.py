"""The KPIs in status: what the ledger's sums and the judged samples say. docs/kpis.md defines them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from llmcache_api.resource.status import CacheStatusFigures, RateStatus

from ..domain import Counts, SidecarReport
from ..domain.report import Judged
from .counting import MOST_STORED, Ledger, packed


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
    saved = total.prompt_tokens_saved
    text = packed(ledger)
    return CacheStatusFigures(
        since=show(ledger.since),
        requests=total.requests,
        hits=hits,
        hit_rate=percent(hits, total.requests),
        exact_hit_rate=percent(total.exact_hits, total.requests),
        semantic_hit_rate=percent(total.semantic_hits, total.requests),
        requests_saved=max(0, hits - total.sampling_requests),
        tokens_saved=saved + total.completion_tokens_saved,
        prefix_hit_rate=prefix_hit_rate(total),
        saved_both_levels=percent(saved + total.prefix_hits, saved + total.prefix_queries),
        false_hits=_rate([one.false_hits for one in reports if one.false_hits is not None]),
        staleness=_rate([one.staleness for one in reports if one.staleness is not None]),
        ledger=text if len(text) <= MOST_STORED else None,
    )


def show(seconds: float) -> str:
    """A Unix time as the API writes times."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _rate(judged: Sequence[Judged]) -> RateStatus | None:
    """One rate over all sidecars.

    Each sidecar bounds the rate of its own samples. Of several the shares add up and the bounds do
    not, so an interval is shown where there is one sidecar with samples.
    """
    if not judged:
        return None
    proven = [one for one in judged if one.samples and one.estimate is not None]
    if not proven:
        return RateStatus(state="Unproven")
    samples = sum(one.samples for one in proven)
    share = sum((one.estimate or 0.0) * one.samples for one in proven) / samples
    alone = proven[0] if len(proven) == 1 else None
    return RateStatus(
        percent=f"{100 * share:.1f}",
        low=None if alone is None or alone.lower is None else f"{100 * alone.lower:.1f}",
        high=None if alone is None or alone.upper is None else f"{100 * alone.upper:.1f}",
        samples=samples,
        state=standing(proven),
    )


def standing(judged: Sequence[Judged]) -> str:
    """The worst of what the sidecars' samples say."""
    for state in ("Exceeded", "Undecided", "Unproven"):
        if any(one.standing == state for one in judged):
            return state
    return "Proven"
