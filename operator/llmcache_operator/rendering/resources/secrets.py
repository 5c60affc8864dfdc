"""Secrets with random values, made once."""

from __future__ import annotations

from typing import Final

from ...domain import Component, LLMCache
from .. import names
from ..context import Context
from ..result import GeneratedSecret

_BYTES: Final = 32


def build_cache_secrets(cache: LLMCache) -> tuple[GeneratedSecret, ...]:
    """The key of the tenants' hash, and the token of the admin planes. All models share them: a
    tenant has one name, and the operator one token."""
    return (
        _secret(cache, names.tenants_secret_name(cache), Component.CACHE, names.TENANT_KEY),
        _secret(cache, names.admin_secret_name(cache), Component.CACHE, names.ADMIN_TOKEN_KEY),
    )


def build_redis_secret(context: Context) -> GeneratedSecret | None:
    """The managed Redis' password."""
    if context.managed_redis is None:
        return None
    cache = context.cache
    return _secret(cache, names.redis_name(cache), Component.REDIS, names.REDIS_PASSWORD_KEY)


def build_qdrant_secret(context: Context) -> GeneratedSecret | None:
    """The managed Qdrant's API key."""
    if context.managed_qdrant is None:
        return None
    cache = context.cache
    return _secret(cache, names.qdrant_name(cache), Component.QDRANT, names.QDRANT_API_KEY)


def _secret(cache: LLMCache, name: str, component: Component, key: str) -> GeneratedSecret:
    return GeneratedSecret(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": names.metadata(cache, name, component),
            "type": "Opaque",
        },
        {key: _BYTES},
    )
