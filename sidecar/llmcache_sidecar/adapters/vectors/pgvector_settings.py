"""How to reach PostgreSQL, and how it is to keep the vectors."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

_NAMESPACE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_PLAIN: Final = re.compile(r"[A-Za-z0-9._-]{1,48}")


class PgVectorSettingsError(ValueError):
    """The settings can't be used; the message says what to change and holds no credentials."""


@dataclass(frozen=True, slots=True)
class PgVectorSettings:
    """Where PostgreSQL is and how to speak to it.

    Attributes:
        dsn: postgresql://USER@HOST:5432/DATABASE, `?sslmode=require` and the like included.
        namespace: separates the caches of one database: tables are called
            `llmcache_{namespace}_{model identity}`, or by a hash where that is too long. Letters,
            digits and . _ -.
        password_file: read anew for every connection, so that a rotated secret is taken up.
        ca_file: certificates (PEM) that vouch for the server. With it the connection is encrypted
            and the host's name verified, whatever the DSN says.
        hnsw: keep a graph over all points, for partitions of more than some thousand. It makes
            writes dearer (about a millisecond a point).
        exact_up_to: points of a partition that are compared one by one; beyond them the graph is
            walked. 5,000 take 3 ms. 0: it is always walked.
        max_connections: bound of the pool.
        connect_timeout_s, statement_timeout_s: seconds. They free the connection; the caller's
            deadline is shorter.
    """

    dsn: str = field(repr=False)
    namespace: str = "default"
    password_file: str | None = None
    ca_file: str | None = None
    hnsw: bool = True
    exact_up_to: int = 5_000
    max_connections: int = 8
    connect_timeout_s: float = 5.0
    statement_timeout_s: float = 5.0

    def __post_init__(self) -> None:
        if urlsplit(self.dsn).scheme not in ("postgresql", "postgres"):
            raise PgVectorSettingsError("the DSN must be postgresql://USER@HOST[:PORT]/DATABASE")
        if not _NAMESPACE.fullmatch(self.namespace):
            raise PgVectorSettingsError(
                f"namespace {self.namespace!r}: use letters, digits and . _ - (at most 128)"
            )
        if self.max_connections < 2:
            raise PgVectorSettingsError("max_connections must be at least 2")

    @property
    def shown(self) -> str:
        """For messages: where it is, without credentials."""
        parts = urlsplit(self.dsn)
        return f"{parts.netloc.rpartition('@')[2] or 'the local socket'}{parts.path}"

    def table(self, identity: str) -> str:
        """The name of a model's table, not quoted; 63 bytes at most with what is put behind it."""
        name = f"llmcache_{self.namespace}_{identity}"
        if _PLAIN.fullmatch(name):
            return name
        return f"llmcache_{sha256(name.encode(errors='backslashreplace')).hexdigest()[:32]}"

    def password(self) -> str:
        """What the file holds now; `PgVectorSettingsError` when it can't be read."""
        assert self.password_file is not None
        try:
            return Path(self.password_file).read_text().strip()
        except (OSError, UnicodeError):
            raise PgVectorSettingsError(
                f"the password file {self.password_file} can't be read: check the path and the "
                "mount"
            ) from None

    def tls(self) -> ssl.SSLContext | None:
        """How to verify the server, where `ca_file` is given."""
        if self.ca_file is None:
            return None
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except OSError:  # ssl.SSLError is one
            raise PgVectorSettingsError(
                f"the CA file {self.ca_file} can't be used: it must hold certificates in PEM"
            ) from None
