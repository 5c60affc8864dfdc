"""What an error of Qdrant's client means for whoever runs the cache."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import grpc  # type: ignore[import-untyped]
import httpx
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import ApiException, UnexpectedResponse

from ...ports.vector_store import VectorStoreError

_UNAUTHORIZED = "the API key was refused: check the file with the key and the server's settings"
_UNREACHABLE = "the connection failed: is it running, is the port right, is TLS set on both sides?"
_LATE = "no answer in time"
_FULL = "it has no room or takes no more for now: check its disk, memory and limits"


class UnauthorizedError(VectorStoreError):
    """The server does not know the API key."""


class NoCollectionError(VectorStoreError):
    """The collection is gone: the server lost its data, or somebody deleted it."""


def explain(error: BaseException, shown: str) -> VectorStoreError:
    """A `VectorStoreError` that says what to check. Of the server's words nothing is repeated:
    they may quote what was stored."""
    if isinstance(error, VectorStoreError):
        return error
    for cause in _chain(error):
        status = _status(cause)
        if status in (401, 403):
            return UnauthorizedError(f"Qdrant at {shown}: {_UNAUTHORIZED}")
        if status == 404:
            return NoCollectionError(f"Qdrant at {shown}: the collection is not there (any more)")
        if (meaning := _meaning(cause, status)) is not None:
            return VectorStoreError(f"Qdrant at {shown}: {meaning}")
    return VectorStoreError(f"Qdrant at {shown}: unexpected {type(error).__name__}")


def _meaning(cause: BaseException, status: int | None) -> str | None:
    if status in (429, 503, 507):
        return _FULL
    if status is not None:
        return f"it refused the request (HTTP {status})"
    if isinstance(cause, ssl.SSLCertVerificationError):
        return (
            f"its certificate was not accepted ({cause.verify_message}): check the CA file and "
            "that the certificate names the host that is dialled"
        )
    if isinstance(cause, ssl.SSLError):
        return "TLS failed: check that this port speaks TLS"
    if isinstance(cause, httpx.PoolTimeout):
        return "all connections of the pool are busy: raise max_connections if this lasts"
    if isinstance(cause, httpx.TimeoutException | TimeoutError):
        return _LATE
    if isinstance(cause, httpx.TransportError | OSError):
        return _UNREACHABLE
    if isinstance(cause, grpc.RpcError):
        return _rpc_meaning(cause)
    if isinstance(cause, QdrantException):  # of those, the server's own "too much"
        return _FULL
    return None


def _rpc_meaning(cause: grpc.RpcError) -> str:
    code = cause.code() if isinstance(cause, grpc.aio.AioRpcError) else None
    if code is grpc.StatusCode.UNAVAILABLE:
        return _UNREACHABLE
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return _LATE
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        return _FULL
    return f"it refused the request ({code.name if code is not None else 'gRPC'})"


def _status(cause: BaseException) -> int | None:
    """The HTTP status, or the one that a gRPC status corresponds to where that matters."""
    if isinstance(cause, UnexpectedResponse):
        return cause.status_code
    if isinstance(cause, grpc.aio.AioRpcError):
        if cause.code() in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED):
            return 401
        return 404 if cause.code() is grpc.StatusCode.NOT_FOUND else None
    if isinstance(cause, ValueError) and str(cause).endswith("not found"):  # local mode
        return 404
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(10):
        if error is None:
            return
        yield error
        source = getattr(error, "source", None) if isinstance(error, ApiException) else None
        error = source or error.__cause__ or error.__context__
