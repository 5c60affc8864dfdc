"""What a level of the cache may do."""

from __future__ import annotations

from enum import StrEnum
from typing import Any


class CacheMode(StrEnum):
    """What one level of the cache may do."""

    SERVE = "Serve"
    OBSERVE = "Observe"  # decide, store and count, never serve
    OFF = "Off"


class PrefixIsolation(StrEnum):
    """Who shares the engine's prefix cache."""

    SHARED = "Shared"
    TENANT = "Tenant"


def off_is_a_word(value: Any) -> Any:
    """YAML reads an unquoted Off as false."""
    return CacheMode.OFF if value is False else value
