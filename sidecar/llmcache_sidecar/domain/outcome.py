"""What became of one request."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .api import Api


class Outcome(StrEnum):
    """Exactly one for each request on a cached route; they add up to the requests."""

    HIT_EXACT = "hit_exact"
    HIT_SEMANTIC = "hit_semantic"
    MISS = "miss"
    COLLAPSED = "collapsed"
    BYPASS = "bypass"
    HOLDOUT = "holdout"
    REFUSED = "refused"
    ERROR = "error"

    # Enum's own hash is a Python function, and these are looked up for every request.
    __hash__ = str.__hash__


HITS: Final = (Outcome.HIT_EXACT, Outcome.HIT_SEMANTIC)
"""Answers from the cache."""


@dataclass(slots=True)
class Record:
    """One request's line in the account. The server makes it, the pipeline fills it, the journal
    reads it once, when the client has its answer or has left.

    Attributes:
        model: the engine's name of the model, or "other" for what it does not serve (clients must
            not be able to make up label values).
        detail: why a request was bypassed or refused; empty otherwise.
        cacheable: no rule, wish or limit kept it out of the cache.
        first_byte_s, total_s: seconds from the request's arrival to the first and the last byte
            handed to the network; None when it did not come to that.
        saved_prompt_tokens, saved_completion_tokens, saved_engine_s: what a hit made unnecessary.
        age_s: how old the served answer was, in seconds; None unless a hit.
        stale: served past its ttl, as the settings allow.
        refreshed: the engine was asked for a fresh answer behind this hit.
        observed_hit: would have been a hit, had the mode been Serve.
        withheld_hit: would have been one, had the error budget let it.
        similarity: of the question to the one whose answer was served; None unless a semantic hit.
    """

    api: Api
    model: str = "other"
    outcome: Outcome = Outcome.ERROR
    detail: str = ""
    cacheable: bool = False
    status: int = 0
    first_byte_s: float | None = None
    total_s: float | None = None
    saved_prompt_tokens: int = 0
    saved_completion_tokens: int = 0
    saved_engine_s: float = 0.0
    age_s: float | None = None
    stale: bool = False
    refreshed: bool = False
    observed_hit: bool = False
    withheld_hit: bool = False
    similarity: float | None = None

    def refreshes(self) -> None:
        """The engine is asked all the same: this hit saves nothing but time."""
        self.refreshed = True
        self.saved_prompt_tokens = self.saved_completion_tokens = 0
        self.saved_engine_s = 0.0
