"""The heads of answers."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from aiohttp import web
from multidict import CIMultiDict

from ..pipeline.request import cache_status
from ..pipeline.request.call import Hit
from ..ports.engine import HeaderList

CACHE_STATUS: Final = "Cache-Status"
_OWN_FRAMING: Final = frozenset({"content-length", "date"})
_SERVER: Final = "Server"
_NAME: Final = "llmcache"
"""What answers of our own say; the engine's name passes."""


def hit_head(hit: Hit, length: int) -> bytes:
    """Status line and headers of a hit, up to the Date header."""
    age, ttl = int(hit.age_s), hit.ttl_s
    more = b""
    detail = "exact" if hit.similarity is None else "semantic"
    if hit.shared:
        # A stranger must not learn when exactly somebody else asked, from neither of the two.
        ttl += hit.age_s - (age - age % 60)
        age -= age % 60
    else:
        more = b"LLMCache-Entry: %s\r\n" % hit.meta.id.encode("ascii")
        if hit.similarity is not None:
            more += b"LLMCache-Similarity: %.4f\r\n" % hit.similarity
    if hit.request_id is not None:
        more += b"X-Request-Id: %s\r\n" % hit.request_id.encode("latin-1")
    return b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\nCache-Status: %s\r\nAge: %d\r\n%s" % (
        hit.lines,
        length,
        cache_status.hit(ttl, detail).encode("ascii"),
        age,
        more,
    )


def hit_headers(hit: Hit) -> CIMultiDict[str]:
    """The same for a client that prepared bytes are not right for."""
    lines = hit_head(hit, len(hit.body)).decode("utf-8", "replace").split("\r\n")[1:-1]
    headers: CIMultiDict[str] = CIMultiDict()
    for line in lines:
        name, _, value = line.partition(": ")
        headers.add(name, value)
    headers[_SERVER] = _NAME  # or aiohttp would put its own name and version there
    return headers


def passed_headers(headers: HeaderList, status: str, *, keep_length: bool) -> CIMultiDict[str]:
    """The engine's headers with what the cache says of itself added."""
    result: CIMultiDict[str] = CIMultiDict()
    for name, value in headers:
        lower = name.lower()
        if lower not in _OWN_FRAMING or (keep_length and lower == "content-length"):
            result.add(name, value)
    if status:
        result.add(CACHE_STATUS, status)
    if _SERVER not in result:
        result.add(_SERVER, _NAME)
    return result


def whole_head(
    status: int, reason: str, headers: HeaderList, cache: str, length: int
) -> bytes | None:
    """Status line and headers of a whole answer, up to the Date header; None when a header can't be
    written as it is."""
    lines = [f"HTTP/1.1 {status} {reason or phrase(status)}"]
    lines += [f"{name}: {value}" for name, value in headers if name.lower() not in _OWN_FRAMING]
    if cache:
        lines.append(f"{CACHE_STATUS}: {cache}")
    lines.append(f"Content-Length: {length}\r\n")
    text = "\r\n".join(lines)
    # Each line is one line: a header that held a break would have added another.
    if text.count("\n") != len(lines) or text.count("\r") != len(lines):
        return None
    return text.encode("utf-8", "surrogateescape")


def phrase(status: int) -> str:
    """The usual words for a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def close_after(response: web.StreamResponse, draining: bool) -> None:
    """A lame duck asks its clients to go elsewhere."""
    if draining:
        response.force_close()
