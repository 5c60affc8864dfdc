"""How to reach Qdrant, and how it is to keep the vectors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

_NAMESPACE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


class QdrantSettingsError(ValueError):
    """The settings can't be used; the message says what to change and holds no credentials."""


class Quantization(StrEnum):
    """What Qdrant searches in before it looks at the whole vectors."""

    NONE = "None"
    SCALAR = "Scalar"
    BINARY = "Binary"


@dataclass(frozen=True, slots=True)
class QdrantSettings:
    """Where Qdrant is and how to speak to it.

    Attributes:
        url: http://HOST:6333 or https://HOST:6333, of the REST interface.
        namespace: separates the caches of one server: collections are called
            `llmcache-{namespace}-{model identity}`. Letters, digits and . _ -.
        prefer_grpc: search and write over gRPC, which takes about half the time.
        grpc_port: of the same host.
        api_key_file: read when a connection is made, and again when the key was refused.
        ca_file: certificates (PEM) that vouch for the server; None takes the system's.
        quantization: for new collections; those that exist keep theirs.
        vectors_on_disk: leave whole vectors on disk; for new collections.
        payload_on_disk: leave payloads on disk; for new collections.
        max_connections: bound of the pool (REST).
        timeout_s: whole seconds for an answer. It frees the connection; the caller's deadline is
            shorter.
    """

    url: str
    namespace: str = "default"
    prefer_grpc: bool = True
    grpc_port: int = 6334
    api_key_file: str | None = None
    ca_file: str | None = None
    quantization: Quantization = Quantization.NONE
    vectors_on_disk: bool = False
    payload_on_disk: bool = True
    max_connections: int = 16
    timeout_s: int = 5

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise QdrantSettingsError("the URL must be http://HOST[:PORT] or https://HOST[:PORT]")
        if parts.username is not None or parts.password is not None:
            raise QdrantSettingsError("the URL takes no credentials: use a file with the API key")
        if not _NAMESPACE.fullmatch(self.namespace):
            raise QdrantSettingsError(
                f"namespace {self.namespace!r}: use letters, digits and . _ - (at most 128)"
            )

    @property
    def tls(self) -> bool:
        """Whether the connection is encrypted."""
        return self.url.startswith("https:")

    @property
    def shown(self) -> str:
        """For messages: where it is."""
        return urlsplit(self.url).netloc

    def collection(self, identity: str) -> str:
        """The name of a model's collection."""
        return f"llmcache-{self.namespace}-{identity}"

    def api_key(self) -> str | None:
        """What the file holds now; `QdrantSettingsError` when it can't be read."""
        if self.api_key_file is None:
            return None
        try:
            key = Path(self.api_key_file).read_text().strip()
        except (OSError, UnicodeError):
            raise QdrantSettingsError(
                f"the API key file {self.api_key_file} can't be read: check the path and the mount"
            ) from None
        if not key:
            raise QdrantSettingsError(f"the API key file {self.api_key_file} is empty")
        return key
