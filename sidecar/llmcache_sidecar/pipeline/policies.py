"""The policy for one model and route, compiled once for each configuration."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from llmcache_api import NEVER_CACHED, BuiltInClass, ClassLists, PolicySection, Route

from ..domain.api import Api
from ..policy.request_rules import RuleSettings
from ..policy.treatment import Treatment, Treatments

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
            _treatments(section, None, custom),
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
                    _treatments(over, section, custom),
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


def _treatments(
    lists: ClassLists, general: PolicySection | None, custom: Iterable[str]
) -> Treatments:
    def field(name: str):  # type: ignore[no-untyped-def]
        value = getattr(lists, name)
        return getattr(general, name) if value is None and general is not None else value

    bypass, exact_only = field("bypass"), field("exact_only")
    short, cache = field("short_ttl"), field("cache")
    by_class = {name.value: Treatment.BYPASS for name in NEVER_CACHED}
    by_class[BuiltInClass.CREATIVE.value] = Treatment.EXACT_ONLY
    by_class.update(dict.fromkeys(custom, Treatment.BYPASS))
    if bypass is None:
        bypass = tuple(name.value for name in _BYPASSED)
    # What an override names in a list of its own leaves the lists of the general policy.
    for names, treatment in (
        (bypass, Treatment.BYPASS),
        (exact_only or (), Treatment.EXACT_ONLY),
        (() if short is None else short.classes, Treatment.SHORT_TTL),
        (cache or (), Treatment.CACHE),
    ):
        by_class.update(dict.fromkeys(names, treatment))
    for own, treatment in (
        (lists.bypass, Treatment.BYPASS),
        (lists.exact_only, Treatment.EXACT_ONLY),
        (None if lists.short_ttl is None else lists.short_ttl.classes, Treatment.SHORT_TTL),
        (lists.cache, Treatment.CACHE),
    ):
        by_class.update(dict.fromkeys(own or (), treatment))
    return Treatments(by_class, _SHORT_TTL_S if short is None else short.ttl)
