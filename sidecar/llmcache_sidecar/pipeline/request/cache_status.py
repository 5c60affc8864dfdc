"""The Cache-Status header (RFC 9211) in all its values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

MISS: Final = "llmcache; fwd=miss"
STORED: Final = "llmcache; fwd=miss; stored"
COLLAPSED: Final = "llmcache; fwd=miss; collapsed"
REQUEST: Final = "llmcache; fwd=request"
REQUEST_STORED: Final = "llmcache; fwd=request; stored"


def hit(ttl_s: float, detail: str = "exact") -> str:
    """A hit that may be served for `ttl_s` more seconds (negative: stale)."""
    return f"llmcache; hit; ttl={int(ttl_s // 1)}; detail={detail}"


def bypass(details: Sequence[str], *, stored: bool = False) -> str:
    """The cache stood aside, for all these reasons."""
    detail = details[0] if len(details) == 1 else f'"{",".join(details)}"'
    return f"llmcache; fwd=bypass; detail={detail}" + ("; stored" if stored else "")


def refused(detail: str) -> str:
    """Neither served nor forwarded."""
    return f"llmcache; detail={detail}"
