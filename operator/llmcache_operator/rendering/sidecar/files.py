"""Files in the sidecar's container: which Secret is seen at which path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from llmcache_api.cache import AuthMode
from llmcache_api.resource.cache import KeysFrom
from llmcache_api.resource.references import SecretKey

from .. import names
from ..context import ModelContext

CONFIG_DIRECTORY: Final = "/etc/llmcache/config"
CONFIG_FILE: Final = f"{CONFIG_DIRECTORY}/sidecar.yaml"
SECRETS_DIRECTORY: Final = "/etc/llmcache/secrets"
KEYS_DIRECTORY: Final = "/etc/llmcache/keys"
MODEL_DIRECTORY: Final = "/etc/llmcache/model"
CACHE_DIRECTORY: Final = "/var/cache/llmcache"

PROGRESS_DIRECTORY: Final = "/var/run/llmcache/progress"
PROGRESS_FILE: Final = f"{PROGRESS_DIRECTORY}/weights.json"

CONFIG_KEY: Final = "sidecar.yaml"


@dataclass(frozen=True)
class SecretFile:
    """One value of a Secret, as a file.

    Attributes:
        path: below `SECRETS_DIRECTORY`.
    """

    secret: str
    key: str
    path: str

    @property
    def absolute(self) -> str:
        """Where the container sees it."""
        return f"{SECRETS_DIRECTORY}/{self.path}"


@dataclass(frozen=True)
class SidecarFiles:
    """Every secret file of one sidecar; None where there is none."""

    admin_token: SecretFile
    tenant_key: SecretFile
    redis_password: SecretFile | None = None
    redis_ca: SecretFile | None = None
    redis_certificate: SecretFile | None = None
    redis_certificate_key: SecretFile | None = None
    qdrant_api_key: SecretFile | None = None
    qdrant_ca: SecretFile | None = None
    pgvector_password: SecretFile | None = None
    pgvector_ca: SecretFile | None = None
    embedding_api_key: SecretFile | None = None
    embedding_ca: SecretFile | None = None
    upstream_api_key: SecretFile | None = None
    upstream_ca: SecretFile | None = None
    encryption: tuple[SecretFile, ...] = ()
    keys_from: tuple[KeysFrom, ...] = ()

    @property
    def all(self) -> tuple[SecretFile, ...]:
        """Those that are single values, in the order of their paths."""
        found = [value for value in vars(self).values() if isinstance(value, SecretFile)]
        return tuple(sorted([*found, *self.encryption], key=lambda file: file.path))

    def volumes(self) -> list[dict[str, Any]]:
        """The pod's volumes."""
        sources = [
            {"secret": {"name": file.secret, "items": [{"key": file.key, "path": file.path}]}}
            for file in self.all
        ]
        found: list[dict[str, Any]] = [
            {"name": "secrets", "projected": {"defaultMode": 0o440, "sources": sources}}
        ]
        for index, source in enumerate(self.keys_from):
            secret: dict[str, Any] = {"secretName": source.name, "defaultMode": 0o440}
            if source.key is not None:
                secret["items"] = [{"key": source.key, "path": source.key}]
            found.append({"name": f"keys-{index}", "secret": secret})
        return found

    def mounts(self) -> list[dict[str, Any]]:
        """The container's mounts."""
        found: list[dict[str, Any]] = [
            {"name": "secrets", "mountPath": SECRETS_DIRECTORY, "readOnly": True}
        ]
        found += [
            {"name": f"keys-{index}", "mountPath": f"{KEYS_DIRECTORY}/{index}", "readOnly": True}
            for index, _ in enumerate(self.keys_from)
        ]
        return found


def sidecar_files(context: ModelContext) -> SidecarFiles:
    """Which files a model's sidecars need."""
    cache, embedding, auth = context.cache, context.embedding, context.spec.auth
    keys_from = auth.keys_from if auth is not None and auth.mode is AuthMode.KEYS else None
    encryption = context.stores.encryption
    return SidecarFiles(
        admin_token=SecretFile(
            names.admin_secret_name(cache), names.ADMIN_TOKEN_KEY, "admin/token"
        ),
        tenant_key=SecretFile(
            names.tenants_secret_name(cache), names.TENANT_KEY, "tenants/tenant.key"
        ),
        **_redis(context),
        **_vectors(context),
        **_upstream(context),
        embedding_api_key=_file(embedding.api_key, "embedding/api-key"),
        embedding_ca=_file(embedding.ca, "embedding/ca.crt"),
        encryption=tuple(
            SecretFile(key.name, key.key, f"encryption/{index}")
            for index, key in enumerate(encryption.keys if encryption is not None else ())
        ),
        keys_from=keys_from or (),
    )


_Files = dict[str, Any]
"""Fields of `SidecarFiles`."""


def _redis(context: ModelContext) -> _Files:
    if context.managed_redis is not None:
        name, key = names.redis_name(context.cache), names.REDIS_PASSWORD_KEY
        return {"redis_password": SecretFile(name, key, "redis/password")}
    external = context.redis.external if context.redis is not None else None
    if external is None:
        return {}
    tls = external.client_certificate
    return {
        "redis_password": _file(external.password, "redis/password"),
        "redis_ca": _file(external.ca, "redis/ca.crt"),
        "redis_certificate": SecretFile(tls, "tls.crt", "redis/tls.crt") if tls else None,
        "redis_certificate_key": SecretFile(tls, "tls.key", "redis/tls.key") if tls else None,
    }


def _vectors(context: ModelContext) -> _Files:
    if context.managed_qdrant is not None:
        name, key = names.qdrant_name(context.cache), names.QDRANT_API_KEY
        return {"qdrant_api_key": SecretFile(name, key, "qdrant/api-key")}
    vectors = context.vectors
    if vectors.pgvector is not None:
        pgvector = vectors.pgvector.external
        return {
            "pgvector_password": _file(pgvector.password, "pgvector/password"),
            "pgvector_ca": _file(pgvector.ca, "pgvector/ca.crt"),
        }
    if vectors.qdrant is not None and vectors.qdrant.external is not None:
        qdrant = vectors.qdrant.external
        return {
            "qdrant_api_key": _file(qdrant.api_key, "qdrant/api-key"),
            "qdrant_ca": _file(qdrant.ca, "qdrant/ca.crt"),
        }
    return {}


def _upstream(context: ModelContext) -> _Files:
    endpoint = context.model.endpoint
    if endpoint is None:
        return {}
    return {
        "upstream_api_key": _file(endpoint.credentials, "upstream/api-key"),
        "upstream_ca": _file(endpoint.ca, "upstream/ca.crt"),
    }


def _file(key: SecretKey | None, path: str) -> SecretFile | None:
    return None if key is None else SecretFile(key.name, key.key, path)
