"""The door: what was seen and heard becomes the status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from llmcache_api.modes import CacheMode
from llmcache_api.resource.spec import ModelSection
from llmcache_api.resource.status import (
    Condition,
    LLMCacheStatus,
    ModelStatus,
    ResolvedStatus,
)

from ..domain import LLMCache, Observed, Problem, Severity, SidecarReport, Telling
from ..domain.report import BudgetState, StoreState
from ..rendering import RenderedModel, Rendering
from ..rendering.pinning import stores_wanted
from .counting import Ledger, unpacked
from .figures import FALSE_HIT, STALE, cache_figures, judged, prefix_hit_rate, show, standing
from .seeing import Sight, look
from .telling import tellings
from .verdict import (
    BudgetPicture,
    ConfigPicture,
    ModelPicture,
    Picture,
    Verdict,
    judge,
)
from .whys import Situation, why_cache_is_not_ready, why_model_is_not_ready
from .whys.engines import SIDECAR, why_model_serves_badly

_LONGEST_MESSAGE = 4096
_LONGEST_ROW = 1024
_LONGEST_RENDERER = 32


@dataclass(frozen=True)
class Summary:
    """What a pass has to say.

    Attributes:
        ledger: all sums, to be passed in at the next pass.
    """

    status: LLMCacheStatus
    events: tuple[Telling, ...]
    ledger: Ledger


def summarize(
    cache: LLMCache,
    rendering: Rendering,
    observed: Observed,
    reports: Sequence[SidecarReport],
    previous: LLMCacheStatus | None,
    now: datetime,
    ledger: Ledger | None = None,
) -> Summary:
    """The status of `cache`.

    Args:
        reports: what the sidecars said last; those that do not answer are missing.
        previous: the status as it is stored (`previous_of`).
        now: for the conditions' lastTransitionTime; nothing else depends on it.
        ledger: of the pass before; None = the one that `previous` holds.
    """
    sight = look(observed)
    living = frozenset(pod.uid for pod in sight.pods)
    heard = {one.pod_uid: one for one in reports if one.pod_uid in living}
    if ledger is None:
        stored = previous.cache if previous is not None else None
        ledger = unpacked(stored.ledger if stored is not None else None)
    names = frozenset(model.name for model in cache.spec.models)
    every_pod = frozenset(str(pod["metadata"].get("uid")) for pod in observed.pods)
    ledger = ledger.read(heard.values()).without(every_pod, names)

    picture = _picture(cache, rendering, observed, sight, heard, now)
    verdicts = judge(picture)
    status = LLMCacheStatus(
        observed_generation=cache.generation,
        conditions=tuple(_condition(one, cache, previous, now) for one in verdicts),
        models=tuple(
            _row(cache, section, rendering, sight, ledger, picture) for section in cache.spec.models
        ),
        models_ready=f"{sum(1 for one in picture.models if one.ready)}/{len(picture.models)}",
        cache=cache_figures(ledger, list(heard.values())),
        resolved=_resolved(rendering.resolved, list(heard.values())),
    )
    return Summary(status, tellings(picture, verdicts, sight, previous), ledger)


def previous_of(stored: Any) -> LLMCacheStatus | None:
    """A status as it is stored, by whomever: sections that can't be read are left out."""
    if not isinstance(stored, Mapping) or not stored:
        return None
    kept = {}
    for name, value in stored.items():
        try:
            LLMCacheStatus.model_validate({name: value})
        except ValidationError:
            continue
        kept[name] = value
    return LLMCacheStatus.model_validate(kept)


def _picture(
    cache: LLMCache,
    rendering: Rendering,
    observed: Observed,
    sight: Sight,
    heard: Mapping[str, SidecarReport],
    now: datetime,
) -> Picture:
    problems = (*rendering.problems, *observed.refusals)
    reports = list(heard.values())
    return Picture(
        models=tuple(
            _model(cache, section, problems, sight, heard, now) for section in cache.spec.models
        ),
        problems=tuple(one for one in problems if one.model is None),
        cache=None
        if (off := _is_off(cache))
        else why_cache_is_not_ready(stores_wanted(cache), sight, reports),
        cache_off=off,
        cut_off=sum(one.exact_store is StoreState.SILENT for one in reports),
        config=_config(rendering.models, sight, heard),
        budget=_budget(reports),
        outdated=rendering.outdated,
        newest=rendering.newest,
        name=cache.name,
    )


def _model(
    cache: LLMCache,
    section: ModelSection,
    problems: tuple[Problem, ...],
    sight: Sight,
    heard: Mapping[str, SidecarReport],
    now: datetime,
) -> ModelPicture:
    workload, pods = sight.deployments.get(section.name), sight.pods_of(section.name)
    # What stands in the way of everything stands in the way of a model that is not there yet.
    concerns = tuple(
        one
        for one in problems
        if one.model == section.name
        or (one.model is None and workload is None and one.severity is Severity.STALLED)
    )
    situation = Situation(
        name=section.name,
        namespace=cache.namespace,
        engine=section.engine is not None,
        problems=concerns,
        workload=workload,
        pods=pods,
        claims=tuple(one for one in sight.claims if one.model == section.name),
        absent=sight.absent,
        reports=heard,
        now=now,
    )
    return ModelPicture(
        name=section.name,
        replicas=None if workload is None else workload.replicas,
        ready=sum(1 for pod in pods if pod.ready),
        why=why_model_is_not_ready(situation),
        badly=why_model_serves_badly(situation),
    )


def _is_off(cache: LLMCache) -> bool:
    section = cache.spec.response_cache
    if section is None or section.exact is None or section.semantic is None:
        return False
    return section.exact.mode is CacheMode.OFF and section.semantic.mode is CacheMode.OFF


def _config(
    models: tuple[RenderedModel, ...], sight: Sight, heard: Mapping[str, SidecarReport]
) -> ConfigPicture:
    wanted = {model.name: model.config_version for model in models}
    picture = ConfigPicture()
    for pod in sight.pods:
        container = pod.container(SIDECAR)
        version = wanted.get(pod.model or "")
        if container is None or not container.running or version is None:
            continue
        report = heard.get(pod.uid)
        picture = replace(picture, sidecars=picture.sidecars + 1)
        if report is None:
            continue
        picture = replace(
            picture,
            reports=picture.reports + 1,
            pending=picture.pending + (report.config_version != version),
            refused=picture.refused
            or (f"sidecar of pod {pod.name}: {report.config_error}" if report.config_error else ""),
            restart=tuple(sorted({*picture.restart, *report.restart_needed})),
        )
    return picture


def _budget(reports: Sequence[SidecarReport]) -> BudgetPicture:
    rates = judged(reports)
    names = {FALSE_HIT: "false hits", STALE: "stale answers"}
    above = [
        f"{names.get(one.kind, one.kind)} of {one.served} ({one.level}) are above the budget "
        f"({100 * (one.estimate or 0):.1f} % of {one.samples} samples)"
        for one in rates
        if one.standing == "Exceeded"
    ]
    less = [one for one in reports if one.budget is not BudgetState.SERVING]
    observing = sum(1 for one in less if one.budget is BudgetState.OBSERVING)
    text = ""
    if less:
        text = (
            f"the semantic level of {len(less)} of {len(reports)} sidecars serves less than it was "
            f"asked to ({len(less) - observing} are tightened, {observing} only observe); it comes "
            "back by itself when the samples allow it. docs/trust.md says what helps"
        )
    return BudgetPicture(
        measured=any(one.samples for one in rates),
        proven=standing(rates) == "Proven",
        exceeded="; ".join(above),
        serves_less=text,
    )


def _condition(
    verdict: Verdict, cache: LLMCache, previous: LLMCacheStatus | None, now: datetime
) -> Condition:
    before = next(
        (one for one in (previous.conditions if previous else ()) if one.type == verdict.type),
        None,
    )
    same = before is not None and before.status is verdict.status
    return Condition(
        type=verdict.type,
        status=verdict.status,
        reason=verdict.reason[:128],
        message=_cut(verdict.message, _LONGEST_MESSAGE),
        last_transition_time=before.last_transition_time
        if before is not None and same
        else show(now.timestamp()),
        observed_generation=cache.generation,
    )


def _row(
    cache: LLMCache,
    section: ModelSection,
    rendering: Rendering,
    sight: Sight,
    ledger: Ledger,
    picture: Picture,
) -> ModelStatus:
    name = section.name
    model = next(one for one in picture.models if one.name == name)
    rendered = next((one for one in rendering.models if one.name == name), None)
    workload = sight.deployments.get(name)
    why = model.why or model.badly
    counts = ledger.models.get(name)
    wished = rendered.replicas if rendered is not None else None
    return ModelStatus(
        name=name,
        url=rendered.url if rendered is not None else "",
        replicas=workload.replicas if workload is not None else wished or 0,
        ready=model.ready,
        reason="" if why is None else why.reason[:128],
        message="" if why is None else _cut(why.message, _LONGEST_ROW),
        prefix_hit_rate=None if counts is None else prefix_hit_rate(counts),
        renderer=_cut(workload.renderer, _LONGEST_RENDERER)
        if workload is not None and workload.renderer is not None
        else None,
    )


def _resolved(resolved: ResolvedStatus, reports: Sequence[SidecarReport]) -> ResolvedStatus:
    """With what only the sidecars can know."""
    thresholds = sorted({f"{one.threshold:.3f}" for one in reports if one.threshold is not None})
    temperatures: dict[str, set[float]] = {}
    for one in reports:
        if one.default_temperature is not None:
            temperatures.setdefault(one.model, set()).add(one.default_temperature)
    return resolved.model_copy(
        update={
            "threshold": " to ".join(dict.fromkeys((thresholds[0], thresholds[-1])))
            if thresholds
            else None,
            "models": tuple(
                model
                if model.default_temperature is not None or model.name not in temperatures
                else model.model_copy(
                    update={
                        "default_temperature": " or ".join(
                            f"{one:g}" for one in sorted(temperatures[model.name])
                        )[:32]
                    }
                )
                for model in resolved.models
            ),
        }
    )


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 3]}..."
