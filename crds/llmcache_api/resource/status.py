"""The status of an LLMCache: conditions, a row for each model, the cache's figures."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from ..base import Section
from ..rules import list_map


class ConditionType(StrEnum):
    """What the conditions speak of; docs/conditions.md has their truth table."""

    READY = "Ready"  # every model has at least one ready endpoint
    ENGINE_READY = "EngineReady"  # every engine has all the pods it should have
    CACHE_READY = "CacheReady"  # the stores answer, and the semantic level can look up
    CONFIG_APPLIED = "ConfigApplied"  # every sidecar runs the configuration of this generation
    PROGRESSING = "Progressing"  # something is on its way
    STALLED = "Stalled"  # nothing will move until somebody changes something
    DEGRADED = "Degraded"  # it serves, but less well than it was asked to
    UPDATE_AVAILABLE = "UpdateAvailable"  # a newer rendering waits to be accepted
    BUDGET_EXCEEDED = "BudgetExceeded"  # wrong or stale answers above the budget


class ConditionStatus(StrEnum):
    """Kubernetes' three values."""

    TRUE = "True"
    FALSE = "False"
    UNKNOWN = "Unknown"


class Condition(Section):
    """One condition, as Kubernetes has them."""

    type: Annotated[str, Field(max_length=64)]
    """What it speaks of."""
    status: ConditionStatus
    """True, False or Unknown."""
    reason: Annotated[str, Field(max_length=128)]
    """One word for machines."""
    message: Annotated[str, Field(max_length=4096)] = ""
    """Sentences for people: what is, and what to do."""
    last_transition_time: Annotated[str, Field(max_length=32)]
    """When `status` last changed."""
    observed_generation: int | None = None
    """The generation it was computed from."""


class ModelStatus(Section):
    """One model as it stands."""

    name: Annotated[str, Field(max_length=64)]
    """The model's name in the spec."""
    url: Annotated[str, Field(max_length=512)]
    """Where clients inside the cluster reach it."""
    replicas: int = 0
    """Pods that there should be."""
    ready: int = 0
    """Pods that serve."""
    reason: Annotated[str, Field(max_length=128)] = ""
    """Why not all of them serve."""
    message: Annotated[str, Field(max_length=1024)] = ""
    """The same for people."""
    prefix_hit_rate: Annotated[str, Field(max_length=16)] | None = None
    """Prompt tokens found in the engine's prefix cache / prompt tokens asked of it."""
    renderer: Annotated[str, Field(max_length=32)] | None = None
    """The renderer that made its workload."""


class RateStatus(Section):
    """A measured rate with what it rests on."""

    percent: Annotated[str, Field(max_length=16)] | None = None
    """The rate, in percent; unset while Unproven."""
    low: Annotated[str, Field(max_length=16)] | None = None
    """Lower end of its interval, in percent."""
    high: Annotated[str, Field(max_length=16)] | None = None
    """Upper end of its interval, in percent."""
    samples: int = 0
    """How many judged samples."""
    state: Annotated[str, Field(max_length=32)] = "Unproven"
    """Unproven, or what the samples say."""


class CacheStatusFigures(Section):
    """What the cache did, over all models and replicas, since `since`."""

    since: Annotated[str, Field(max_length=32)]
    """From when these are counted."""
    requests: int = 0
    """Responses on cached routes."""
    hits: int = 0
    """Responses served from the cache."""
    hit_rate: Annotated[str, Field(max_length=16)] | None = None
    """hits / requests, in percent."""
    exact_hit_rate: Annotated[str, Field(max_length=16)] | None = None
    """Exact hits / requests, in percent."""
    semantic_hit_rate: Annotated[str, Field(max_length=16)] | None = None
    """Semantic hits / requests, in percent."""
    requests_saved: int = 0
    """Inferences that were not needed, shadow traffic subtracted."""
    tokens_saved: int = 0
    """Prompt and completion tokens not computed."""
    prefix_hit_rate: Annotated[str, Field(max_length=16)] | None = None
    """Over all engines, in percent of the tokens."""
    saved_both_levels: Annotated[str, Field(max_length=16)] | None = None
    """Prompt tokens not computed (by either level) / prompt tokens asked, in percent."""
    false_hits: RateStatus | None = None
    """Hits that answered another question, of those judged."""
    staleness: RateStatus | None = None
    """Hits whose answer has changed meanwhile, of those judged."""
    ledger: Annotated[str, Field(max_length=131_072)] | None = None
    """The operator's own books: the sums of every process, so that no restart loses or counts twice."""


class ResolvedModel(Section):
    """What unset fields of one model mean."""

    name: Annotated[str, Field(max_length=64)]
    """The model's name in the spec."""
    image: Annotated[str, Field(max_length=512)] | None = None
    """Of the engine's container; unset for an endpoint."""
    sidecar_image: Annotated[str, Field(max_length=512)] | None = None
    """Of the sidecar's container."""
    gpus: Annotated[str, Field(max_length=128)] | None = None
    """Count and resource of the GPUs of one pod."""
    default_temperature: Annotated[str, Field(max_length=32)] | None = None
    """What an omitted temperature means, as the engine says or the spec."""


class ResolvedStatus(Section):
    """What unset fields of the spec mean today."""

    embedding: Annotated[str, Field(max_length=512)] | None = None
    """Source and model."""
    threshold: Annotated[str, Field(max_length=32)] | None = None
    """The semantic threshold in force, as the sidecars report it."""
    redis: Annotated[str, Field(max_length=512)] | None = None
    """Managed or external, and its image or address."""
    vectors: Annotated[str, Field(max_length=512)] | None = None
    """Managed or external, and its image or address."""
    auth: Annotated[str, Field(max_length=64)] | None = None
    """Who decides about keys; None is said out loud."""
    tenancy: Annotated[str, Field(max_length=64)] | None = None
    """Who shares answers; Shared is said out loud."""
    models: Annotated[tuple[ResolvedModel, ...], Field(max_length=16)] = ()
    """A row for each model."""


class LLMCacheStatus(Section):
    """What the operator sees."""

    observed_generation: int | None = None
    """The generation of the spec that this speaks of."""
    conditions: Annotated[
        tuple[Condition, ...],
        Field(
            max_length=16,
            json_schema_extra=list_map("type"),
        ),
    ] = ()
    """Ready, EngineReady, CacheReady, ConfigApplied, Progressing, Stalled, Degraded,
    UpdateAvailable, BudgetExceeded."""
    models: Annotated[
        tuple[ModelStatus, ...],
        Field(
            max_length=16,
            json_schema_extra=list_map("name"),
        ),
    ] = ()
    """A row for each model."""
    models_ready: Annotated[str, Field(max_length=16)] | None = None
    """Models with a ready endpoint / models, such as 2/3."""
    cache: CacheStatusFigures | None = None
    """The cache's figures."""
    resolved: ResolvedStatus | None = None
    """What unset fields mean."""
