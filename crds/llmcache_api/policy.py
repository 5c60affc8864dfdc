"""The policy's section: when not to cache."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field, field_validator, model_validator

from .base import Duration, Section
from .rules import Rule, checked_by, list_map


class SampledPolicy(StrEnum):
    """What to do with 0 < temperature <= maxTemperature when the request has no seed."""

    CACHE = "Cache"
    EXACT_ONLY = "ExactOnly"
    BYPASS = "Bypass"


class BuiltInClass(StrEnum):
    """Kinds of requests that the policy knows by itself."""

    PERSONAL = "Personal"  # the answer differs from person to person
    TEMPORAL = "Temporal"  # it depends on the time or date of asking
    FINANCIAL = "Financial"  # rates, prices, balances
    CODE = "Code"  # code is to be written
    ACTION = "Action"  # something is to be done
    RANDOM = "Random"  # a draw
    CONTEXTUAL = "Contextual"  # a reply without a meaning of its own
    CREATIVE = "Creative"  # another text is wanted each time


NEVER_CACHED: Final = (BuiltInClass.ACTION, BuiltInClass.RANDOM, BuiltInClass.CONTEXTUAL)
"""Bypassed unless another list names them."""


class Route(StrEnum):
    """Cached routes that have a policy of content."""

    CHAT = "Chat"
    COMPLETIONS = "Completions"
    RESPONSES = "Responses"
    MESSAGES = "Messages"


ClassName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9]{0,31}$")]
"""A built-in class or one of `custom`."""

ClassNames = Annotated[
    tuple[ClassName, ...],
    # Atomic: server-side apply would drop an empty set, and `bypass: []` means something.
    Field(max_length=32, json_schema_extra={"x-kubernetes-list-type": "atomic"}),
]

_BUILT_IN: Final = ", ".join(f"'{name.value}'" for name in BuiltInClass)
_LISTS: Final = {
    "bypass": "(has({0}.bypass) ? {0}.bypass : [])",
    "exactOnly": "(has({0}.exactOnly) ? {0}.exactOnly : [])",
    "shortTtl.classes": "(has({0}.shortTtl) && has({0}.shortTtl.classes) ? {0}.shortTtl.classes : [])",
    "cache": "(has({0}.cache) ? {0}.cache : [])",
}


def _in_one_list(of: str) -> str:
    """CEL: no class stands in two of the four lists of `of`."""
    lists = [text.format(of) for text in _LISTS.values()]
    pairs = [(a, b) for i, a in enumerate(lists) for b in lists[i + 1 :]]
    return " && ".join(f"!{a}.exists(c, c in {b})" for a, b in pairs)


def _known(of: str) -> str:
    """CEL: every class in the lists of `of` is built in, or one of the policy's own."""
    own = "(has(self.custom) && self.custom.exists(k, k.name == c))"
    return " && ".join(
        f"{text.format(of)}.all(c, c in [{_BUILT_IN}] || {own})" for text in _LISTS.values()
    )


_CLASS_RULES: Final = (
    Rule(_known("self"), f"takes in its lists classes of {_BUILT_IN}, or of custom"),
    Rule(_in_one_list("self"), "takes every class in one of its lists at most"),
    Rule(
        f"!has(self.overrides) || self.overrides.all(o, {_known('o')})",
        f"takes in the lists of overrides classes of {_BUILT_IN}, or of custom",
    ),
    Rule(
        f"!has(self.overrides) || self.overrides.all(o, {_in_one_list('o')})",
        "takes every class in one of an override's lists at most",
    ),
    Rule(
        "!has(self.custom) || !self.custom.exists(k, k.name.lowerAscii() in "
        f"[{_BUILT_IN.lower()}])",
        "takes in custom names that no built-in class has",
    ),
)


class ShortTtlSection(Section):
    """Classes whose answers are served, for a shorter time."""

    classes: ClassNames = ()
    """Names of classes."""
    ttl: Duration = 60.0
    """How long their answers are served, where the level's own ttl is not shorter still."""


class CustomClassSection(Section):
    """A class of your own, by examples."""

    name: ClassName
    """Shown as detail (in lower case) of what it bypasses."""
    examples: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=1000)], ...],
        Field(min_length=1, max_length=200),
    ]
    """Requests of the kind that is meant, ten or more in the words of your users; a request that
    means about the same as one of them belongs to the class."""
    similarity: Annotated[float, Field(gt=0, le=1)] | None = None
    """How close to an example, as a cosine. Unset: a value that suits the embedding model."""


class ClassLists(Section):
    """Which class of requests is treated how. What no list names is cached, save for Action, Random
    and Contextual, which are bypassed, and Creative, which is exact only; `cache` lifts that."""

    bypass: ClassNames | None = None
    """Neither looked up nor stored. Unset = Personal, Temporal, Financial, Code; in an override,
    the policy's own. Action, Random and Contextual are too, unless another list names them."""
    exact_only: ClassNames | None = None
    """Served only to the same request again. Unset = none; in an override, the policy's own. Creative is
    too, unless another list names it."""
    short_ttl: ShortTtlSection | None = None
    """Served for a shorter time. Unset = none; in an override, the policy's own."""
    cache: ClassNames | None = None
    """Cached although the defaults say otherwise. Unset = none; in an override, the policy's own."""


class OverrideSection(ClassLists):
    """Another policy for some models or routes."""

    model_config = checked_by(
        Rule(
            "(has(self.models) && size(self.models) > 0) || "
            "(has(self.routes) && size(self.routes) > 0)",
            "takes models or routes, or both: for all, change the policy itself",
        )
    )

    models: Annotated[tuple[Annotated[str, Field(max_length=256)], ...], Field(max_length=64)] = ()
    """Names as clients write them; empty = every model."""
    routes: Annotated[tuple[Route, ...], Field(max_length=4)] = ()
    """Chat, Completions, Responses, Messages; empty = every route."""
    max_temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    """Unset: the policy's own."""
    sampled: SampledPolicy | None = None
    """Unset: the policy's own."""

    @model_validator(mode="after")
    def _names_something(self) -> OverrideSection:
        if not self.models and not self.routes:
            raise ValueError(
                "takes `models` or `routes`, or both: for all, change the policy itself"
            )
        return self


class PolicySection(ClassLists):
    """When not to cache."""

    model_config = checked_by(*_CLASS_RULES)

    max_temperature: Annotated[float, Field(ge=0, le=2)] = 0.8
    """Requests above this temperature go to the engine."""
    sampled: SampledPolicy = SampledPolicy.CACHE
    """For requests between 0 and maxTemperature without a seed: Cache, ExactOnly or Bypass. Choose
    Bypass where equal parallel requests are meant to differ (votes, drafts)."""
    custom: Annotated[
        tuple[CustomClassSection, ...],
        Field(
            max_length=16,
            json_schema_extra=list_map("name"),
        ),
    ] = ()
    """Classes of your own. What no list names of them is bypassed."""
    overrides: Annotated[tuple[OverrideSection, ...], Field(max_length=32)] = ()
    """For a request, the first one that names its model and route replaces the fields it sets."""

    @field_validator("custom")
    @classmethod
    def _names_are_new(
        cls, value: tuple[CustomClassSection, ...]
    ) -> tuple[CustomClassSection, ...]:
        taken = {name.value.lower() for name in BuiltInClass}
        for section in value:
            if section.name.lower() in taken:
                raise ValueError(f"takes names that are not in use; {section.name} is")
            taken.add(section.name.lower())
        return value

    @model_validator(mode="after")
    def _lists_name_known_classes_once(self) -> PolicySection:
        known = {name.value for name in BuiltInClass} | {section.name for section in self.custom}
        for lists in (self, *self.overrides):
            _check_lists(lists, known)
        return self


def _check_lists(lists: ClassLists, known: set[str]) -> None:
    seen: dict[str, str] = {}
    short = lists.short_ttl.classes if lists.short_ttl is not None else ()
    for field, names in (
        ("bypass", lists.bypass or ()),
        ("exactOnly", lists.exact_only or ()),
        ("shortTtl.classes", short),
        ("cache", lists.cache or ()),
    ):
        for name in names:
            if name not in known:
                raise ValueError(
                    f"takes in `{field}` one of {', '.join(sorted(known))}; {name} is none of them"
                )
            if seen.get(name, field) != field:
                raise ValueError(
                    f"takes every class in one list at most; {name} is in `{seen[name]}` and "
                    f"`{field}`"
                )
            seen[name] = field
