"""Failures on demand: for one request by its ``x-sim-fault`` header, for a share of all by rate.

A fault is written ``kind`` or ``kind=value``; several are separated by ``;``. The kinds:

    status=500          an error answer with this status, in vLLM's form
    retry-after=3       that header, together with status
    cut-after=3         the connection is closed after this many stream events (or half the body)
    close               the connection is closed before any answer
    hang                no answer ever, until the client leaves
    hang-after=3        the same in the middle of a stream
    slow=50             this many milliseconds between tokens
    delay=200           this many milliseconds before the answer
    content-type=T      the answer, unchanged, under another content type
    html                200 with an HTML page, as a proxy's error page
    malformed-json      a whole answer that is cut off, with a right length
    malformed-sse=3     an event that is no JSON after this many
    midstream-error=3   vLLM's error event after this many events, then the API's end
    no-terminal         the stream ends properly but without its terminal event
    wrong-length        Content-Length says more than is sent
    empty               200 with no body
"""

from __future__ import annotations

from dataclasses import dataclass, replace

HEADER = "x-sim-fault"
DEFAULT_EVENTS = 3


@dataclass(frozen=True)
class Fault:
    """Everything that can be wrong with one answer; the default is nothing."""

    status: int | None = None
    retry_after: int | None = None
    cut_after: int | None = None
    close: bool = False
    hang: bool = False
    hang_after: int | None = None
    slow_ms: float | None = None
    delay_ms: float | None = None
    content_type: str | None = None
    html: bool = False
    malformed_json: bool = False
    malformed_sse: int | None = None
    midstream_error: int | None = None
    no_terminal: bool = False
    wrong_length: bool = False
    empty: bool = False


NOTHING = Fault()


def parse(text: str) -> Fault:
    """Raises ValueError for a kind that does not exist."""
    fault = NOTHING
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        kind, _, value = part.partition("=")
        fault = with_kind(fault, kind.strip().lower(), value.strip())
    return fault


def with_kind(fault: Fault, kind: str, value: str) -> Fault:
    match kind:
        case "status":
            return replace(fault, status=int(value or 500))
        case "retry-after":
            return replace(fault, retry_after=int(value or 1))
        case "cut-after":
            return replace(fault, cut_after=int(value or DEFAULT_EVENTS))
        case "hang-after":
            return replace(fault, hang_after=int(value or DEFAULT_EVENTS))
        case "malformed-sse":
            return replace(fault, malformed_sse=int(value or DEFAULT_EVENTS))
        case "midstream-error":
            return replace(fault, midstream_error=int(value or DEFAULT_EVENTS))
        case "slow":
            return replace(fault, slow_ms=float(value or 50))
        case "delay":
            return replace(fault, delay_ms=float(value or 200))
        case "content-type":
            return replace(fault, content_type=value or "text/html")
        case "close":
            return replace(fault, close=True)
        case "hang":
            return replace(fault, hang=True)
        case "html":
            return replace(fault, html=True)
        case "malformed-json":
            return replace(fault, malformed_json=True)
        case "no-terminal":
            return replace(fault, no_terminal=True)
        case "wrong-length":
            return replace(fault, wrong_length=True)
        case "empty":
            return replace(fault, empty=True)
        case _:
            raise ValueError(f"no such fault: {kind}; see tests/simulator/faults.py")
