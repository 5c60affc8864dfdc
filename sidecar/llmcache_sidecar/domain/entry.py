"""A stored answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .api import Api
from .ids import EntryId, ExactKey, Fingerprint, TenantId
from .purge import LogPosition

REQUEST_ID: Final = "x-request-id"
KEPT_HEADERS: Final = frozenset(
    {
        "access-control-allow-credentials",
        "access-control-allow-origin",
        "access-control-expose-headers",
        "content-language",
        "content-type",
        "vary",
        REQUEST_ID,
    }
)
"""The stored headers that return on a hit (those for browsers belong to an Origin, which the key
holds; the request's id gets a new value); anything else was about one request."""


class Form(StrEnum):
    """How an answer travels: one JSON document, or server-sent events."""

    WHOLE = "whole"
    STREAM = "stream"


@dataclass(frozen=True, slots=True)
class EntryMeta:
    """What is known of an entry without reading its body.

    Attributes:
        created_at: Unix time in seconds at which the inference ended. A hit never changes it.
        expires_at: Unix time in seconds after which no reader may want the body any more: the
            longest of the lifetimes in force when it was stored. Readers apply their own, current
            lifetime to `created_at`, so a lowered one works at once.
        position: the purge log's position when the inference started (see `purging`).
        prompt_tokens, completion_tokens: what serving this entry saves; 0 where the engine said
            nothing.
        engine_seconds: how long the engine took for this answer, in seconds.
        body_bytes: length of the body before compression.
        headers: the response headers that return on a hit, in order.
        answers: it came to an end of its own and calls no tool, so it may also answer questions that
            mean the same.
    """

    id: EntryId
    key: ExactKey
    api: Api
    tenant: TenantId
    model: str
    fingerprint: Fingerprint
    form: Form
    created_at: float
    expires_at: float
    position: LogPosition
    body_bytes: int
    tags: tuple[str, ...] = ()
    prompt_tokens: int = 0
    completion_tokens: int = 0
    engine_seconds: float = 0.0
    policy_version: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    answers: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry with its body, as the engine sent it.

    Attributes:
        body: for `Form.WHOLE` the JSON document; for `Form.STREAM` all events of the stream, each
            with its blank line, usage included.
    """

    meta: EntryMeta
    body: bytes
