"""What a prompt brings along is not what it asks for."""

from __future__ import annotations

import pytest

from llmcache_sidecar.policy.content.material import asked_of_material, without_quotations

from .making import classes


@pytest.mark.parametrize(
    "text",
    [
        'please translate "cancel my order and send me the money back" into german',
        "übersetze „storniere bitte meine bestellung von heute“ ins englische",
        "traduis « où est ma commande d'hier » en anglais",
        "把「请帮我关一下客厅的灯」翻译成英文",
        "translate 'cancel my order right now' into german",
    ],
)
def test_a_quotation_counts_as_one_word(text: str) -> None:
    assert '""' in without_quotations(text)


@pytest.mark.parametrize(
    "text",
    [
        '"cancel my order and send me the money back"',
        'what does "balance" mean',
        "what's my sister's number and where's dad's",
    ],
)
def test_whole_prompts_names_and_apostrophes_stay(text: str) -> None:
    assert without_quotations(text) == text


def test_what_follows_a_colon_is_told_from_what_is_asked() -> None:
    assert (
        asked_of_material("put into past tense: i send the letter today") == "put into past tense"
    )
    assert asked_of_material("what is the time") is None
    assert asked_of_material("note to self: milk") is None


@pytest.mark.parametrize(
    "text",
    [
        'Translate into Italian: "Cancel my order and send me my money back."',
        "Übersetze ins Englische: Storniere bitte meine Bestellung von heute.",
        'Traduce al inglés: "¿Cuál es el saldo de mi cuenta?"',
    ],
)
def test_a_task_on_a_given_text_is_not_what_the_text_asks(text: str) -> None:
    assert classes(text) == set()


@pytest.mark.parametrize("text", ["'" * 480, "' a" * 160, '"' * 480, "“ab" * 160, "a: " * 160])
def test_marks_that_close_nothing_are_left(text: str) -> None:
    assert without_quotations(text) == text
