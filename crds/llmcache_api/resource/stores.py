"""Where entries and vectors live: managed by the operator, or servers that are there already."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ..base import Duration, Section, Size
from ..rules import Rule, at_most_one, checked_by, exactly_one
from ..stores import Quantization
from .references import HTTP_URL, Image, ObjectName, Quantity, ResourceAmounts, SecretKey

_GROWS = Rule(
    "!has(oldSelf.storageClass) || "
    "(has(self.storageClass) && self.storageClass == oldSelf.storageClass)",
    "storageClass can't be changed; make another resource, or take the managed store away and bring "
    "it back (its content is lost)",
)

_STARTS = Rule(
    "!has(self.memory) || !quantity(self.memory).isLessThan(quantity('32Mi'))",
    "memory takes 32Mi or more, a quarter of which Redis itself needs; to have no Redis, write "
    "stores.memory instead of stores.redis",
)
"""A server without an entry took 6.5 MB (Valkey 9.1)."""


class ManagedRedis(Section):
    """One Redis server, run by the operator; losing it loses cached answers and nothing else."""

    model_config = checked_by(_GROWS, _STARTS, chosen=True)

    memory: Quantity | None = None
    """Memory limit of its container, 32Mi or more; three quarters of it hold entries. Unset = 1Gi."""
    storage: Quantity | None = None
    """Set: an append-only file on a claim of this size keeps entries over a restart. Unset: none."""
    storage_class: ObjectName | None = None
    """Of that claim; unset = the cluster's default."""
    image: Image | None = None
    """Redis' image; unset = the one of the renderer (status.resolved)."""


class ExternalRedis(Section):
    """A Redis or Valkey server, a Sentinel group or a Cluster that is there already."""

    url: Annotated[
        str,
        Field(
            pattern=r"^(rediss?|rediss?\+sentinel|rediss?\+cluster)://[!-?A-~]+$", max_length=2048
        ),
    ]
    """redis://host:6379/0, rediss:// for TLS, redis+sentinel://h1:26379/master/0,
    redis+cluster://h1:6379. Without a password in it."""
    username: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    """For access control lists; unset = the default user."""
    password: SecretKey | None = None
    ca: SecretKey | None = None
    """Certificate authority for TLS; unset = the system's."""
    client_certificate: ObjectName | None = None
    """A Secret of type kubernetes.io/tls, for mutual TLS."""


class RedisStore(Section):
    """Redis: managed or external."""

    model_config = checked_by(exactly_one("managed", "external"))

    managed: ManagedRedis | None = None
    external: ExternalRedis | None = None
    deadline: Duration | None = None
    """Longest time that a look-up may take; after it the request goes to the engine. Unset = 50ms."""
    lease_wait: Duration | None = None
    """Longest time that a request for a whole answer waits while another replica has the same one
    computed; 0s = each replica asks the engine for itself. Unset = 10s."""


class MemoryStore(Section):
    """Every replica for itself, in its own memory."""

    model_config = checked_by(chosen=True)

    max_size: Size | None = None
    """Bound; the least recently used go first. Unset = 32Mi of entries, 160Mi of vectors."""


class ManagedQdrant(Section):
    """One Qdrant server, run by the operator."""

    model_config = checked_by(_GROWS, chosen=True)

    storage: Quantity | None = None
    """Its claim; unset = 10Gi. It may grow and never shrinks."""
    storage_class: ObjectName | None = None
    """Of that claim; unset = the cluster's default."""
    resources: ResourceAmounts | None = None
    """CPU and memory of its container; unset = 100m and 1Gi, with a limit of 1Gi."""
    image: Image | None = None
    """Qdrant's image; unset = the one of the renderer (status.resolved). Minor versions must not be
    skipped."""


class ExternalQdrant(Section):
    """A Qdrant server that is there already."""

    url: Annotated[str, Field(pattern=HTTP_URL, max_length=2048)]
    """http://host:6333 or https://..."""
    grpc_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """Given: gRPC is spoken there (half the time of REST)."""
    api_key: SecretKey | None = None
    ca: SecretKey | None = None
    """Certificate authority for https; unset = the system's."""


class QdrantStore(Section):
    """Qdrant: managed or external."""

    model_config = checked_by(exactly_one("managed", "external"))

    managed: ManagedQdrant | None = None
    external: ExternalQdrant | None = None
    quantization: Quantization | None = None
    """None, Scalar or Binary, of a new collection; unset = None."""
    deadline: Duration | None = None
    """Longest time that a search may take. Unset = 100ms."""


class ExternalPgvector(Section):
    """A PostgreSQL server with the extension vector."""

    dsn: Annotated[
        str, Field(pattern=r"^postgres(ql)?://([!-9;-?A-~]+@)?[!-?A-~]+$", max_length=2048)
    ]
    """postgresql://user@host:5432/database, without a password in it."""
    password: SecretKey | None = None
    ca: SecretKey | None = None
    """Given: TLS is required and the server's name checked."""


class PgvectorStore(Section):
    """PostgreSQL, external."""

    external: ExternalPgvector
    deadline: Duration | None = None
    """Longest time that a search may take. Unset = 100ms."""


class VectorStores(Section):
    """Where vectors live. Unset = a managed Qdrant."""

    model_config = checked_by(exactly_one("qdrant", "pgvector", "memory"))

    qdrant: QdrantStore | None = None
    pgvector: PgvectorStore | None = None
    memory: MemoryStore | None = None


class FirstLevel(Section):
    """Hot entries in each sidecar, in front of Redis."""

    max_size: Size | None = None
    """Bound of all of them together; 0 switches it off. Unset = 16Mi."""
    max_age: Duration | None = None
    """After this long an entry is read again from Redis; 0 = every hit asks Redis. Unset = 10s."""


class EncryptionKeys(Section):
    """AES-256-GCM of stored bodies and questions. Vectors themselves can be inverted and are not
    encrypted: protect the vector store as you would the prompts."""

    keys: Annotated[tuple[SecretKey, ...], Field(min_length=1, max_length=8)]
    """Keys of 32 bytes (raw, hex or base64). The first encrypts, all decrypt: put a new one first,
    and remove the old one when its answers have expired."""


class StoresSpec(Section):
    """Which stores. Unset = a managed Redis and a managed Qdrant, shared by all models."""

    model_config = checked_by(at_most_one("redis", "memory"))

    redis: RedisStore | None = None
    """Where entries live. Unset, without memory = managed."""
    memory: MemoryStore | None = None
    """Entries in each sidecar alone: replicas share nothing."""
    vectors: VectorStores | None = None
    first_level: FirstLevel | None = None
    encryption: EncryptionKeys | None = None
    write_queue: Size | None = None
    """Bytes of answers that may wait to be written in each sidecar. Unset = 64Mi."""
