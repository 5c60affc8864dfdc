"""What all layers speak of.

What may enter: frozen values without behaviour beyond their own (the resource as read, references to
objects, the names and labels of what we make, problems that people must hear of). It imports nothing
of ours but `llmcache_api`, and does no I/O.
"""

from .cache import LLMCache
from .labels import (
    CACHE_LABEL,
    COMPONENT_LABEL,
    FIELD_MANAGER,
    MANAGED_BY,
    MODEL_LABEL,
    RENDERER_ANNOTATION,
    Component,
)
from .objects import Manifest, ObjectKey, key_of
from .observed import Claimant, Foreign, Observed, Wanted
from .problems import Problem, Severity
from .report import Counts, Reading, Role, SidecarReport
from .telling import EventType, Telling

__all__ = [
    "CACHE_LABEL",
    "COMPONENT_LABEL",
    "FIELD_MANAGER",
    "MANAGED_BY",
    "MODEL_LABEL",
    "RENDERER_ANNOTATION",
    "Claimant",
    "Component",
    "Counts",
    "EventType",
    "Foreign",
    "LLMCache",
    "Manifest",
    "ObjectKey",
    "Observed",
    "Problem",
    "Reading",
    "Role",
    "Severity",
    "SidecarReport",
    "Telling",
    "Wanted",
    "key_of",
]
