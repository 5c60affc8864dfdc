"""What each class catches, and what it must leave alone, in the languages that have phrases."""

from __future__ import annotations

import pytest

from llmcache_sidecar.policy.content import ContentClass

from .making import classes

CAUGHT = [
    (ContentClass.PERSONAL, "where is my order"),
    (ContentClass.PERSONAL, "Wo ist mein Paket?"),
    (ContentClass.PERSONAL, "Où est ma commande ?"),
    (ContentClass.PERSONAL, "¿Dónde está mi paquete?"),
    (ContentClass.PERSONAL, "Gdzie jest moja paczka?"),
    (ContentClass.TEMPORAL, "What's the weather today?"),
    (ContentClass.TEMPORAL, "Wie spät ist es?"),
    (ContentClass.TEMPORAL, "Quelles sont les dernières nouvelles ?"),
    (ContentClass.TEMPORAL, "Che ore sono?"),
    (ContentClass.TEMPORAL, "今天天气怎么样"),
    (ContentClass.FINANCIAL, "What is the exchange rate?"),
    (ContentClass.FINANCIAL, "How much is a bitcoin?"),
    (ContentClass.FINANCIAL, "Wie hoch ist mein Kontostand?"),
    (ContentClass.FINANCIAL, "Quanto está o dólar hoje?"),
    (ContentClass.FINANCIAL, "ビットコインの価格はいくらですか"),
    (ContentClass.CODE, "Write a python function that reverses a string"),
    (ContentClass.CODE, "Schreibe eine Funktion, die eine Liste sortiert"),
    (ContentClass.CODE, "Исправь этот код"),
    (ContentClass.ACTION, "Set an alarm for seven"),
    (ContentClass.ACTION, "Transfer 50 euros to John"),
    (ContentClass.ACTION, "Zet de wekker om zeven uur"),
    (ContentClass.RANDOM, "Roll a die"),
    (ContentClass.RANDOM, "Raconte-moi une blague"),
    (ContentClass.RANDOM, "Rastgele bir kelime ver"),
    (ContentClass.CONTEXTUAL, "yes"),
    (ContentClass.CONTEXTUAL, "the second one"),
    (ContentClass.CONTEXTUAL, "warum?"),
    (ContentClass.CREATIVE, "Write a poem about autumn"),
    (ContentClass.CREATIVE, "Escribe un cuento sobre el mar"),
]

LEFT_ALONE = [
    "How do I change my PIN?",
    "What is a stock?",
    "When was the French revolution?",
    "Explain recursion",
    "How does daylight saving time work?",
    "What are your opening hours?",
    "Was kostet ein Reisepass?",
    "Comment annuler ma commande ?",
    "¿Qué es la inflación?",
    "Hoe kan ik mijn wachtwoord wijzigen?",
    "Co to jest rekurencja?",
    "What is a poem?",
    "How do I set an alarm?",
]


@pytest.mark.parametrize(("expected", "text"), CAUGHT)
def test_a_prompt_is_named_as_what_it_is(expected: ContentClass, text: str) -> None:
    assert expected in classes(text)


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_has_one_answer_for_everybody_is_left_alone(text: str) -> None:
    assert classes(text) == set()
