"""The policy for one model and route, compiled once for each configuration."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from llmcache_api import NEVER_CACHED, BuiltInClass, ClassLists, PolicySection, Route

from ...domain.api import Api
from ...policy.request_rules import RuleSettings
from ...policy.treatment import Treatment, Treatments

_APIS: Final = {
    Route.CHAT: Api.CHAT,
    Route.COMPLETIONS: Api.COMPLETIONS,
    Route.RESPONSES: Api.RESPONSES,
    Route.MESSAGES: Api.MESSAGES,
}
_BYPASSED: Final = (
    BuiltInClass.PERSONAL,
    BuiltInClass.TEMPORAL,
    BuiltInClass.FINANCIAL,
    BuiltInClass.CODE,
)
_SHORT_TTL_S: Final = 60.0
_LISTS: Final = {
    "bypass": Treatment.BYPASS,
    "exact_only": Treatment.EXACT_ONLY,
    "short_ttl": Treatment.SHORT_TTL,
    "cache": Treatment.CACHE,
}
"""The lists of a layer, in the order in which they are read."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds for a request."""

    rules: RuleSettings
    treatments: Treatments


@dataclass(frozen=True, slots=True)
class _Override:
    models: frozenset[str]
    apis: frozenset[Api]
    policy: Policy


class Policies:
    """The policy of every model and route: the first override that names both, or the general one.

    Attributes:
        watched: the classes that make a difference to any request.
    """

    def __init__(self, section: PolicySection, *, responses_store: bool = False) -> None:
        """Compile `section`."""
        custom = [one.name for one in section.custom]
        self._general = Policy(
            RuleSettings(section.max_temperature, section.sampled, responses_store),
            _treatments(custom, section),
        )
        self._overrides = tuple(
            _Override(
                frozenset(over.models),
                frozenset(_APIS[route] for route in over.routes),
                Policy(
                    replace(
                        self._general.rules,
                        **{
                            name: value
                            for name in ("max_temperature", "sampled")
                            if (value := getattr(over, name)) is not None
                        },
                    ),
                    _treatments(custom, section, over),
                ),
            )
            for over in section.overrides
        )
        policies = (self._general, *(over.policy for over in self._overrides))
        self.watched = frozenset().union(*(policy.treatments.watched for policy in policies))

    def of(self, api: Api, model: str | None) -> Policy:
        """What holds for a request on `api` for `model`."""
        for over in self._overrides:
            if (not over.models or model in over.models) and (not over.apis or api in over.apis):
                return over.policy
        return self._general


def _treatments(custom: Iterable[str], *layers: ClassLists) -> Treatments:
    """By the general lists and, behind them, those of an override: a field that a later layer sets
    takes the place of an earlier one's, and what it names leaves every earlier list."""
    by_class = {name.value: Treatment.BYPASS for name in NEVER_CACHED}
    by_class[BuiltInClass.CREATIVE.value] = Treatment.EXACT_ONLY
    by_class.update(dict.fromkeys(custom, Treatment.BYPASS))
    newest = {
        name: layer for layer in layers for name in _LISTS if getattr(layer, name) is not None
    }
    if "bypass" not in newest:
        by_class.update((name.value, Treatment.BYPASS) for name in _BYPASSED)
    for layer in layers:
        for name, treatment in _LISTS.items():
            if newest.get(name) is layer:
                by_class.update(dict.fromkeys(_names(layer, name), treatment))
    short = [layer.short_ttl.ttl for layer in layers if layer.short_ttl is not None]
    return Treatments(by_class, short[-1] if short else _SHORT_TTL_S)


def _names(layer: ClassLists, name: str) -> tuple[str, ...]:
    if name == "short_ttl":
        return () if layer.short_ttl is None else layer.short_ttl.classes
    names: tuple[str, ...] = getattr(layer, name)
    return names
