"""The response cache's sections, the same in the sidecar's file and in the LLMCache resource."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from .base import Duration, FilePath, Percent, Section, Size
from .modes import CacheMode, off_is_a_word
from .policy import PolicySection
from .rules import Rule, checked_by
from .semantic import SemanticSection


class TenancyScope(StrEnum):
    """Who shares answers with whom."""

    API_KEY = "APIKey"
    END_USER = "EndUser"
    HEADER = "Header"
    SHARED = "Shared"


class AuthMode(StrEnum):
    """Who decides whether a caller's key is good."""

    KEYS = "Keys"
    UPSTREAM = "Upstream"
    NONE = "None"


class ExactSection(Section):
    """The exact level: the same request again."""

    mode: Annotated[CacheMode, BeforeValidator(off_is_a_word)] = CacheMode.SERVE
    """Serve: answer from the cache. Observe: count what it would have served. Off: do nothing."""
    ttl: Duration = 3600.0
    """How long an answer may be served, counted from its inference; a hit never extends it."""
    stale_while_revalidate: Duration = 0.0
    """How long after its ttl an answer may still be served while a fresh one is fetched."""
    stale_if_error: Duration = 0.0
    """How long after its ttl an answer may stand in for an engine that fails."""


class TenancySection(Section):
    """Which requests may share answers."""

    model_config = checked_by(
        Rule(
            "(has(self.scope) && self.scope == 'Header') == has(self.header)",
            "takes header with scope Header, and only there",
        )
    )

    scope: TenancyScope = TenancyScope.API_KEY
    """APIKey: callers of one key. EndUser: one key and one user, safety_identifier or
    metadata.user_id. Header: whatever a trusted gateway puts into `header`. Shared: everybody."""
    header: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")] | None = None
    """The request header that names the tenant; only with scope Header, and required there."""

    @model_validator(mode="after")
    def _header_belongs_to_header_scope(self) -> TenancySection:
        if (self.scope is TenancyScope.HEADER) != (self.header is not None):
            raise ValueError("takes `header` with scope Header, and only there")
        return self


class LimitsSection(Section):
    """Bounds of what is looked at and kept."""

    cacheable_body: Size = 4 * 1024**2
    """Longest request body that is looked up; longer ones pass through untouched."""
    stored_body: Size = 8 * 1024**2
    """Longest answer that is kept; longer ones reach the client and are not stored."""


class ResponseCacheSection(Section):
    """Answers instead of inferences."""

    exact: ExactSection = ExactSection()
    semantic: SemanticSection = SemanticSection()
    policy: PolicySection = PolicySection()
    tenancy: TenancySection = TenancySection()
    limits: LimitsSection = LimitsSection()
    namespace: Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$")] = "default"
    """Part of every key: caches with different namespaces never share an answer."""


class AuthSection(Section):
    """The check of callers' keys."""

    mode: AuthMode = AuthMode.UPSTREAM
    """Keys: a list in `keysFile`. Upstream: the engine's own verdict, remembered for a minute.
    None: nobody is asked for a key."""
    keys_file: FilePath | None = None
    """One key a line; blank lines and lines that begin with # are skipped. A folder stands for all
    files in it and below. Read again on change."""

    @model_validator(mode="after")
    def _keys_need_a_file(self) -> AuthSection:
        if (self.mode is AuthMode.KEYS) != (self.keys_file is not None):
            raise ValueError("takes `keysFile` with mode Keys, and only there")
        return self


class AnswerJudge(StrEnum):
    """What tells whether two answers say the same."""

    AUTO = "Auto"
    EXACT = "Exact"
    LLM = "LLM"


class QualitySection(Section):
    """Samples that measure the cache, and what they may say before it serves less."""

    holdout_percent: Percent = 0.0
    """Share of the cacheable requests, drawn at random, that skip the look-up and are still stored:
    what latency would be without the cache. Where shadowSamplePercent is above 0, what they would
    have got is judged by what they get."""
    shadow_sample_percent: Percent = 0.0
    """Share of the hits, drawn at random, whose answers are judged afterwards: the engine is asked
    two or three times more for each, while it has nothing waiting. 0 = none."""
    daily_samples: Annotated[int, Field(ge=0, le=10_000)] = 20
    """Where shadowSamplePercent is above 0, at least so many hits of each model and level are drawn
    a day by each replica, as far as there are hits."""
    max_false_hit_percent: Percent = 1.0
    """The error budget: share of the judged semantic hits that answer another question. When the
    bound says that it is exceeded, the semantic level tightens, then observes only. 100 = never,
    and lifts it at once. 0 has no way back: no samples prove a rate below it."""
    max_stale_percent: Percent = 5.0
    """The same for semantic hits whose own question has another answer by now."""
    minimum_samples: Annotated[int, Field(ge=10, le=100_000)] = 50
    """Judged samples below which nothing is concluded: the state is Unproven."""
    learning: bool = True
    """Whether judged matches decide about further ones: an entry, or all candidates with a like score,
    that were wrong too often are not served until they were right often enough."""
    judge: AnswerJudge = AnswerJudge.AUTO
    """Exact: equal texts or JSON documents. Auto: that, and for free text the embedding model with
    the gates. LLM: where Auto can't tell, the engine is asked whether the two say the same."""
