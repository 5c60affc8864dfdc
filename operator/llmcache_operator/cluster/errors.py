"""What the API server can answer instead of what was asked for.

ClusterError
├── NotFound       404
├── Conflict       409: somebody else holds a field or the name, or the object is another by now
├── Refused        400, 403, 405, 413, 422: it will answer the same until something changes
├── Expired        410: a watch must start anew
└── Unavailable    429, 5xx, no connection, no answer in time: try again later
"""

from __future__ import annotations

import json
from typing import Any


class ClusterError(Exception):
    """Any of them.

    Attributes:
        status: the HTTP status; 0 when there was no answer.
        reason: Kubernetes' word for it.
        message: Kubernetes' sentence.
        causes: which fields, and what of them.
        retry_after: seconds that the API server asks to wait, if it does.
    """

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        causes: tuple[str, ...] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{status} {reason}: {message}" if status else message)
        self.status = status
        self.reason = reason
        self.message = message
        self.causes = causes
        self.retry_after = retry_after


class NotFound(ClusterError):
    """There is no such object, or no such kind."""


class Conflict(ClusterError):
    """Somebody else holds a field, or the name, or the object changed meanwhile."""


class Refused(ClusterError):
    """It will answer the same until something changes."""


class Leaving(ClusterError):
    """The namespace is being deleted; nothing can be made in it."""


class Expired(ClusterError):
    """The resourceVersion is too old."""


class Unavailable(ClusterError):
    """Not now."""


def error_from(status: int, body: bytes, retry_after: str | None = None) -> ClusterError:
    """The error that an answer of the API server means."""
    try:
        told: dict[str, Any] = json.loads(body)
        reason, message = str(told.get("reason", "")), str(told.get("message", ""))
        listed = (told.get("details") or {}).get("causes") or ()
    except (ValueError, AttributeError):
        reason, message, listed = "", body[:200].decode(errors="replace"), ()
    causes = tuple(str(cause.get("field", "")) for cause in listed)
    leaving = any(cause.get("reason") == "NamespaceTerminating" for cause in listed)
    kinds: dict[int, type[ClusterError]] = {404: NotFound, 409: Conflict, 410: Expired}
    kind = Leaving if leaving else kinds.get(status)
    if kind is None:
        # 401: a token that is being renewed; it is another one at the next try.
        kind = Unavailable if status in {401, 408, 429} or status >= 500 else Refused
    try:
        wait = float(retry_after) if retry_after else None
    except ValueError:
        wait = None
    return kind(status, reason, message, causes, wait)
