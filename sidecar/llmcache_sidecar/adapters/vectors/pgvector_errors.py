"""What an error of PostgreSQL or its client means for whoever runs the cache."""

from __future__ import annotations

import ssl

import asyncpg

from ...ports.vector_store import VectorStoreError
from .pgvector_settings import PgVectorSettingsError

_BY_STATE = {
    "28": "authentication failed: check the user and the password file",
    "3D": "the database is not there: create it, or name another in the DSN",
    "53": "it has no room or takes no more connections: check its disk, memory and limits",
    "57": "it is starting or shutting down, or the statement took too long",
    "58": "it can't read a file of its own: see its log",
    "25": "it takes no writes: point the DSN at the primary",
    "08": "the connection failed or was closed",
    "40": "it gave this transaction up: it may be tried again",
}


class NoTableError(VectorStoreError):
    """The table is gone: the server lost its data, or somebody dropped it."""


def explain(error: BaseException, shown: str) -> VectorStoreError:
    """A `VectorStoreError` that says what to check. Of the server's words nothing is repeated:
    they may quote what was stored."""
    if isinstance(error, VectorStoreError):
        return error
    if isinstance(error, asyncpg.UndefinedTableError):
        return NoTableError(f"PostgreSQL at {shown}: the table is not there (any more)")
    return VectorStoreError(f"PostgreSQL at {shown}: {_meaning(error)}")


def _meaning(error: BaseException) -> str:
    if isinstance(error, PgVectorSettingsError):
        return str(error)
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        if state == "42501":
            return "the user may not do this: allow it to create tables in its schema"
        return _BY_STATE.get(state[:2], f"it refused the statement ({state or 'no code'})")
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"its certificate was not accepted ({error.verify_message}): check the CA file and "
            "that the certificate names the host that is dialled"
        )
    if isinstance(error, ssl.SSLError):
        return "TLS failed: check that the server has ssl = on"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused: is it running, and is the port right?"
    if isinstance(error, OSError):
        return "the connection failed or was closed: is it reachable, is TLS set on both sides?"
    if isinstance(error, asyncpg.InterfaceError):
        return "the connection was closed, or the DSN can't be used"
    return f"unexpected {type(error).__name__}"
