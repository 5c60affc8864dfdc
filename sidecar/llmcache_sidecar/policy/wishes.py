"""What the client itself asks of the cache, in its request headers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_DIRECTIVE: Final = re.compile(r'(?:[^,"]++|"[^"]*+"?)++')
"""What stands between two commas that are not quoted. It never goes back, so its time grows with
the header's length, whatever a client writes there."""
_TAG: Final = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,63}$")
MAX_TAGS: Final = 16


@dataclass(frozen=True, slots=True)
class Wishes:
    """The request directives of RFC 9111, section 5.2.1, that make sense for inferences.

    Attributes:
        no_cache: ask the engine, and refresh the entry.
        no_store: keep nothing of this request and its answer.
        only_if_cached: never ask the engine.
        max_age: accept only an answer at most this old, in seconds.
    """

    no_cache: bool = False
    no_store: bool = False
    only_if_cached: bool = False
    max_age: float | None = None

    @property
    def follow_ups(self) -> bool:
        """Whether the engine may be asked behind the answer, to refresh it or to judge it."""
        return not (self.no_store or self.only_if_cached)


NO_WISHES: Final = Wishes()


def read_wishes(cache_control: str) -> Wishes:
    """Read a Cache-Control header. Unknown directives are ignored, as the RFC has it; a max-age
    that is no number of seconds counts as 0 (the stricter reading)."""
    given: dict[str, str] = {}
    for directive in _DIRECTIVE.findall(cache_control):
        name, _, value = directive.partition("=")
        given.setdefault(name.strip().lower(), value.strip().strip('"'))
    max_age: float | None = None
    if "max-age" in given:
        text = given["max-age"]
        max_age = float(min(int(text[:12]), 2**31)) if text.isascii() and text.isdigit() else 0.0
    return Wishes(
        no_cache="no-cache" in given,
        no_store="no-store" in given,
        only_if_cached="only-if-cached" in given,
        max_age=max_age,
    )


def read_tags(header: str) -> tuple[str, ...] | None:
    """The tags of an LLMCache-Tags header, or None when it can't be honoured (more than 16 tags, or
    one that is not 1 to 64 letters, digits and ._:/@-): then nothing may be stored, since a purge
    by that tag would miss it."""
    tags = tuple(dict.fromkeys(tag.strip() for tag in header.split(",") if tag.strip()))
    if len(tags) > MAX_TAGS or not all(_TAG.match(tag) for tag in tags):
        return None
    return tags
