"""What a sidecar answers on /admin/v1/stats, and an engine on /metrics.

Only what the operator uses is named here. docs/admin.md describes the whole.
"""

from __future__ import annotations

from typing import Final

from prometheus_client.parser import text_string_to_metric_families
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from ..domain import Counts, Reading, Role, SidecarReport
from ..domain.report import BudgetState, Judged, SemanticState, StoreState
from .targets import Target

_SILENT_S: Final = 1
_DOWN_S: Final = 5
"""The store is asked four times a second: after so long without an answer it is silent, and down."""


class _Told(BaseModel):
    """Every field may be missing; fields that we do not know are passed over."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True
    )


class ShadowTold(_Told):
    """What was asked of the engine for samples alone."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


class SavedTold(_Told):
    """What hits made unnecessary, what samples cost taken off."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    refreshed: int = 0
    shadow: ShadowTold = ShadowTold()


class RateTold(_Told):
    """One error rate."""

    model: str
    level: str
    kind: str
    samples: int = 0
    estimate: float | None = None
    lower: float = 0.0
    upper: float = 1.0
    standing: str = "Unproven"


class QualityTold(_Told):
    """How right the hits are."""

    serving: str = "Serving"
    rates: tuple[RateTold, ...] = ()


class EngineTold(_Told):
    """What is known of the engine."""

    known: bool = True
    default_temperature: float | None = None
    preparing: str | None = None


class SemanticTold(_Told):
    """The semantic level; `state` has names of its own."""

    state: dict[str, int | float | str] = {}


class StatsTold(_Told):
    """The statistics."""

    since: float
    draining: bool = False
    requests: int = 0
    outcomes: dict[str, int] = {}
    events: dict[str, int] = {}
    config_version: str
    config_error: str | None = None
    restart_needed: tuple[str, ...] = ()
    engine: EngineTold = EngineTold()
    stores: dict[str, int | float | str | None] = {}
    semantic: SemanticTold = SemanticTold()
    saved: SavedTold = SavedTold()
    quality: QualityTold = QualityTold()


def report_of(target: Target, told: StatsTold, engine: Reading | None) -> SidecarReport:
    """One report of both."""
    state, shadow = told.semantic.state, told.saved.shadow
    sidecar = Reading(
        Role.SIDECAR,
        int(told.since),
        Counts(
            requests=told.requests,
            exact_hits=told.outcomes.get("hit_exact", 0),
            semantic_hits=told.outcomes.get("hit_semantic", 0),
            # Without what samples cost these only grow.
            prompt_tokens_saved=told.saved.prompt_tokens + shadow.prompt_tokens,
            completion_tokens_saved=told.saved.completion_tokens + shadow.completion_tokens,
            # Nor did a hit save one behind which the engine was asked all the same.
            sampling_requests=shadow.requests + told.saved.refreshed,
            sampling_prompt_tokens=shadow.prompt_tokens,
            sampling_completion_tokens=shadow.completion_tokens,
        ),
    )
    threshold = state.get("threshold")
    return SidecarReport(
        pod=target.pod,
        pod_uid=target.pod_uid,
        model=target.model,
        config_version=told.config_version,
        config_error=told.config_error,
        restart_needed=told.restart_needed,
        draining=told.draining,
        engine_known=told.engine.known,
        default_temperature=told.engine.default_temperature,
        preparing=told.engine.preparing,
        exact_store=_exact_store(told),
        vector_store=_vector_store(state),
        exact_trouble=str(told.stores.get("trouble", "")),
        vector_trouble=str(state.get("vectors.trouble", "")),
        semantic=_semantic(state),
        semantic_trouble=str(state.get("embedding.trouble", "")),
        rates=tuple(
            Judged(
                rate.model,
                rate.level,
                rate.kind,
                rate.samples,
                rate.estimate,
                rate.lower,
                rate.upper,
                rate.standing,
            )
            for rate in told.quality.rates
        ),
        budget=_budget(told.quality.serving),
        threshold=threshold if isinstance(threshold, float) else None,
        readings=(sidecar,) if engine is None else (sidecar, engine),
    )


def _budget(serving: str) -> BudgetState:
    try:
        return BudgetState(serving)
    except ValueError:
        return BudgetState.SERVING


def _exact_store(told: StatsTold) -> StoreState:
    if told.stores.get("kind") != "redis":
        return StoreState.ANSWERS
    silent = told.stores.get("silentSeconds")
    if isinstance(silent, int | float):
        if silent >= _DOWN_S:
            return StoreState.DOWN
        failed = silent >= _SILENT_S or told.stores.get("trouble")
        return StoreState.SILENT if failed else StoreState.ANSWERS
    down = told.stores.get("reads") not in (None, "closed")
    return StoreState.DOWN if down else StoreState.ANSWERS


def _vector_store(state: dict[str, int | float | str]) -> StoreState:
    if "vectors.kind" not in state:
        return StoreState.OFF
    loaded = state.get("embedding.state", "ready") == "ready"
    if loaded and not state.get("vectors.open", 1) and state.get("vectors.trouble"):
        return StoreState.DOWN
    if state.get("vectors.reads", "closed") != "closed":
        return StoreState.DOWN
    return StoreState.ANSWERS


def _semantic(state: dict[str, int | float | str]) -> SemanticState:
    match state.get("embedding.state"):
        case None if not state.get("ready"):
            return SemanticState.OFF
        case "failed":
            return SemanticState.FAILED
        case "loading":
            return SemanticState.LOADING
        case _:
            return SemanticState.READY


_QUERIES: Final = "vllm:prefix_cache_queries_total"
_HITS: Final = "vllm:prefix_cache_hits_total"
_STARTED: Final = "process_start_time_seconds"
_WANTED: Final = (_QUERIES, _HITS, _STARTED)


def engine_reading(page: str, container_started: int) -> Reading | None:
    """What an engine counts; None if its page has no prefix cache on it.

    Args:
        container_started: Unix time in seconds; stands in where the page does not tell the start of
            the process (several API servers of one engine).
    """
    lines = "\n".join(line for line in page.splitlines() if line.startswith(_WANTED))
    sums = dict.fromkeys(_WANTED, 0.0)
    found = set()
    for family in text_string_to_metric_families(f"{lines}\n"):
        for sample in family.samples:
            if sample.name in sums:
                sums[sample.name] += sample.value
                found.add(sample.name)
    if not {_QUERIES, _HITS} <= found:
        return None
    started = int(sums[_STARTED]) if _STARTED in found else container_started
    counts = Counts(prefix_queries=int(sums[_QUERIES]), prefix_hits=int(sums[_HITS]))
    return Reading(Role.ENGINE, started, counts)
