"""POST /v1/embeddings."""

from __future__ import annotations

from typing import Final

from ..domain.answer import Finish
from ..domain.api import Api
from ..domain.json import JsonObject
from ..domain.request import RequestFacts
from .chunks import head_places
from .dialect import Dialect, openai_error, openai_usage


def _finishes(answer: JsonObject) -> list[Finish]:
    data = answer.get("data")
    if answer.get("object") != "list" or type(data) is not list or not data:
        return []
    return [Finish(natural=True)]


def _new_id(facts: RequestFacts, given: str | None, random_hex: str) -> str:
    return f"embd-{given or facts.request_id or random_hex}"


EMBEDDINGS: Final = Dialect(
    api=Api.EMBEDDINGS,
    places=head_places,
    finishes=_finishes,
    usage=openai_usage,
    assemble=lambda _: None,  # never streamed
    cut=lambda _: [],
    is_usage_event=lambda _: False,
    new_id=_new_id,
    error=openai_error,
    ends_with_done=False,
)
