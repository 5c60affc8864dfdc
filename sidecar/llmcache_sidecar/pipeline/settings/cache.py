"""The settings that a request is judged by, compiled once for each configuration."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from llmcache_api import (
    AnswerJudge,
    CacheMode,
    CrossEncoder,
    PrefixIsolation,
    QualitySection,
    QuerySection,
    SemanticSection,
    SidecarConfig,
    TenancyScope,
)

from ...apis.questions import QueryRule
from ...policy.meaning_rules import MeaningSettings
from ...quality.budget import Budget
from .policies import Policies


@dataclass(frozen=True, slots=True)
class SemanticSettings:
    """The semantic level's.

    Attributes:
        ttl: seconds.
        threshold: least cosine of a candidate; None = the one that suits the embedding model.
        candidates: how many of the nearest are verified.
        query: where the question stands.
        rules: which requests may be looked up by meaning.
        cross_encoder: it decides about the grey zone.
    """

    mode: CacheMode
    ttl: float
    threshold: float | None
    candidates: int
    query: QueryRule
    rules: MeaningSettings
    cross_encoder: bool

    @property
    def works(self) -> bool:
        """It looks up and stores, whether or not it serves."""
        return self.mode is not CacheMode.OFF

    @classmethod
    def of(cls, section: SemanticSection) -> SemanticSettings:
        """Compile `section`."""
        return cls(
            mode=section.mode,
            ttl=section.ttl,
            threshold=section.threshold,
            candidates=section.candidates,
            query=_query_rule(section.query),
            rules=MeaningSettings(section.tools, section.query.set_on_purpose),
            cross_encoder=section.cross_encoder is CrossEncoder.BUNDLED,
        )


def _query_rule(section: QuerySection) -> QueryRule:
    return QueryRule(
        source=section.from_,
        pattern=None if section.pattern is None else re.compile(section.pattern, re.DOTALL),
        pointer=section.pointer or "",
        after=section.after,
        before=section.before,
    )


@dataclass(frozen=True, slots=True)
class QualitySettings:
    """What is sampled, and what the samples may say.

    Attributes:
        holdout: share of the cacheable requests that skip the look-up, 0 to 1.
        shadow: share of the hits that are judged afterwards, 0 to 1.
        daily_samples: hits of each model and level that are drawn a day at least, unless `shadow`
            is 0.
        false_hits, staleness: the error budgets.
        learns: judged matches decide about further ones like them.
    """

    holdout: float
    shadow: float
    daily_samples: int
    false_hits: Budget
    staleness: Budget
    judge: AnswerJudge
    learns: bool

    @classmethod
    def of(cls, section: QualitySection) -> QualitySettings:
        """Compile `section`."""
        return cls(
            holdout=section.holdout_percent / 100,
            shadow=section.shadow_sample_percent / 100,
            daily_samples=section.daily_samples,
            false_hits=Budget(section.max_false_hit_percent / 100, section.minimum_samples),
            staleness=Budget(section.max_stale_percent / 100, section.minimum_samples),
            judge=section.judge,
            learns=section.learning,
        )


_CHAIN: Final = "2"
"""Version of the chain that lets candidates through: evidence about another one says nothing."""


def _digest(text: str, length: int = 8) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """One request sees one object, whatever is reloaded meanwhile.

    Attributes:
        mode: of the exact level.
        ttl, stale_while_revalidate, stale_if_error: seconds, of the exact level.
        exact_keep: how long an answer is of any use to the exact level, in seconds.
        keep: how long a body lives in a store, in seconds: the longest of what any reader may want.
        stored_body: longest answer that is kept, in bytes.
        isolated: tenants share nothing of the engine's prefix cache.
        version: names this configuration.
        policy_version: names the policy of content in it.
        meaning_version: names what decides which requests may be served by meaning, and with what.
        book: names what evidence of samples is about: whatever decides which candidates are served, and
            who judges.
    """

    mode: CacheMode
    ttl: float
    stale_while_revalidate: float
    stale_if_error: float
    exact_keep: float
    keep: float
    semantic: SemanticSettings
    policies: Policies
    scope: TenancyScope
    tenant_header: str | None
    namespace: str
    quality: QualitySettings
    stored_body: int
    isolated: bool
    version: str
    policy_version: str
    meaning_version: str
    book: str

    @property
    def works(self) -> bool:
        """Some level looks up and stores."""
        return self.mode is not CacheMode.OFF or self.semantic.works

    @property
    def serves(self) -> bool:
        """Some level may serve."""
        return CacheMode.SERVE in (self.mode, self.semantic.mode)

    @classmethod
    def of(cls, config: SidecarConfig) -> CacheSettings:
        """Compile `config`."""
        cache = config.response_cache
        exact = cache.exact
        semantic = SemanticSettings.of(cache.semantic)
        exact_keep = exact.ttl + max(exact.stale_while_revalidate, exact.stale_if_error)
        keep = 0.0 if exact.mode is CacheMode.OFF else exact_keep
        policy = cache.policy.model_dump_json(by_alias=True)
        by_meaning = cache.semantic.model_dump_json(by_alias=True, exclude={"mode"})
        return cls(
            mode=exact.mode,
            ttl=exact.ttl,
            stale_while_revalidate=exact.stale_while_revalidate,
            stale_if_error=exact.stale_if_error,
            exact_keep=exact_keep,
            keep=max(keep, semantic.ttl if semantic.works else 0.0),
            semantic=semantic,
            policies=Policies(cache.policy, responses_store=config.upstream.responses_store),
            scope=cache.tenancy.scope,
            tenant_header=cache.tenancy.header,
            namespace=cache.namespace,
            quality=QualitySettings.of(config.quality),
            stored_body=cache.limits.stored_body,
            isolated=config.prefix_isolation is PrefixIsolation.TENANT,
            version=config.version(),
            policy_version=_digest(policy),
            meaning_version=_digest(f"{policy}\0{by_meaning}"),
            book=_digest("\0".join((_CHAIN, by_meaning, config.quality.judge.value)), 16),
        )
