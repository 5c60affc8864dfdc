"""What stands in the way, in words for people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .objects import ObjectKey


class Severity(StrEnum):
    """What a problem means for the resource."""

    STALLED = "Stalled"  # nothing moves until somebody changes something
    DEGRADED = "Degraded"  # it works, but less well than it was asked to
    WAITING = "Waiting"  # it will pass by itself


@dataclass(frozen=True)
class Problem:
    """One problem.

    Attributes:
        reason: one CamelCase word, as conditions and events have it (NameTaken, PodTemplateInvalid).
        message: what is, and what to do.
        model: the model that it concerns; None = all.
        object: what the API server refused, if it did.
    """

    reason: str
    message: str
    severity: Severity
    model: str | None = None
    object: ObjectKey | None = None
