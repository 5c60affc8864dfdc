"""Chat and completions streams without their usage event, as an engine sends them to a client that
did not ask for it: then vLLM tells `system_fingerprint` where a choice finishes."""

from __future__ import annotations

import re
from typing import Final

import orjson

_FINISH: Final = re.compile(rb'"finish_reason": ?"')
_MEMBER: Final = b'"system_fingerprint":'
_END: Final = b"}\n\n"


def finishes(event: bytes) -> bool:
    """Whether a choice finishes with `event`."""
    return _FINISH.search(event) is not None


def with_fingerprint(event: bytes, fingerprint: str) -> bytes:
    """`event` with the member that went away with the usage event; as it is where it has one."""
    if not event.endswith(_END) or _MEMBER in event:
        return event
    return b"%s,%s%s%s" % (event[:-3], _MEMBER, orjson.dumps(fingerprint), _END)
