"""From the classes of a question, and the lists in the configuration, to what is done."""

from __future__ import annotations

from typing import Any

import pytest

from llmcache_api import PolicySection
from llmcache_sidecar.domain.api import Api
from llmcache_sidecar.pipeline.settings.policies import Policies
from llmcache_sidecar.policy.request_rules import Level
from llmcache_sidecar.policy.treatment import Ruling, Treatment, Treatments, rule

MIXED = Treatments(
    {"B": Treatment.BYPASS, "C": Treatment.BYPASS, "E": Treatment.EXACT_ONLY,
     "S": Treatment.SHORT_TTL, "F": Treatment.CACHE},
    30.0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        ((), Ruling()),
        (("F", "unknown"), Ruling()),
        (("E",), Ruling(Level.EXACT)),
        (("S",), Ruling(Level.ALL, 30.0)),
        (("S", "E"), Ruling(Level.EXACT, 30.0)),
        (("C", "E", "B"), Ruling(Level.NONE, None, ("c", "b"))),
    ],
)
def test_the_strictest_decides(classes: tuple[str, ...], expected: Ruling) -> None:
    assert rule(classes, MIXED) == expected


def treated(policy: dict[str, Any], name: str, api: Api = Api.CHAT, model: str = "m") -> Treatment:
    policies = Policies(PolicySection.model_validate(policy))
    return policies.of(api, model).treatments.by_class.get(name, Treatment.CACHE)


@pytest.mark.parametrize(
    ("policy", "name", "expected"),
    [
        ({}, "Personal", Treatment.BYPASS),
        ({}, "Temporal", Treatment.BYPASS),
        ({}, "Financial", Treatment.BYPASS),
        ({}, "Code", Treatment.BYPASS),
        ({}, "Action", Treatment.BYPASS),
        ({}, "Random", Treatment.BYPASS),
        ({}, "Contextual", Treatment.BYPASS),
        ({}, "Creative", Treatment.EXACT_ONLY),
        ({"bypass": ["Personal"]}, "Code", Treatment.CACHE),
        ({"bypass": ["Personal"]}, "Action", Treatment.BYPASS),
        ({"bypass": []}, "Personal", Treatment.CACHE),
        ({"cache": ["Action"]}, "Action", Treatment.CACHE),
        ({"cache": ["Code"]}, "Code", Treatment.CACHE),
        ({"exactOnly": ["Code"]}, "Code", Treatment.EXACT_ONLY),
        ({"shortTtl": {"classes": ["Temporal"]}}, "Temporal", Treatment.SHORT_TTL),
        ({"bypass": ["Creative"]}, "Creative", Treatment.BYPASS),
        ({"custom": [{"name": "Legal", "examples": ["a"]}]}, "Legal", Treatment.BYPASS),
        ({"custom": [{"name": "Legal", "examples": ["a"]}], "exactOnly": ["Legal"]}, "Legal",
         Treatment.EXACT_ONLY),
    ],
)  # fmt: skip
def test_the_lists_and_their_defaults(
    policy: dict[str, Any], name: str, expected: Treatment
) -> None:
    assert treated(policy, name) is expected


def test_the_first_override_that_names_model_and_route_holds() -> None:
    policy = {
        "overrides": [
            {"models": ["coder"], "routes": ["Messages"], "bypass": ["Code"]},
            {"models": ["coder"], "cache": ["Code"], "maxTemperature": 0.2},
            {"routes": ["Completions"], "bypass": []},
        ]
    }
    assert treated(policy, "Code", model="coder") is Treatment.CACHE
    assert treated(policy, "Personal", model="coder") is Treatment.BYPASS
    assert treated(policy, "Code", Api.MESSAGES, "coder") is Treatment.BYPASS
    assert treated(policy, "Code") is Treatment.BYPASS
    assert treated(policy, "Code", Api.COMPLETIONS) is Treatment.CACHE
    policies = Policies(PolicySection.model_validate(policy))
    assert policies.of(Api.CHAT, "coder").rules.max_temperature == 0.2
    assert policies.of(Api.CHAT, "m").rules.max_temperature == 0.8


def test_an_override_takes_a_class_out_of_the_general_lists() -> None:
    policy = {
        "shortTtl": {"classes": ["Temporal"], "ttl": "10s"},
        "overrides": [{"models": ["m"], "cache": ["Temporal"]}],
    }
    assert treated(policy, "Temporal", model="m") is Treatment.CACHE
    assert treated(policy, "Temporal", model="n") is Treatment.SHORT_TTL
    policies = Policies(PolicySection.model_validate(policy))
    assert policies.of(Api.CHAT, "n").treatments.short_ttl == 10.0


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        ({"bypass": ["Nonsense"]}, "Nonsense is none of them"),
        ({"bypass": ["Code"], "cache": ["Code"]}, "Code is in `bypass` and `cache`"),
        ({"custom": [{"name": "Code", "examples": ["a"]}]}, "Code is"),
        ({"overrides": [{"bypass": []}]}, "takes `models` or `routes`"),
        ({"overrides": [{"models": ["m"], "cache": ["Nonsense"]}]}, "Nonsense"),
    ],
)
def test_a_wrong_list_says_what_is_wrong(policy: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        PolicySection.model_validate(policy)
