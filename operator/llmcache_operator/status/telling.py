"""Which Events tell of a change from one status to the next.

An Event is told when a reason appears, not while it stays: messages name pods and counts, and would
make a new Event at every restart of a crashing one. Reasons that every start goes through in seconds
are not told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from llmcache_api.resource.status import (
    Condition,
    ConditionStatus,
    ConditionType,
    LLMCacheStatus,
    ModelStatus,
)

from ..domain import EventType, Problem, Severity, Telling
from .seeing import Sight
from .verdict import LACKS_ROOM, Picture, Verdict

_QUIET: Final = ("Creating", "PodPending", "PodStarting", "PodsComing", "NotAnswering")

_LOUD: Final = (*LACKS_ROOM, "NotAnswering")
"""Reasons that may pass by themselves, and are worth a warning all the same."""


def tellings(
    picture: Picture, verdicts: Sequence[Verdict], sight: Sight, previous: LLMCacheStatus | None
) -> tuple[Telling, ...]:
    """The Events, in the order in which people should read them."""
    rows = {row.name: row for row in previous.models} if previous is not None else {}
    before = {one.type: one for one in previous.conditions} if previous is not None else {}
    return (
        *_problems(picture.problems, before),
        *_models(picture, rows),
        *_interruptions(picture, sight, rows),
        *_conditions(verdicts, before),
    )


def _problems(problems: Sequence[Problem], before: dict[str, Condition]) -> Iterator[Telling]:
    known = {one.reason for one in before.values()}
    for problem in problems:
        if problem.severity is not Severity.WAITING and problem.reason not in known:
            yield Telling(EventType.WARNING, problem.reason, problem.message)


def _models(picture: Picture, rows: dict[str, ModelStatus]) -> Iterator[Telling]:
    for model in picture.models:
        row, why = rows.get(model.name), model.why or model.badly
        if why is None or why.reason in _QUIET or (row is not None and row.reason == why.reason):
            continue
        warns = why.severity is not Severity.WAITING or why.reason in _LOUD
        yield Telling(EventType.WARNING if warns else EventType.NORMAL, why.reason, why.message)


def _interruptions(
    picture: Picture, sight: Sight, rows: dict[str, ModelStatus]
) -> Iterator[Telling]:
    """A rollout of a single pod that has to go before the new one comes."""
    for model in picture.models:
        workload, row = sight.deployments.get(model.name), rows.get(model.name)
        if workload is None or row is None or workload.max_surge or workload.current:
            continue
        if workload.replicas == row.replicas == 1 and row.ready:
            yield Telling(
                EventType.WARNING,
                "RolloutInterrupts",
                f"model {model.name} has one pod, and maxSurge 0: it is replaced now, and nobody "
                "serves the model until the new one has loaded. With a spare GPU, rollout.maxSurge 1 "
                "avoids that",
            )


_TOLD_TRUE: Final = {
    ConditionType.READY: (EventType.NORMAL, "Ready"),
    ConditionType.CACHE_READY: (EventType.NORMAL, "CacheReady"),
    ConditionType.CONFIG_APPLIED: (EventType.NORMAL, "ConfigApplied"),
    ConditionType.UPDATE_AVAILABLE: (EventType.NORMAL, "UpdateAvailable"),
    ConditionType.BUDGET_EXCEEDED: (EventType.WARNING, "BudgetExceeded"),
}


def _conditions(verdicts: Sequence[Verdict], before: dict[str, Condition]) -> Iterator[Telling]:
    for verdict in verdicts:
        old = before.get(verdict.type)
        turned = old is None or old.status is not verdict.status
        another = old is None or old.reason != verdict.reason
        match verdict.type, verdict.status:
            case kind, ConditionStatus.TRUE if turned and kind in _TOLD_TRUE:
                type_, reason = _TOLD_TRUE[kind]
                yield Telling(type_, reason, verdict.message)
            case ConditionType.CONFIG_APPLIED, ConditionStatus.FALSE:
                if another and verdict.reason == "ConfigRefused":
                    yield Telling(EventType.WARNING, verdict.reason, verdict.message)
            case ConditionType.CACHE_READY, ConditionStatus.FALSE if another:
                if not verdict.reason.endswith(("Loading", "Starting")):
                    yield Telling(EventType.WARNING, verdict.reason, verdict.message)
            case ConditionType.BUDGET_EXCEEDED, ConditionStatus.FALSE:
                if old is not None and old.status is ConditionStatus.TRUE:
                    yield Telling(EventType.NORMAL, "BudgetKept", verdict.message)
            case _:
                pass
