"""The halves share no frame and no word; the same seed makes the same pairs."""

from . import grouped
from .edits import ADJUNCTS
from .near_misses import LANGUAGES, intents, made, stream, words
from .words import SLOTS


def test_no_wording_stands_in_both_halves() -> None:
    for lang in LANGUAGES:
        halves: dict[str, set[str]] = {"train": set(), "test": set()}
        for intent in intents(lang):
            halves[intent.half] |= set(intent.wordings)
        assert halves["train"]
        assert halves["test"]
        assert not halves["train"] & halves["test"]


def test_no_word_fills_slots_of_both_halves() -> None:
    for lang in LANGUAGES:
        assert len(set(ADJUNCTS[lang])) == len(ADJUNCTS[lang])
        for slot in SLOTS[lang]:
            assert not set(words(lang, slot, "train")) & set(words(lang, slot, "test"))


def test_the_same_seed_makes_the_same_pairs() -> None:
    assert made("test") == made("test")
    assert list(stream("test")) == list(stream("test"))
    assert made("test") != made("test", seed=8)


def test_both_answers_are_made_in_every_language() -> None:
    for half in ("train", "test"):
        pairs = made(half)
        for lang in LANGUAGES:
            assert {pair.same for pair in pairs if pair.lang == lang} == {True, False}


def test_no_line_of_an_authors_group_stands_in_both_halves() -> None:
    lines = {
        half: {line for group in grouped.groups(half) for line in group.lines}
        for half in ("train", "test")
    }
    assert all(len(group.different) == 2 for group in grouped.groups("train"))
    assert lines["train"]
    assert lines["test"]
    assert not lines["train"] & lines["test"]
