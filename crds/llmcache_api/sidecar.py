"""The sidecar's configuration: one model for the command line and for the file."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator

from .base import Duration, FilePath, Section
from .cache import AuthMode, AuthSection, QualitySection, ResponseCacheSection
from .errors import ConfigError
from .modes import PrefixIsolation
from .stores import StoresSection


def _has_port(value: str) -> str:
    if int(value.rpartition(":")[2]) > 65535:
        raise ValueError("takes HOST:PORT with a port up to 65535")
    return value


Address = Annotated[
    str,
    Field(pattern=r"^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]*):[0-9]{1,5}$"),
    AfterValidator(_has_port),
]
"""host:port; an empty host means every interface, port 0 any free one."""

_LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")


class Readiness(StrEnum):
    """What /readyz speaks of."""

    ENGINE = "Engine"
    SELF = "Self"


class UpstreamSection(Section):
    """The engine behind the sidecar."""

    url: Annotated[str, Field(max_length=2048)]
    """Base URL, such as http://127.0.0.1:8000."""
    revision: Annotated[str, Field(max_length=512)] | None = None
    """Names everything that shapes the engine's answers (image, model, template, ...). Unset: the
    engine is asked for its version and models, again and again."""
    default_temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    """What the engine does when a request names no temperature. Unset: the engine is asked."""
    responses_store: bool = False
    """Whether the engine keeps Responses (VLLM_ENABLE_RESPONSES_API_STORE=1): then they have state
    and are not cached unless the request says store: false."""
    priority_scheduling: bool = False
    """Whether the engine runs with --scheduling-policy priority: then what is asked for samples alone
    is sent with the last priority. Another engine takes none, or refuses it."""
    api_key_file: FilePath | None = None
    """A key that the sidecar sends instead of the caller's; needs auth mode Keys or None."""
    ca_file: FilePath | None = None
    """Certificate authority for an https URL; unset = the system's."""
    progress_file: FilePath | None = None
    """Where `llmcache download-weights` tells how far the engine's weights are, for statistics."""
    connect_timeout: Duration = 10.0
    """How long a connection to the engine may take; an answer may take as long as it takes."""

    @field_validator("url")
    @classmethod
    def _is_http(cls, value: str) -> str:
        wrong = "takes an http or https URL such as http://127.0.0.1:8000"
        try:
            parts = urlsplit(value)
            _ = parts.port  # a ValueError when it is none
        except ValueError:
            raise ValueError(wrong) from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(wrong)
        if parts.username or parts.password:
            raise ValueError("takes a URL without credentials; put the key into apiKeyFile")
        if parts.query or parts.fragment:
            raise ValueError("takes a URL without ? and #")
        return value.rstrip("/")


class AdminSection(Section):
    """The admin plane: health, metrics, statistics, purges."""

    listen: Address = "127.0.0.1:8081"
    """Where the admin plane listens."""
    token_file: FilePath | None = None
    """Bearer token for everything but health and metrics; required off loopback."""

    @model_validator(mode="after")
    def _token_off_loopback(self) -> AdminSection:
        if self.token_file is None and self.listen.rpartition(":")[0] not in _LOOPBACK:
            raise ValueError(
                f"takes `tokenFile` when it listens on {self.listen}: anybody who reaches the "
                "admin plane can purge and list entries"
            )
        return self


class DrainSection(Section):
    """How the sidecar leaves."""

    propagation: Duration = 0.0
    """After SIGTERM, how long new connections are still accepted while load balancers learn."""
    timeout: Duration = 30.0
    """Then, how long requests in flight may take to finish, and queued writes to be flushed."""


class LogSection(Section):
    """What is written to standard error; never prompts, answers or keys."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least serious messages that are written."""
    format: Literal["text", "json"] = "text"
    """text for people, json for machines."""


class SidecarConfig(Section):
    """Everything that llmcache-sidecar can be told.

    The command line sets the same fields; where both speak, the command line wins.
    """

    listen: Address = "127.0.0.1:8080"
    """Where clients connect."""
    upstream: UpstreamSection
    admin: AdminSection = AdminSection()
    response_cache: ResponseCacheSection = ResponseCacheSection()
    auth: AuthSection = AuthSection()
    quality: QualitySection = QualitySection()
    stores: StoresSection = StoresSection()
    tenant_key_file: FilePath | None = None
    """Key of the tenants' keyed hash (at least 16 bytes). Required with a shared store, where all
    replicas must agree; made at random otherwise."""
    prefix_isolation: PrefixIsolation = PrefixIsolation.SHARED
    """Tenant: every request carries a cache_salt of its tenant's, so that tenants share nothing of
    the engine's prefix cache, not even the timing of a common system prompt. Shared: they share."""
    readiness: Readiness = Readiness.ENGINE
    """Engine: /readyz follows the engine. Self: ready for hits even while the engine is down."""
    drain: DrainSection = DrainSection()
    log: LogSection = LogSection()
    config_version: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    """Name of this configuration, as statistics report it; unset = a hash of all fields. Who writes
    the file for sidecars of several versions names it, since each would hash fields of its own."""

    @model_validator(mode="after")
    def _sections_agree(self) -> SidecarConfig:
        if self.stores.redis is not None and self.tenant_key_file is None:
            raise ValueError(
                "takes `tenantKeyFile` with a shared store: replicas and restarts must name "
                "tenants alike (head -c 32 /dev/urandom > tenant.key)"
            )
        if self.upstream.api_key_file is not None and self.auth.mode is AuthMode.UPSTREAM:
            raise ValueError(
                "takes auth.mode Keys or None with upstream.apiKeyFile: the engine would judge "
                "the sidecar's key, not the caller's"
            )
        return self

    @classmethod
    def parse(cls, document: Any, source: str = "configuration") -> SidecarConfig:
        """Validate a document (as YAML or JSON gives it); a `ConfigError` tells every problem."""
        if not isinstance(document, dict):
            raise ConfigError(["takes a mapping of fields, such as `upstream: {url: ...}`"], source)
        try:
            return cls.model_validate(document)
        except ValidationError as error:
            raise ConfigError.of(error, source) from None

    def version(self) -> str:
        """`configVersion`, or a short hash of all fields, for comparing what runs with what was
        meant."""
        if self.config_version is not None:
            return self.config_version
        canonical = self.model_dump_json(by_alias=True)
        return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def read_document(path: Path) -> dict[str, Any]:
    """The YAML (or JSON) document in `path`, unvalidated; a `ConfigError` says what is wrong."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError([f"can't be read: {error.strerror}"], str(path)) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError([f"is no YAML: {' '.join(str(error).split())}"], str(path)) from None
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise ConfigError(["takes a mapping of fields, such as `upstream: {url: ...}`"], str(path))
    return document
