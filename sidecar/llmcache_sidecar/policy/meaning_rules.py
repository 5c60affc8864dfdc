"""Which requests may be looked up by meaning: what can be said from the body alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import orjson

from ..domain.api import Api
from ..domain.json import Json
from ..domain.request import RequestFacts


@dataclass(frozen=True, slots=True)
class MeaningSettings:
    """What the rules go by.

    Attributes:
        tools: requests that offer tools may be looked up by meaning.
        query_on_purpose: somebody said where the question stands.
    """

    tools: bool = False
    query_on_purpose: bool = False


Rule = Callable[[RequestFacts, MeaningSettings], str | None]
"""The reason against it, or None."""

_ONE_TEXT: Final = frozenset(
    {
        "best_of",
        "echo",
        "logprob_token_ids",
        "logprobs",
        "prompt_logprobs",
        "return_prompt_text",
        "return_token_ids",
        "return_tokens_as_token_ids",
        "suffix",
        "top_logprobs",
        "use_beam_search",
    }
)
_CHOICES: Final = ("guided_choice", "guided_regex", "guided_grammar")
_STRUCTURED: Final = ("choice", "regex", "grammar", "structural_tag")
_SCHEMAS: Final = ("response_format", "text", "output_config", "guided_json")
_CHOOSING: Final = frozenset({"enum", "const", "pattern"})
"""Keywords of JSON Schema. A single `const` leaves no choice, but is there to tell the kinds of a union
apart, whose parts may stand elsewhere (`$defs`)."""
_DEEPEST: Final = 32


def embeddings(facts: RequestFacts, _: MeaningSettings) -> str | None:
    """A vector belongs to one text."""
    return "embeddings" if facts.api is Api.EMBEDDINGS else None


def one_text(facts: RequestFacts, _: MeaningSettings) -> str | None:
    """The answer speaks of the very text that was sent, or is one of several."""
    return "one-text" if facts.choices > 1 or not _ONE_TEXT.isdisjoint(facts.body) else None


def tools(facts: RequestFacts, settings: MeaningSettings) -> str | None:
    """An answer to a request with tools may be a step of a job, not the answer to a question."""
    return "tools" if facts.body.get("tools") and not settings.tools else None


def question_unmarked(facts: RequestFacts, settings: MeaningSettings) -> str | None:
    """Completions and constrained choices carry documents and instructions around their question:
    unless somebody said where it stands, texts that look alike may ask for different things."""
    if settings.query_on_purpose:
        return None
    if facts.api is Api.COMPLETIONS:
        return "completions"
    get = facts.body.get
    structured = get("structured_outputs")
    if type(structured) is not dict:
        structured = {}
    if (
        any(get(name) is not None for name in _CHOICES)
        or any(structured.get(name) for name in _STRUCTURED)
        or any(_chooses(get(name)) for name in _SCHEMAS)
        or _chooses(structured.get("json"))
    ):
        return "choices"
    return None


def _chooses(schema: Json) -> bool:
    """Whether a schema, or a text of one (engines take both), leaves a choice; no JSON counts as one."""
    if type(schema) is str:
        try:
            schema = orjson.loads(schema)
        except orjson.JSONDecodeError:
            return True
    return _has_choice(schema)


def _has_choice(value: Json, depth: int = 0) -> bool:
    """Whether a schema leaves a choice between given words or yes and no; one that is too deep counts
    as such."""
    if depth > _DEEPEST:
        return True
    if type(value) is dict:
        kind = value.get("type")
        return (
            not _CHOOSING.isdisjoint(value)
            or kind == "boolean"
            or (type(kind) is list and "boolean" in kind)
            or any(_has_choice(inner, depth + 1) for inner in value.values())
        )
    return type(value) is list and any(_has_choice(inner, depth + 1) for inner in value)


RULES: Final[tuple[Rule, ...]] = (embeddings, one_text, tools, question_unmarked)


def exact_only(facts: RequestFacts, settings: MeaningSettings) -> str | None:
    """Why a request is served only to the same request again; None when nothing is against more."""
    return next((why for rule in RULES if (why := rule(facts, settings)) is not None), None)
