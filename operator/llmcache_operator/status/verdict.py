"""The truth table of the conditions; docs/conditions.md is this in words, and a test holds both.

Every function looks at the same picture and gives one condition.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from llmcache_api.resource.status import ConditionStatus, ConditionType

from ..domain import Problem, Severity
from ..domain.labels import ACCEPT_ANNOTATION
from .whys import Finding

TRUE, FALSE, UNKNOWN = ConditionStatus.TRUE, ConditionStatus.FALSE, ConditionStatus.UNKNOWN

LACKS_ROOM: Final = ("InsufficientGPUs", "Unschedulable", "ClaimPending", "StorageClassMissing")
"""Reasons that make a model that serves with fewer pods a degraded one, though they may pass."""


@dataclass(frozen=True)
class ModelPicture:
    """One model.

    Attributes:
        replicas: pods that there should be; None while there is no Deployment.
        ready: pods that serve.
        why: why it is not as it should be.
        badly: what it lacks although it serves.
    """

    name: str
    replicas: int | None
    ready: int
    why: Finding | None = None
    badly: Finding | None = None


@dataclass(frozen=True)
class ConfigPicture:
    """The configuration in the sidecars.

    Attributes:
        sidecars: those that run.
        reports: how many of them have answered.
        pending: how many run another version than the one wanted.
        refused: what a sidecar says against the newest one.
        restart: fields that wait for a restart.
    """

    sidecars: int = 0
    reports: int = 0
    pending: int = 0
    refused: str = ""
    restart: tuple[str, ...] = ()


@dataclass(frozen=True)
class BudgetPicture:
    """The error budget.

    Attributes:
        measured: a sidecar has judged samples, enough or not.
        proven: all that there are speak for it.
        exceeded: what is above, in words; empty if nothing is.
        serves_less: what the semantic level does about it.
    """

    measured: bool = False
    proven: bool = False
    exceeded: str = ""
    serves_less: str = ""


@dataclass(frozen=True)
class Picture:
    """All that the conditions depend on.

    Attributes:
        problems: those that belong to no model.
        cache: why the cache does not work as asked.
        cache_off: neither level is wanted.
        cut_off: sidecars that wait for their store's answer, not long enough to call it down.
        outdated: workloads that an older renderer made.
    """

    models: tuple[ModelPicture, ...]
    problems: tuple[Problem, ...] = ()
    cache: Finding | None = None
    cache_off: bool = False
    cut_off: int = 0
    config: ConfigPicture = ConfigPicture()
    budget: BudgetPicture = BudgetPicture()
    outdated: tuple[str, ...] = ()
    newest: str = ""
    name: str = ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that is not as it should be, the cache's own first."""
        own = (Finding(one.reason, one.message, one.severity) for one in self.problems)
        models = (one for model in self.models for one in (model.why, model.badly) if one)
        cache = (self.cache,) if self.cache is not None else ()
        return (*own, *models, *cache)


@dataclass(frozen=True)
class Verdict:
    """One condition, without its times."""

    type: ConditionType
    status: ConditionStatus
    reason: str
    message: str


def ready(it: Picture) -> Verdict:
    """Every model has a ready endpoint."""
    serving = sum(1 for model in it.models if model.ready)
    waiting = [model for model in it.models if not model.ready]
    if not waiting:
        return Verdict(
            ConditionType.READY,
            TRUE,
            "EveryModelServes",
            f"{serving} of {len(it.models)} models serve",
        )
    whys = [model.why or Finding("PodsComing", f"model {model.name}: no pod serves yet")
            for model in waiting]  # fmt: skip
    # What nobody will mend by itself is said first.
    whys.sort(key=lambda why: why.severity is not Severity.STALLED)
    head = "" if len(it.models) == 1 else f"{serving} of {len(it.models)} models serve. "
    return Verdict(ConditionType.READY, FALSE, whys[0].reason, head + _joined(whys))


def engine_ready(it: Picture) -> Verdict:
    """Every model has all the pods that it should have."""
    short = [model for model in it.models if model.replicas is None or model.ready < model.replicas]
    if not short:
        pods = sum(model.ready for model in it.models)
        return Verdict(ConditionType.ENGINE_READY, TRUE, "AllPodsReady", f"{pods} pods, all ready")
    why = short[0].why or Finding("PodsComing", "")
    counts = ", ".join(
        f"{model.name} {model.ready}/{'?' if model.replicas is None else model.replicas}"
        for model in short
    )
    # Where a model has no pod at all, Ready says why.
    said = all(model.ready for model in it.models)
    text = f"ready pods: {counts}. {why.message if said else 'Condition Ready says why'}"
    return Verdict(ConditionType.ENGINE_READY, FALSE, why.reason, text)


def cache_ready(it: Picture) -> Verdict:
    """The stores answer, and the semantic level can look up."""
    kind = ConditionType.CACHE_READY
    if it.cache is not None:
        return Verdict(kind, FALSE, it.cache.reason, it.cache.message)
    if it.cache_off:
        return Verdict(kind, TRUE, "CacheOff", "both levels are off, as the spec says")
    if not it.config.reports:
        return Verdict(kind, UNKNOWN, "NoReports", "no sidecar has said yet how its stores answer")
    if it.cut_off:
        return Verdict(
            kind,
            UNKNOWN,
            "StoreSilent",
            f"{it.cut_off} of {it.config.reports} sidecars wait for an answer of Redis; the operator "
            "asks them again within seconds",
        )
    return Verdict(kind, TRUE, "StoresAnswer", "the stores answer every sidecar")


def config_applied(it: Picture) -> Verdict:
    """Every sidecar runs the configuration of this generation."""
    kind, config = ConditionType.CONFIG_APPLIED, it.config
    if config.refused:
        return Verdict(
            kind, FALSE, "ConfigRefused", f"the last good configuration stays: {config.refused}"
        )
    if config.restart:
        return Verdict(
            kind,
            FALSE,
            "RestartNeeded",
            f"{', '.join(config.restart)} take effect when the pods are replaced, which is on its way",
        )
    if config.pending:
        return Verdict(
            kind,
            FALSE,
            "ConfigPending",
            f"{config.pending} of {config.reports} sidecars still run an earlier configuration; the "
            "kubelet brings the new one within two minutes",
        )
    if not config.sidecars:
        return Verdict(kind, UNKNOWN, "NoSidecars", "no sidecar runs yet")
    if config.reports < config.sidecars:
        return Verdict(
            kind,
            UNKNOWN,
            "SidecarsSilent",
            f"{config.sidecars - config.reports} of {config.sidecars} sidecars do not answer the "
            "operator on port 8081; a NetworkPolicy or a restart is the usual reason",
        )
    return Verdict(
        kind, TRUE, "EverySidecar", f"{config.sidecars} sidecars run the configuration of the spec"
    )


def progressing(it: Picture) -> Verdict:
    """Something is on its way."""
    kind = ConditionType.PROGRESSING
    for one in it.findings:
        if one.severity is Severity.WAITING and one.reason != "ScaledToZero":
            said = any(one is model.why and not model.ready for model in it.models)
            text = "condition Ready says what is waited for" if said else one.message
            return Verdict(kind, TRUE, one.reason, text)
    if it.config.pending or it.config.restart:
        applied = config_applied(it)
        return Verdict(kind, TRUE, applied.reason, applied.message)
    stuck = stalled(it)
    if stuck.status is TRUE:
        return Verdict(kind, FALSE, stuck.reason, "nothing moves; condition Stalled says why")
    return Verdict(kind, FALSE, "Settled", "everything is as the spec says, as far as it can be")


def stalled(it: Picture) -> Verdict:
    """Nothing will move until somebody changes something."""
    kind = ConditionType.STALLED
    found = [one for one in it.findings if one.severity is Severity.STALLED]
    if not found:
        return Verdict(kind, FALSE, "NothingInTheWay", "")
    return Verdict(kind, TRUE, found[0].reason, _joined(found))


def degraded(it: Picture) -> Verdict:
    """It serves, but less well than it was asked to."""
    kind = ConditionType.DEGRADED
    found = [one for one in it.findings if one.severity is Severity.DEGRADED]
    found += [
        model.why
        for model in it.models
        if model.ready
        and model.why is not None
        and (model.why.severity is Severity.STALLED or model.why.reason in LACKS_ROOM)
    ]
    if it.config.refused:
        found.append(Finding("ConfigRefused", config_applied(it).message))
    if it.budget.serves_less:
        found.append(Finding("BudgetExceeded", it.budget.serves_less))
    if not found:
        return Verdict(kind, FALSE, "AsAskedFor", "")
    return Verdict(kind, TRUE, found[0].reason, _joined(found))


def update_available(it: Picture) -> Verdict:
    """A newer rendering waits to be accepted."""
    kind = ConditionType.UPDATE_AVAILABLE
    if not it.outdated:
        return Verdict(kind, FALSE, "UpToDate", "")
    return Verdict(
        kind,
        TRUE,
        "NewerRendering",
        f"{', '.join(it.outdated)} were made by an older rendering than {it.newest}. To accept the "
        f"newer one, which replaces their pods as their rollout says: kubectl annotate --overwrite "
        f"llmc {it.name} {ACCEPT_ANNOTATION}={it.newest} (or MODEL={it.newest} for one of them)",
    )


def budget_exceeded(it: Picture) -> Verdict:
    """Wrong or stale answers above the budget."""
    kind, budget = ConditionType.BUDGET_EXCEEDED, it.budget
    if budget.exceeded or budget.serves_less:
        text = ". ".join(part for part in (budget.exceeded, budget.serves_less) if part)
        return Verdict(kind, TRUE, "AboveBudget", text)
    if not budget.measured:
        return Verdict(kind, UNKNOWN, "NotMeasured", "no sample of a hit has been judged yet")
    if budget.proven:
        return Verdict(kind, FALSE, "WithinBudget", "the judged samples are within the budget")
    return Verdict(
        kind,
        FALSE,
        "Unproven",
        "the judged samples are too few to say more; nothing speaks against it",
    )


TABLE: Final[tuple[Callable[[Picture], Verdict], ...]] = (
    ready,
    engine_ready,
    cache_ready,
    config_applied,
    progressing,
    stalled,
    degraded,
    update_available,
    budget_exceeded,
)


def judge(it: Picture) -> tuple[Verdict, ...]:
    """All conditions, in the order in which status shows them."""
    return tuple(row(it) for row in TABLE)


def _joined(findings: Sequence[Finding]) -> str:
    """All messages, each once."""
    return "; ".join(dict.fromkeys(one.message for one in findings))
