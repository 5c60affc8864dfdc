"""Where entries live."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from .base import Duration, FilePath, Section, Size

REDIS_URL = r"^(rediss?|unix|rediss?\+sentinel|rediss?\+cluster)://.+$"


class MemoryStoreSection(Section):
    """Entries in this process; the default when no server is named."""

    max_size: Size = 32 * 1024**2
    """Bound of all entries together; the least recently used go first."""


class FirstLevelSection(Section):
    """Hot entries in this process, ready to send, in front of any store."""

    max_size: Size = 16 * 1024**2
    """Bound of all of them together; 0 switches the first level off."""
    max_age: Duration = 10.0
    """After this long an entry is read again from a shared store, so that another replica's
    refresh is seen; 0 = every hit asks the store. Without a shared store it has no effect."""


class RedisSection(Section):
    """A Redis or Valkey server, a Sentinel group or a Cluster."""

    url: Annotated[str, Field(pattern=REDIS_URL, max_length=2048)]
    """redis://host:6379/0, rediss:// for TLS, redis+sentinel://h1:26379,h2:26379/master/0,
    redis+cluster://h1:6379,h2:6379 (both also rediss+...), unix:///path."""
    username: Annotated[str, Field(max_length=256)] | None = None
    """For access control lists; unset = the default user."""
    password_file: FilePath | None = None
    """Holds the password; better than one in the URL."""
    ca_file: FilePath | None = None
    """Certificate authority for TLS; unset = the system's."""
    cert_file: FilePath | None = None
    """Client certificate for mutual TLS, with `keyFile`."""
    key_file: FilePath | None = None
    """Key of the client certificate."""
    deadline: Duration = 0.05
    """Longest time that a look-up may take; after it the request goes to the engine."""
    lease_wait: Duration = 10.0
    """Longest time that a request for a whole answer waits while another replica has the same one
    computed; 0 = each replica asks the engine for itself. Streams never wait."""


class MemoryVectorsSection(Section):
    """Vectors in this process; the default when no server is named."""

    max_size: Size = 160 * 1024**2
    """Bound of all vectors together with what belongs to them; the oldest go first."""


class Quantization(StrEnum):
    """How a vector store may compress what it searches; it rescores with the whole vectors."""

    NONE = "None"
    SCALAR = "Scalar"
    BINARY = "Binary"


class QdrantSection(Section):
    """A Qdrant server."""

    url: Annotated[str, Field(pattern=r"^https?://[^@?#]+$", max_length=2048)]
    """http://host:6333 or https://..."""
    grpc_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """Given: gRPC is spoken there (half the time of REST)."""
    api_key_file: FilePath | None = None
    """Holds the API key."""
    ca_file: FilePath | None = None
    """Certificate authority for https; unset = the system's."""
    quantization: Quantization = Quantization.NONE
    """None, Scalar or Binary; of a new collection."""
    deadline: Duration = 0.1
    """Longest time that a search may take; after it there is no semantic look-up."""


class PgvectorSection(Section):
    """A PostgreSQL server with the extension vector."""

    dsn: Annotated[str, Field(pattern=r"^postgres(ql)?://.+$", max_length=2048)]
    """postgresql://user@host:5432/database"""
    password_file: FilePath | None = None
    """Holds the password; better than one in the DSN."""
    ca_file: FilePath | None = None
    """Certificate authority; given: TLS is required and the server's name checked."""
    deadline: Duration = 0.1
    """Longest time that a search may take; after it there is no semantic look-up."""


class VectorsSection(Section):
    """Where vectors live: in this process, in Qdrant or in PostgreSQL."""

    memory: MemoryVectorsSection = MemoryVectorsSection()
    qdrant: QdrantSection | None = None
    """Given: vectors live there and replicas share them."""
    pgvector: PgvectorSection | None = None
    """Given: vectors live there and replicas share them."""

    @model_validator(mode="after")
    def _one_server(self) -> VectorsSection:
        if self.qdrant is not None and self.pgvector is not None:
            raise ValueError("takes `qdrant` or `pgvector`, not both")
        return self


class EncryptionSection(Section):
    """AES-256-GCM of stored bodies. Keys, tags and token counts stay readable."""

    key_files: Annotated[tuple[FilePath, ...], Field(min_length=1, max_length=8)]
    """Files of 32 bytes (raw, hex or base64). The first encrypts, all decrypt."""


class StoresSection(Section):
    """Which stores, and how large."""

    memory: MemoryStoreSection = MemoryStoreSection()
    first_level: FirstLevelSection = FirstLevelSection()
    redis: RedisSection | None = None
    """Given: entries live there and replicas share them. Absent: they live in `memory`."""
    vectors: VectorsSection = VectorsSection()
    encryption: EncryptionSection | None = None
    """Given: bodies in Redis, and the questions beside vectors, are encrypted."""
    write_queue: Size = 64 * 1024**2
    """Bytes of answers that may wait to be written; beyond it they are dropped and counted."""
