"""Laying the resource's overlay over a template, with words for what is wrong with it."""

from __future__ import annotations

from typing import Any

from ...domain import Problem, Severity
from .invariants import broken
from .merging import MergeError, merge

REASON = "PodTemplateInvalid"
_SHOWN = 5


def lay_over(
    template: dict[str, Any], overlay: dict[str, Any] | None, model: str
) -> tuple[dict[str, Any], Problem | None]:
    """The template that results, or the one of before and why the overlay can't be used."""
    if not overlay:
        return template, None
    try:
        merged = merge(template, overlay)
    except MergeError as error:
        return template, _problem(model, [str(error)])
    found = broken(template, merged)
    return (template, _problem(model, found)) if found else (merged, None)


def _problem(model: str, found: list[str]) -> Problem:
    shown = "; ".join(sorted(set(found))[:_SHOWN])
    more = len(set(found)) - _SHOWN
    text = f"model {model}: podTemplate can't be used: {shown}"
    if more > 0:
        text += f"; and {more} more"
    return Problem(REASON, f"{text}. What runs stays as it is", Severity.STALLED, model)
