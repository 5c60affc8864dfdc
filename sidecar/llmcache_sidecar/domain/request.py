"""One normal form for requests of all five APIs."""

from __future__ import annotations

from typing import NamedTuple

from .api import Api
from .json import JsonObject


class RequestFacts(NamedTuple):
    """What the cache needs to know of a request body. A NamedTuple: it is made for every request,
    and a frozen dataclass of this size costs four times as much.

    Attributes:
        body: the whole parsed body; nobody changes it.
        model: as the client wrote it; None when left to the engine.
        streamed: the client asked for server-sent events.
        wants_usage: the client asked for the usage event of chat and completions streams.
        temperature: as the client wrote it; None when omitted.
        seeded: the client fixed the seed.
        limits_length: the client itself bounded the answer's length, so that an answer cut there
            is what was asked for.
        choices: how many answers were asked for.
        end_user: who the client says the request is for; None when it does not say.
        request_id: the client's own name for the request, which the engine puts into the answer's
            id.
    """

    api: Api
    body: JsonObject
    model: str | None
    streamed: bool
    wants_usage: bool
    temperature: float | None
    seeded: bool
    limits_length: bool
    choices: int
    end_user: str | None
    request_id: str | None
