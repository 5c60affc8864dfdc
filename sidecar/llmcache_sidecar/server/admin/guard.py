"""Who may use the admin plane."""

from __future__ import annotations

import hmac
import ipaddress

from aiohttp import web
from yarl import URL

from ...pipeline.engine.key_gate import credential_of
from .routes import problem


class Guard:
    """Checks a request for a route that is not public.

    Args:
        token: the bearer token; None when nobody but this machine can connect. Then a browser on
            it is what must be kept from acting for strangers' pages.
    """

    def __init__(self, token: str | None) -> None:
        self.take(token)

    def take(self, token: str | None) -> None:
        """Another token from now on."""
        self._token = None if token is None else token.encode("utf-8", "surrogateescape")

    def refuse(self, request: web.Request) -> web.Response | None:
        """The refusal, or None when the request may go on."""
        origin = request.headers.get("Origin")
        if origin is not None and not _same_origin(origin, request.host):
            return problem(403, "the admin plane takes requests of its own pages only")
        if self._token is None:
            if not _is_this_machine(request.host):
                # A name that a stranger made point here (DNS rebinding).
                return problem(403, "without a token the admin plane takes its address or localhost "
                               "as the host")  # fmt: skip
            return None
        given = credential_of(request.headers.get("Authorization", ""), "")
        if hmac.compare_digest(given.encode("utf-8", "surrogateescape"), self._token):
            return None
        return problem(
            401,
            "the admin plane takes `Authorization: Bearer` with the token of admin.tokenFile",
            {"WWW-Authenticate": 'Bearer realm="llmcache admin"'},
        )


def _same_origin(origin: str, host: str) -> bool:
    return origin.partition("://")[2] == host


def _is_this_machine(host: str) -> bool:
    try:
        name = URL(f"http://{host}").host or ""
    except ValueError:
        return False
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True
