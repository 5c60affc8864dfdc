"""What a request's headers say to the cache."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from multidict import MultiMapping, istr

from ..pipeline.engine.key_gate import credential_of

_AUTHORIZATION: Final = istr("Authorization")
_API_KEY: Final = istr("X-Api-Key")
CACHE_CONTROL: Final = istr("Cache-Control")
_TAGS: Final = istr("LLMCache-Tags")
_ORIGIN: Final = istr("Origin")
_REQUEST_ID: Final = istr("X-Request-Id")
_CONTENT_TYPE: Final = istr("Content-Type")
CONTENT_ENCODING: Final = istr("Content-Encoding")

Said = tuple[str, bytes, str, str, str, str | None, MultiMapping[str]]
"""The fields of `pipeline.request.call.Asked` from `origin` on."""


def said(headers: MultiMapping[str], body: bytes) -> Said:
    """What a request with these headers (case-insensitive) and this body says."""
    return (
        headers.get(_ORIGIN, ""),
        body,
        caller_key(headers),
        listed(headers, CACHE_CONTROL),
        listed(headers, _TAGS),
        _request_id(headers.get(_REQUEST_ID)),
        headers,
    )


def listed(headers: MultiMapping[str], name: str) -> str:
    """All values of a header that is a list: several lines of it are one (RFC 9110, section 5.3)."""
    first = headers.get(name)
    return "" if first is None else ", ".join(headers.getall(name))


def caller_key(headers: Mapping[str, str]) -> str:
    """The caller's key; empty when none was sent."""
    return credential_of(headers.get(_AUTHORIZATION, ""), headers.get(_API_KEY, ""))


def is_plain_json(headers: Mapping[str, str]) -> bool:
    """Whether the body is JSON as it stands."""
    kind = headers.get(_CONTENT_TYPE, "")
    if kind != "application/json" and kind.partition(";")[0].strip().lower() != "application/json":
        return False
    return CONTENT_ENCODING not in headers


def _request_id(given: str | None) -> str | None:
    """Bytes that are no UTF-8 came as lone surrogates; read them as the engine does."""
    if given is None or given.isascii():
        return given
    return given.encode("utf-8", "surrogateescape").decode("latin-1")
