"""The status of a resource whose stored spec this operator can't read: another schema wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from ..domain import Problem, Severity

MOST = 5
"""So many errors are told; more are counted."""


def problem_of(error: ValidationError) -> Problem:
    """What is wrong, where, and what to do."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    told = "; ".join(
        f"spec.{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in found[:MOST]
    )
    more = f" (and {len(found) - MOST} more)" if len(found) > MOST else ""
    return Problem(
        "InvalidSpec",
        f"This operator can't read the spec, which was stored under another schema: {told}{more}. "
        "What runs stays as it is. Correct these fields",
        Severity.STALLED,
    )


def stalled_status(before: Any, problem: Problem, generation: int, now: datetime) -> dict[str, Any]:
    """The status as it was, with Stalled and Ready saying so."""
    status: dict[str, Any] = dict(before) if isinstance(before, Mapping) else {}
    kept = {
        condition["type"]: condition
        for condition in status.get("conditions") or ()
        if isinstance(condition, Mapping) and "type" in condition
    }
    for kind, value in (("Ready", "Unknown"), ("Stalled", "True")):
        old = kept.get(kind, {})
        since = old.get("lastTransitionTime") if old.get("status") == value else None
        kept[kind] = {
            "type": kind,
            "status": value,
            "reason": problem.reason,
            "message": problem.message,
            "lastTransitionTime": since or now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "observedGeneration": generation,
        }
    return {**status, "observedGeneration": generation, "conditions": list(kept.values())}
