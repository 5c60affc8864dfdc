"""Trouble that no caller is told of: the event loop's own."""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import Any, Final

_log = logging.getLogger("llmcache")

_TLS: Final = "Fatal error on SSL protocol"
"""uvloop's words for a TLS connection that broke while it wrote its farewell. Whoever used the
connection has been told by then: it is no defect, and a traceback of it would look like one."""


def tell_stray(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """An exception handler for `loop`: connections that broke are told in a line, at debug; whatever
    else it is is told whole."""
    error = context.get("exception")
    broken = isinstance(error, ConnectionError | ssl.SSLError) and "future" in context
    if broken or str(context.get("message", "")).startswith(_TLS):
        _log.debug("a connection broke after its user had left it: %s", type(error).__name__)
        return
    loop.default_exception_handler(context)
