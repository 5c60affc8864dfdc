"""What is told as a Kubernetes Event."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class EventType(StrEnum):
    """Kubernetes' two types."""

    NORMAL = "Normal"
    WARNING = "Warning"


@dataclass(frozen=True)
class Telling:
    """One thing that happened to a resource."""

    type: EventType
    reason: str
    message: str
