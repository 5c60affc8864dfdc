"""The files that the judge goes by, and what is said of broken ones."""

from __future__ import annotations

import random

import numpy as np
import pytest

from llmcache_sidecar.policy.content import CueError, PhraseError, WordModelError
from llmcache_sidecar.policy.content.classes import ContentClass
from llmcache_sidecar.policy.content.cues import Cues, read_cues
from llmcache_sidecar.policy.content.knowledge import LANGUAGES
from llmcache_sidecar.policy.content.phrases import first, read_phrases, sample
from llmcache_sidecar.policy.content.rules import RULES
from llmcache_sidecar.policy.content.word_model import read_word_model, see, write_word_model
from llmcache_sidecar.policy.content.words import SYNTAX

from .making import FOLDER, knowledge


def test_slots_and_choices_are_filled() -> None:
    phrases = read_phrases(
        "en", "@thing = my order | my parcel\n[personal]\n(where|when) is {thing} (now|)\n"
    )
    template = phrases.templates[0][1]
    assert first(phrases, template) == "where is my order now"
    assert set(sample(phrases, template, 50, random.Random(1))) == {
        f"{word} is {thing}{end}"
        for word in ("where", "when")
        for thing in ("my order", "my parcel")
        for end in ("", " now")
    }


def test_a_backslash_makes_a_bracket_a_character() -> None:
    phrases = read_phrases("en", "[code]\nfix (this|that): f\\(x\\) \\{ a \\| b \\}\n")
    assert first(phrases, phrases.templates[0][1]) == "fix this: f(x) { a | b }"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[nonsense]", "line 1: no such class"),
        ("where is it", "line 1: a phrase before"),
        ("[code]\nwrite {lang}", "no slot {lang}"),
        ("@a = {a}\n[code]\n{a}", "never end"),
    ],
)
def test_a_broken_file_of_phrases_names_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(PhraseError, match=message):
        read_phrases("en", text)


@pytest.mark.parametrize("text", ["en: now", "[now]\njust now", "[now]\nen: one two three four"])
def test_a_broken_file_of_cues_names_its_line(text: str) -> None:
    with pytest.raises(CueError, match="line"):
        read_cues(text)


def test_cues_are_found_as_features() -> None:
    cues = read_cues("[now]\nen: right now | curre*\nzh: 现在\n")
    assert cues.meant == {"right now": "<now>", "curre*": "<now>", "现在": "<now>"}
    assert cues.seen({"right now", "right", "later"}) == ["<now>"]


@pytest.mark.parametrize(
    "text",
    [
        "def f(a, b):",
        "x => x + 1",
        "items.sort()",
        "for (int i = 0; i < 9; i++) {",
        "a == b",
        "</p>",
    ],
)
def test_source_text_is_seen_by_its_marks(text: str) -> None:
    assert SYNTAX in see(text, Cues({}))[1]


@pytest.mark.parametrize(
    "text", ["f(x) = 3x + 2 (easy)", "the 2nd one ;) thanks", "I <3 it", 'he said "yes"; I left']
)
def test_sums_and_smileys_are_no_source_text(text: str) -> None:
    assert SYNTAX not in see(text, Cues({}))[1]


def test_rules_name_cues_that_exist() -> None:
    known = set(knowledge().cues.meant.values())
    for rule in RULES:
        assert rule.all_of | rule.any_of | rule.none_of <= known


def test_the_model_is_read_as_it_was_written() -> None:
    weights = np.array([[0.5] * 8 + [-1.25], [0.0] * 8 + [2.0]], np.float32)
    text = write_word_model(["b", "#"], weights, np.zeros(9, np.float32))
    model = read_word_model(text)
    assert model.odds[model.rows["b"]].tolist() == [175] * 8
    assert model.odds[model.rows["#"]].tolist() == [-200] * 8


@pytest.mark.parametrize(
    "text", ["", "word\t1\t2", "<bias>" + "\tx" * 9, "word" + "\t99999" + "\t" * 8]
)
def test_a_broken_model_is_refused(text: str) -> None:
    with pytest.raises(WordModelError):
        read_word_model(text)


def test_every_language_has_phrases_of_every_class() -> None:
    assert sorted(path.stem for path in (FOLDER / "phrases").glob("*.txt")) == sorted(LANGUAGES)
    for phrases in knowledge().phrases():
        assert {one for one, _ in phrases.templates} == {*ContentClass, None}, phrases.language


def test_examples_are_told_once_each() -> None:
    texts = [text for _, text in knowledge().examples()]
    assert len(texts) == len(set(texts))
