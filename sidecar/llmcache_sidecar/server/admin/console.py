"""The console: one page for people."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib import resources

from aiohttp import web

from .routes import Route

_INLINE = {
    "script-src": re.compile(r"<script>(.*?)</script>", re.DOTALL),
    "style-src": re.compile(r"<style>(.*?)</style>", re.DOTALL),
}


def routes() -> tuple[Route, ...]:
    """This room's routes."""
    return (Route("GET", "/", "console", _console, "A page for people.", "text/html", public=True),)


async def _console(_: web.Request) -> web.Response:
    page = read_page()
    return web.Response(
        text=page,
        content_type="text/html",
        headers={
            "Content-Security-Policy": content_policy(page),
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Frame-Options": "DENY",
        },
    )


@cache
def read_page() -> str:
    """The page, from the package's data."""
    package = __package__.rpartition(".")[0]
    return resources.files(package).joinpath("console.html").read_text("utf-8")


@cache
def content_policy(page: str) -> str:
    """Nothing runs on the page but its own script, and it talks to nobody but this server."""
    rules = ["default-src 'none'"]
    for directive, pattern in _INLINE.items():
        digests = [hashlib.sha256(text.encode()).digest() for text in pattern.findall(page)]
        hashes = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
        rules.append(f"{directive} {hashes}")
    rules += ["connect-src 'self'", "img-src data:", "base-uri 'none'", "form-action 'none'",
              "frame-ancestors 'none'"]  # fmt: skip
    return "; ".join(rules)
