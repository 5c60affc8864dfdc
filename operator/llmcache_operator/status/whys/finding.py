"""What a link of a chain gives."""

from __future__ import annotations

from dataclasses import dataclass

from ...domain import Severity


@dataclass(frozen=True)
class Finding:
    """One reason, with what it means for the resource.

    Attributes:
        reason: one CamelCase word.
        message: what is, and what to do.
    """

    reason: str
    message: str
    severity: Severity = Severity.WAITING


def stalled(reason: str, message: str) -> Finding:
    """Nothing moves until somebody does something."""
    return Finding(reason, message, Severity.STALLED)


def degraded(reason: str, message: str) -> Finding:
    """It works, but less well."""
    return Finding(reason, message, Severity.DEGRADED)
