"""Answers of our own making: errors, in the shape of the API that was asked."""

from __future__ import annotations

from typing import Final

import orjson

from ...apis.registry import DIALECTS
from ...domain.api import Api
from ...domain.outcome import Outcome
from ...ports.engine import HeaderList
from . import cache_status
from .call import Call, Whole

NOT_CACHED: Final = "the request said only-if-cached, and there is no cached answer"
NO_KEY: Final = "this key is not accepted here"
ENGINE_GONE: Final = "the engine can't be reached; try again"
JSON_HEADERS: Final[HeaderList] = [("Content-Type", "application/json")]


def refused(call: Call, detail: str) -> Whole:
    """The request goes nowhere; `detail` says why."""
    if detail == "key":
        return _error(call.api, 401, NO_KEY, detail)
    return _error(call.api, 504, NOT_CACHED, detail)


def broken(call: Call, message: str) -> Whole:
    """The engine gave no answer."""
    call.record.outcome = Outcome.ERROR
    return _error(call.api, 502, message, "engine")


def _error(api: Api, status: int, message: str, detail: str) -> Whole:
    body = orjson.dumps(DIALECTS[api].error(status, message))
    return Whole(status, JSON_HEADERS, body, cache_status.refused(detail))
