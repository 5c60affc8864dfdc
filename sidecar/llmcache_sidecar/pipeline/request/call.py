"""One request as the server hands it over, and the answers that come back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from multidict import MultiMapping

from ...domain.api import Api
from ...domain.entry import EntryMeta
from ...domain.outcome import Record
from ...ports.engine import HeaderList

if TYPE_CHECKING:
    from ..engine.flight import Rider


@dataclass(slots=True)
class Asked:
    """What a POST on a cached route says, read whole.

    Attributes:
        target: path and query as they came.
        query: the URL's query string.
        origin: the Origin header: an engine answers browsers with headers that depend on it.
        credential: the caller's key; empty when none was sent.
        request_id: the X-Request-Id header.
        headers: all request headers, case-insensitive.
    """

    api: Api
    target: str
    query: str
    origin: str
    body: bytes
    credential: str
    cache_control: str
    tags: str
    request_id: str | None
    headers: MultiMapping[str]

    @property
    def beside(self) -> str:
        """What beside the body shapes the answer: part of every key."""
        return f"{self.query}#{self.origin}" if self.origin else self.query


@dataclass(slots=True)
class Call(Asked):
    """One request as the server hands it over, to be answered one way or another.

    Attributes:
        forward: makes the headers that go on to the engine (a hit needs none).
    """

    forward: Callable[[], HeaderList]
    record: Record


class Hit(NamedTuple):
    """An answer from the cache. A NamedTuple: cheaper to make than a frozen dataclass.

    Attributes:
        body: what the client gets, new ids in place.
        lines: the headers of the entry that return, Content-Type among them, as bytes of HTTP/1.1.
        age_s: seconds since the inference.
        ttl_s: seconds that it may still be served; negative when stale.
        shared: scope Shared: nothing that lets a caller climb towards others' prompts is told.
        similarity: of a semantic hit.
        request_id: what the request is called, where the engine's answer said so in its headers.
    """

    meta: EntryMeta
    body: bytes
    lines: bytes
    streamed: bool
    age_s: float
    ttl_s: float
    shared: bool
    request_id: str | None = None
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """An answer that is there entire: the engine's, or an error of our own."""

    status: int
    headers: HeaderList
    body: bytes
    cache_status: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Flowing:
    """An answer of the engine that is still coming."""

    status: int
    headers: HeaderList
    rider: Rider
    cache_status: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PassOn:
    """Nothing of ours: the server forwards the request and streams the answer back.

    Attributes:
        body: what the engine gets.
    """

    cache_status: str
    credential: bytes
    body: bytes


Answer = Hit | Whole | Flowing | PassOn
