"""Admission: what may be stored."""

from __future__ import annotations

from enum import StrEnum

from ..domain.answer import Finish
from ..domain.json import JsonObject
from ..domain.request import RequestFacts


class Refusal(StrEnum):
    """Why an answer was not stored; the values are metric labels."""

    STATUS = "status"
    CONTENT_TYPE = "content-type"
    ENCODING = "encoding"
    TOO_LARGE = "too-large"
    MALFORMED = "malformed"
    INCOMPLETE = "incomplete"
    ERROR_EVENT = "error-event"
    FINISH = "finish"
    NO_STORE = "no-store"
    ENGINE_CHANGED = "engine-changed"
    PURGED = "purged"
    QUEUE_FULL = "queue-full"


def judge_finish(finishes: list[Finish], facts: RequestFacts) -> Refusal | None:
    """Every choice must have ended naturally, or at a length that the client itself set; and there
    must be as many as were asked for."""
    if len(finishes) < max(1, facts.choices):
        return Refusal.INCOMPLETE
    for finish in finishes:
        if not (finish.natural or (finish.limited and facts.limits_length)):
            return Refusal.FINISH
    return None


def answers_the_question(finishes: list[Finish]) -> bool:
    """Whether an answer that may be stored may also be served to a request that means the same: it
    came to an end of its own and calls no tool."""
    return len(finishes) == 1 and finishes[0].natural and not finishes[0].calls


def judge_document(answer: JsonObject) -> Refusal | None:
    """What no API's stored answer may hold."""
    return Refusal.ERROR_EVENT if answer.get("error") is not None else None
