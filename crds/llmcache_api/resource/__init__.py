"""The LLMCache resource (llmcache.dev/v1alpha1): what people apply, and what they read back.

What may enter: pydantic models of spec and status, the rules that hold between fields (each a CEL
expression with its message, beside the fields it speaks of), and the structural schema generated
from them. A section that means the same in the sidecar's configuration is that very class.

Three habits keep the resource easy to change:

- No field has a default in the schema. An unset field means "what the renderer that made the
  workload says"; `status.resolved` shows it, and the field's text names today's value. So a new
  default never rolls a pod, and an unset `replicas` stays an autoscaler's.
- Switching off is a value (`mode: Off`), never an omission.
- Every list, map and text is bounded, so that the API server can afford the rules.
"""

from .cache import (
    AuthSpec,
    EmbeddingSpec,
    KeysFrom,
    ModelSource,
    ResponseCacheSpec,
    SemanticSpec,
)
from .endpoint import EndpointSection
from .engine import OWNED_FLAGS, EngineSection, OnOff
from .spec import LLMCacheSpec, ModelSection
from .status import (
    Condition,
    ConditionStatus,
    ConditionType,
    LLMCacheStatus,
    ModelStatus,
)
from .stores import StoresSpec

GROUP = "llmcache.dev"
VERSION = "v1alpha1"
KIND = "LLMCache"
PLURAL = "llmcaches"
SINGULAR = "llmcache"
SHORT_NAME = "llmc"

__all__ = [
    "GROUP",
    "KIND",
    "OWNED_FLAGS",
    "PLURAL",
    "SHORT_NAME",
    "SINGULAR",
    "VERSION",
    "AuthSpec",
    "Condition",
    "ConditionStatus",
    "ConditionType",
    "EmbeddingSpec",
    "EndpointSection",
    "EngineSection",
    "KeysFrom",
    "LLMCacheSpec",
    "LLMCacheStatus",
    "ModelSection",
    "ModelSource",
    "ModelStatus",
    "OnOff",
    "ResponseCacheSpec",
    "SemanticSpec",
    "StoresSpec",
]
