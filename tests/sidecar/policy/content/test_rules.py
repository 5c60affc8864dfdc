"""The lexical rules, by their reasons."""

from __future__ import annotations

import pytest

from llmcache_sidecar.policy.content import ContentClass, ContentFinding
from llmcache_sidecar.policy.content.rules import RULES

from .making import make_judge

SAID = [
    ("where is my parcel", ContentClass.PERSONAL, "lexical:state"),
    ("what is the weather right now", ContentClass.TEMPORAL, "lexical:now"),
    ("wie ist das wetter heute", ContentClass.TEMPORAL, "lexical:now"),
    ("what time is it", ContentClass.TEMPORAL, "lexical:clock"),
    ("tell me your exchange rate", ContentClass.FINANCIAL, "lexical:rate"),
    ("quel est le taux d'intérêt", ContentClass.FINANCIAL, "lexical:rate"),
    ("price of gold", ContentClass.FINANCIAL, "lexical:market"),
    ("show my balance", ContentClass.FINANCIAL, "lexical:balance"),
    ("my code throws a keyerror", ContentClass.CODE, "lexical:failure"),
    ("write a function", ContentClass.CODE, "lexical:make"),
    ("flip a coin", ContentClass.RANDOM, "lexical:draw"),
    ("lance les dés", ContentClass.RANDOM, "lexical:draw"),
]


@pytest.mark.parametrize(("text", "content_class", "reason"), SAID)
def test_a_rule_tells_its_name(text: str, content_class: ContentClass, reason: str) -> None:
    assert ContentFinding(content_class, reason) in make_judge().judge(text)


def test_every_rule_is_tested() -> None:
    assert {f"lexical:{rule.name}" for rule in RULES} == {reason for *_, reason in SAID}


def test_rules_stand_in_the_order_of_the_classes() -> None:
    order = list(ContentClass)
    positions = [order.index(rule.content_class) for rule in RULES]
    assert positions == sorted(positions)


@pytest.mark.parametrize(
    "text",
    [
        "what is an exchange rate",
        "how do i see my balance",
        "explain what a coin is",
        "rolling two dice, what is the probability of a six",
    ],
)
def test_a_definition_or_a_procedure_silences_them(text: str) -> None:
    assert not any(finding.reason.startswith("lexical:") for finding in make_judge().judge(text))


def test_the_words_overrule_a_rule_that_they_deny() -> None:
    assert ContentFinding(ContentClass.RANDOM, "lexical:draw") in make_judge().judge("flip a coin")
    assert not make_judge().judge("Is a coin toss really fifty-fifty?")
