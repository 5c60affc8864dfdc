"""JSON as types."""

from __future__ import annotations

from typing import Any, TypeAlias

Json: TypeAlias = Any
"""A JSON value as orjson gives it: dict, list, str, int, float, bool or None. A recursive type
would say more and make every walk over a client's document a cast."""

JsonObject: TypeAlias = dict[str, Any]
