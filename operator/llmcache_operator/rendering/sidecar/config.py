"""The sidecar's file, from the resource."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import yaml
from pydantic import BaseModel

from llmcache_api import SidecarConfig
from llmcache_api.cache import AuthMode
from llmcache_api.resource import ModelSource
from llmcache_api.resource.cache import SemanticSpec
from llmcache_api.semantic import EmbeddingSource

from ..context import ModelContext
from ..engine.places import downloads
from ..names import (
    ADMIN_PORT,
    DATA_PORT,
    ENGINE_PORT,
    QDRANT_PORT,
    REDIS_PORT,
    qdrant_name,
    redis_name,
)
from .files import (
    KEYS_DIRECTORY,
    MODEL_DIRECTORY,
    PROGRESS_FILE,
    SecretFile,
    SidecarFiles,
)

REDIS_USER: Final = "llmcache"

_LONGEST_NAMESPACE: Final = 63

Document = dict[str, Any]


@dataclass(frozen=True)
class SidecarFile:
    """The file of one model's sidecars.

    Attributes:
        version: what each of them must report once it runs this.
        text: YAML.
        needs_restart: names what a running sidecar does not take over; in the pod template, so that
            a change of it rolls the pods.
    """

    version: str
    text: str
    needs_restart: str


def sidecar_file(context: ModelContext, files: SidecarFiles) -> SidecarFile:
    """The file; a `ConfigError` when the sections do not agree.

    Written are the fields that somebody decides here and no others: an older sidecar knows them all,
    and a newer one brings its own defaults for the rest.
    """
    document: Document = _without_none(
        {
            "listen": f":{DATA_PORT}",
            "upstream": _upstream(context, files),
            "admin": {"listen": f":{ADMIN_PORT}", "tokenFile": files.admin_token.absolute},
            "responseCache": _response_cache(context, files),
            "auth": _auth(context),
            "quality": _quality(context),
            "stores": _stores(context, files),
            "tenantKeyFile": files.tenant_key.absolute,
            "prefixIsolation": _isolation(context),
            "readiness": "Engine" if context.model.engine is not None else "Self",
            "drain": _drain(context),
            "log": {"level": _log_level(context), "format": "json"},
        }
    )
    for path in context.defaults.config_fields_left_out:
        _leave_out(document, path.split("."))
    version = document["configVersion"] = _digest(document)
    SidecarConfig.parse(document, f"model {context.model.name}")
    fixed = context.defaults.read_at_start.of(document)
    return SidecarFile(version, yaml.safe_dump(document, sort_keys=True, width=100), _digest(fixed))


def _digest(document: Document) -> str:
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def _upstream(context: ModelContext, files: SidecarFiles) -> Document:
    if context.model.engine is not None:
        store = any(
            variable.name == "VLLM_ENABLE_RESPONSES_API_STORE" and variable.value == "1"
            for variable in context.engine.env or ()
        )
        return {
            "url": f"http://127.0.0.1:{ENGINE_PORT}",
            "defaultTemperature": context.engine.default_temperature,
            "responsesStore": True if store else None,
            "priorityScheduling": context.defaults.scheduling_policy == "priority" or None,
            "progressFile": PROGRESS_FILE if downloads(context) else None,
        }
    endpoint = context.endpoint
    return {
        "url": endpoint.url,
        "defaultTemperature": endpoint.default_temperature,
        "responsesStore": endpoint.responses_store,
        "apiKeyFile": _path(files.upstream_api_key),
        "caFile": _path(files.upstream_ca),
    }


def _response_cache(context: ModelContext, files: SidecarFiles) -> Document:
    section = context.spec.response_cache
    semantic = (section.semantic if section is not None else None) or SemanticSpec()
    written = _dump(semantic, leave_out={"embedding"})
    return {
        "exact": _dump(section.exact if section is not None else None),
        "semantic": {**written, "embedding": _embedding(context, files)},
        "policy": _dump(section.policy if section is not None else None),
        "tenancy": _dump(section.tenancy if section is not None else None),
        "limits": _dump(section.limits if section is not None else None),
        "namespace": _namespace(context),
    }


def _namespace(context: ModelContext) -> str:
    """What keeps the entries of two caches apart in one store."""
    name = f"{context.cache.namespace}.{context.cache.name}"
    if len(name) <= _LONGEST_NAMESPACE:
        return name
    return hashlib.sha256(name.encode()).hexdigest()[:_LONGEST_NAMESPACE]


def _embedding(context: ModelContext, files: SidecarFiles) -> Document:
    embedding, defaults = context.embedding, context.defaults
    source = {
        ModelSource.BUNDLED: EmbeddingSource.BUNDLED,
        ModelSource.IMAGE: EmbeddingSource.FOLDER,
        ModelSource.CLAIM: EmbeddingSource.FOLDER,
        ModelSource.HUB: EmbeddingSource.HUB,
        ModelSource.ENDPOINT: EmbeddingSource.ENDPOINT,
    }[embedding.source]
    found = _dump(embedding, leave_out={"source", "path", "claim", "api_key", "ca", "cache"})
    found["source"] = source.value
    if embedding.source is ModelSource.IMAGE:
        found["path"] = embedding.path
    if embedding.source is ModelSource.CLAIM:
        found["path"] = MODEL_DIRECTORY
    if embedding.source is ModelSource.HUB:
        found.setdefault("model", defaults.embedding_model)
    if embedding.deadline is None and source in (EmbeddingSource.FOLDER, EmbeddingSource.HUB):
        found["deadline"] = f"{round(defaults.embedding_deadline_s * 1000)}ms"
    found["apiKeyFile"] = _path(files.embedding_api_key)
    found["caFile"] = _path(files.embedding_ca)
    return found


def _auth(context: ModelContext) -> Document:
    found: Document = {"mode": context.auth_mode.value}
    if context.auth_mode is AuthMode.KEYS:
        found["keysFile"] = KEYS_DIRECTORY
    return found


def _quality(context: ModelContext) -> Document:
    return {
        "holdoutPercent": context.defaults.holdout_percent,
        "shadowSamplePercent": context.shadow_percent,
        **_dump(context.spec.quality),
    }


def _stores(context: ModelContext, files: SidecarFiles) -> Document:
    stores = context.stores
    found: Document = {
        "memory": _dump(stores.memory),
        "firstLevel": _dump(stores.first_level),
        "redis": _redis(context, files),
        "vectors": _vectors(context, files),
        "encryption": None,
    }
    if files.encryption:
        found["encryption"] = {"keyFiles": [file.absolute for file in files.encryption]}
    return {**found, **_dump(stores, only={"write_queue"})}


def _redis(context: ModelContext, files: SidecarFiles) -> Document | None:
    redis = context.redis
    if redis is None:
        return None
    found = _dump(redis, only={"deadline", "lease_wait"})
    found["passwordFile"] = _path(files.redis_password)
    if redis.external is None:
        host = f"{redis_name(context.cache)}.{context.cache.namespace}.svc"
        return {**found, "url": f"redis://{host}:{REDIS_PORT}/0", "username": REDIS_USER}
    return {
        **found,
        "url": redis.external.url,
        "username": redis.external.username,
        "caFile": _path(files.redis_ca),
        "certFile": _path(files.redis_certificate),
        "keyFile": _path(files.redis_certificate_key),
    }


def _vectors(context: ModelContext, files: SidecarFiles) -> Document:
    vectors = context.vectors
    if vectors.memory is not None:
        return {"memory": _dump(vectors.memory)}
    if vectors.pgvector is not None:
        return {
            "pgvector": {
                **_dump(vectors.pgvector, only={"deadline"}),
                "dsn": vectors.pgvector.external.dsn,
                "passwordFile": _path(files.pgvector_password),
                "caFile": _path(files.pgvector_ca),
            }
        }
    assert vectors.qdrant is not None
    found = _dump(vectors.qdrant, only={"deadline", "quantization"})
    found["apiKeyFile"] = _path(files.qdrant_api_key)
    external = vectors.qdrant.external
    if external is None:
        host = f"{qdrant_name(context.cache)}.{context.cache.namespace}.svc"
        found["url"] = f"http://{host}:{QDRANT_PORT}"
    else:
        found["url"] = external.url
        found["grpcPort"] = external.grpc_port
        found["caFile"] = _path(files.qdrant_ca)
    return {"qdrant": found}


def _isolation(context: ModelContext) -> str | None:
    if context.model.engine is None or context.prefix_caching.isolation is None:
        return None
    return context.prefix_caching.isolation.value


def _drain(context: ModelContext) -> Document:
    defaults = context.defaults
    if context.model.engine is not None:
        # The preStop hook has made it a lame duck, and SIGTERM comes when the engine is gone.
        return {"propagation": "0s", "timeout": f"{defaults.flush_s}s"}
    return {
        "propagation": f"{defaults.propagation_s}s",
        "timeout": f"{context.drain_s + defaults.flush_s}s",
    }


def _log_level(context: ModelContext) -> str:
    sidecar = context.spec.sidecar
    return (sidecar.log_level if sidecar is not None else None) or "info"


def _path(file: SecretFile | None) -> str | None:
    return None if file is None else file.absolute


def _dump(
    section: BaseModel | None,
    *,
    leave_out: set[str] | None = None,
    only: set[str] | None = None,
) -> Document:
    """What somebody wrote in a section, in the words of the file."""
    if section is None:
        return {}
    return section.model_dump(
        mode="json",
        by_alias=True,
        exclude_unset=True,
        exclude_none=True,
        exclude=leave_out,
        include=only,
    )


def _without_none(document: Mapping[str, Any]) -> Document:
    """The document without unset fields, and without sections that say nothing."""
    found: Document = {}
    for key, value in document.items():
        if isinstance(value, dict):
            value = _without_none(cast("Document", value))
            if not value:
                continue
        if value is not None:
            found[key] = value
    return found


def _leave_out(document: Document, path: list[str]) -> None:
    *sections, name = path
    for section in sections:
        inner = document.get(section)
        if not isinstance(inner, dict):
            return
        document = inner
    document.pop(name, None)
