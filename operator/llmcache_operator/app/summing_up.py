"""From what a pass saw to what it says."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..domain import LLMCache, Observed, Severity
from ..rendering import Rendering
from .caches import Seen
from .reconciling import Told


def summing_up(
    cache: LLMCache, rendering: Rendering, observed: Observed, seen: Seen, now: datetime
) -> Told:
    """observedGeneration, and Stalled."""
    problems = [
        problem
        for problem in (*rendering.problems, *observed.refusals)
        if problem.severity is Severity.STALLED
    ]
    value = "True" if problems else "False"
    before: dict[str, Any] = next(
        (
            condition
            for condition in (seen.status or {}).get("conditions") or ()
            if condition.get("type") == "Stalled"
        ),
        {},
    )
    since = before.get("lastTransitionTime") if before.get("status") == value else None
    return Told(
        {
            "observedGeneration": cache.generation,
            "conditions": [
                {
                    "type": "Stalled",
                    "status": value,
                    "reason": problems[0].reason if problems else "NothingInTheWay",
                    "message": "; ".join(problem.message for problem in problems),
                    "lastTransitionTime": since or now.strftime("%Y-%m-%dT%H:%M:%SZ"),
                    "observedGeneration": cache.generation,
                }
            ],
        }
    )
