"""The request rules: what can be said from the body alone, in microseconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from llmcache_api import SampledPolicy

from ..domain.api import Api
from ..domain.json import Json
from ..domain.request import RequestFacts


class Level(Enum):
    """How far into the cache a request may go."""

    NONE = 0
    EXACT = 1
    ALL = 2


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """What the rules go by.

    Attributes:
        max_temperature: above it an answer is meant to differ each time.
        sampled: what to do below it, above zero, without a seed.
        responses_store: the engine keeps Responses, so that they have state.
    """

    max_temperature: float = 0.8
    sampled: SampledPolicy = SampledPolicy.CACHE
    responses_store: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of one request.

    Attributes:
        level: how far it may go.
        details: the reasons where it may not go all the way, in the order of the rules.
    """

    level: Level
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says when it applies."""

    level: Level
    detail: str


Rule = Callable[[RequestFacts, float | None, RuleSettings], Finding | None]
"""Facts, effective temperature (None: unknown) and settings to a finding, or None."""


def stateful(facts: RequestFacts, _: float | None, settings: RuleSettings) -> Finding | None:
    """The answer depends on, or leaves, something outside the request."""
    get = facts.body.get
    found = get("kv_transfer_params") is not None or get("ec_transfer_params") is not None
    if facts.api is Api.RESPONSES and not found:
        found = (
            get("previous_response_id") is not None
            or get("conversation") is not None
            or get("background") is True
            or _includes(get("include"), "reasoning.encrypted_content")
            or (settings.responses_store and get("store") is not False)
        )
    elif facts.api is Api.MESSAGES and not found:
        found = get("container") is not None or get("mcp_servers") is not None
    return Finding(Level.NONE, "stateful") if found else None


def _includes(value: Json, wanted: str) -> bool:
    return type(value) is list and wanted in value


def hosted_tools(facts: RequestFacts, _: float | None, __: RuleSettings) -> Finding | None:
    """Tools that the server itself runs (search, code, MCP) see the world, not just the request."""
    if facts.api is not Api.RESPONSES and facts.api is not Api.MESSAGES:
        return None
    tools = facts.body.get("tools")
    if type(tools) is not list:
        return None
    for tool in tools:
        kind = tool.get("type", "custom") if type(tool) is dict else None
        if kind not in ("function", "custom"):
            return Finding(Level.NONE, "hosted-tools")
    return None


def temperature(
    facts: RequestFacts, effective: float | None, settings: RuleSettings
) -> Finding | None:
    """Above the limit, or not known to be below it: the caller wants another answer each time."""
    if facts.api is Api.EMBEDDINGS:
        return None
    if effective is None:
        return Finding(Level.NONE, "temperature-unset")
    if effective > settings.max_temperature:
        return Finding(Level.NONE, "temperature")
    return None


def sampled(facts: RequestFacts, effective: float | None, settings: RuleSettings) -> Finding | None:
    """A little random: the user says whether one draw may stand for all."""
    if settings.sampled is SampledPolicy.CACHE or facts.seeded or not effective:
        return None
    if effective > settings.max_temperature:
        return None
    level = Level.NONE if settings.sampled is SampledPolicy.BYPASS else Level.EXACT
    return Finding(level, "sampled")


RULES: Final[tuple[Rule, ...]] = (stateful, hosted_tools, temperature, sampled)
"""In the order in which their reasons are shown."""

_ALL: Final = Verdict(Level.ALL)


def judge_request(
    facts: RequestFacts, effective_temperature: float | None, settings: RuleSettings
) -> Verdict:
    """Ask every rule; the strictest decides, all reasons are told."""
    level = Level.ALL
    details: tuple[str, ...] = ()
    for rule in RULES:
        finding = rule(facts, effective_temperature, settings)
        if finding is not None:
            details += (finding.detail,)
            if finding.level.value < level.value:
                level = finding.level
    return Verdict(level, details) if details else _ALL
