"""The settings that a request is judged by, compiled once for each configuration."""

from __future__ import annotations

from dataclasses import dataclass

from llmcache_api import CacheMode, SidecarConfig, TenancyScope

from ..policy.request_rules import RuleSettings


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """One request sees one object, whatever is reloaded meanwhile.

    Attributes:
        ttl, stale_while_revalidate, stale_if_error: seconds.
        keep: how long a body lives in a store, in seconds: the longest of what any reader may want.
        holdout: share of the cacheable requests that skip the look-up, 0 to 1.
        stored_body: longest answer that is kept, in bytes.
        version: names this configuration.
    """

    mode: CacheMode
    ttl: float
    stale_while_revalidate: float
    stale_if_error: float
    keep: float
    rules: RuleSettings
    scope: TenancyScope
    tenant_header: str | None
    namespace: str
    holdout: float
    stored_body: int
    version: str

    @classmethod
    def of(cls, config: SidecarConfig) -> CacheSettings:
        """Compile `config`."""
        cache = config.response_cache
        exact = cache.exact
        return cls(
            mode=exact.mode,
            ttl=exact.ttl,
            stale_while_revalidate=exact.stale_while_revalidate,
            stale_if_error=exact.stale_if_error,
            keep=exact.ttl + max(exact.stale_while_revalidate, exact.stale_if_error),
            rules=RuleSettings(
                max_temperature=cache.policy.max_temperature,
                sampled=cache.policy.sampled,
                responses_store=config.upstream.responses_store,
            ),
            scope=cache.tenancy.scope,
            tenant_header=cache.tenancy.header,
            namespace=cache.namespace,
            holdout=config.quality.holdout_percent / 100,
            stored_body=cache.limits.stored_body,
            version=config.version(),
        )
