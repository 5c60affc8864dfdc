"""What a Redis error means for whoever runs the cache."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator

from redis import exceptions as redis_errors
from redis.asyncio.sentinel import MasterNotFoundError

from ..ports.exact_store import StoreError
from .redis_settings import RedisTarget, Topology

_CODE = re.compile(r"-?([A-Z]{2,})\b")


class PasswordFileError(redis_errors.AuthenticationError):
    """The password file can't be read."""


def explain(error: BaseException, target: RedisTarget) -> StoreError:
    """A `StoreError` that says what to do.

    Servers repeat what they were sent in some errors, passwords included: of their words only the
    leading code is kept.
    """
    if isinstance(error, StoreError):
        return error
    return StoreError(f"Redis at {target.shown}: {_meaning(error, target)}")


def _meaning(error: BaseException, target: RedisTarget) -> str:
    chain = list(_chain(error))
    for cause in chain:
        if isinstance(cause, PasswordFileError):
            return str(cause)
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                f"its certificate was not accepted ({cause.verify_message}): check the CA file and "
                "that the certificate names the host that is dialled"
            )
        if isinstance(cause, ssl.SSLError):
            return (
                f"TLS failed ({cause.reason or 'handshake'}): check that this port speaks TLS and "
                "whether it asks for a client certificate"
            )
        if isinstance(cause, FileNotFoundError | PermissionError) and target.tls:
            return "a CA, certificate or key file can't be read: check the paths and the mount"
    text = str(error)
    if isinstance(error, MasterNotFoundError):
        return (
            "no sentinel that answers knows a healthy master of this name: check the name in the "
            "URL, the sentinels' credentials, and SENTINEL MASTERS"
        )
    if isinstance(error, redis_errors.NoPermissionError):
        return "the ACL user may not do this: allow it the keys llmcache:* and the commands in docs"
    if _is_authentication(error, text):
        return "authentication failed: check the username and the password file"
    if isinstance(error, redis_errors.OutOfMemoryError) or text.startswith("OOM"):
        return (
            "its memory is full: raise maxmemory, or let it evict (maxmemory-policy volatile-lru)"
        )
    if isinstance(error, redis_errors.ReadOnlyError):
        return "it is a replica: point the URL at the master, or at the sentinels"
    if isinstance(error, redis_errors.MaxConnectionsError):
        return "all connections of the pool are busy: raise max_connections if this lasts"
    if isinstance(error, redis_errors.BusyLoadingError):
        return "it is still loading its data"
    if isinstance(error, redis_errors.MovedError | redis_errors.AskError):
        if target.topology is not Topology.CLUSTER:
            return "it is a cluster: use redis+cluster:// in the URL"
        return "the cluster is moving its slots"
    if isinstance(error, redis_errors.ClusterError | redis_errors.RedisClusterException):
        return "the cluster can't be reached or does not cover all slots: check CLUSTER INFO"
    if isinstance(error, TimeoutError | redis_errors.TimeoutError):
        if "connecting" in text:
            return "no connection in time: is it reachable, and is TLS set on both sides?"
        return "no answer in time"
    # uvloop's own word for a connection that was closed under a command.
    closed = isinstance(error, RuntimeError) and "handler is closed" in text
    if closed or isinstance(error, redis_errors.ConnectionError | OSError):
        if any(isinstance(cause, ConnectionRefusedError) for cause in chain):
            return "connection refused: is it running, and is the port right?"
        return "the connection failed or was closed: is it reachable, and is TLS set on both sides?"
    if isinstance(error, redis_errors.ResponseError):
        code = _CODE.match(text)
        return f"the server refused the command ({code[1] if code else 'ERR'})"
    return f"unexpected {type(error).__name__}"


def _is_authentication(error: BaseException, text: str) -> bool:
    return isinstance(
        error,
        redis_errors.AuthenticationError
        | redis_errors.AuthenticationWrongNumberOfArgsError
        | redis_errors.AuthorizationError,
    ) or text.startswith(("WRONGPASS", "NOAUTH"))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(10):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__
