"""The judge: settings, meaning, classes of the user's own, and any text at all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmcache_sidecar.domain.vectors import Vector
from llmcache_sidecar.policy.content import (
    ContentClass,
    ContentJudge,
    ContentSettings,
    CustomClass,
    judge_content,
)

from .making import classes, knowledge, make_judge

ORDER = list(ContentClass)


def test_a_class_that_is_off_is_not_told() -> None:
    only_code = ContentSettings(enabled=frozenset({ContentClass.CODE}))
    assert classes("what is the exchange rate", only_code) == set()
    assert classes("write a function in python", only_code) == {ContentClass.CODE}


def test_a_higher_threshold_asks_for_more() -> None:
    text = "tell me a story about the sea"
    assert classes(text) == {ContentClass.CREATIVE}
    strict = ContentSettings(thresholds={ContentClass.CREATIVE: 0.99999})
    assert classes(text, strict) == set()


def test_a_reason_without_a_rule_is_a_probability() -> None:
    (finding,) = make_judge().judge("Set an alarm for seven")
    kind, _, number = finding.reason.partition(":")
    assert kind == "phrases"
    assert 0.5 <= float(number) <= 1


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "🤷", "🇩🇪👩‍👩‍👧", "???", "\u200d", "\ud800", "x" * 5]
)
def test_nothing_is_found_in_nothing(text: str) -> None:
    assert make_judge().judge(text) == ()


@pytest.mark.parametrize("place", ["{ask}\n{long}", "{long}\n{ask}"])
def test_a_long_text_is_judged_by_its_ends(place: str) -> None:
    text = place.format(ask="Write a python function that does this.", long="lorem ipsum " * 5000)
    assert ContentClass.CODE in classes(text)


@settings(deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_judged_the_same_twice_and_in_order(text: str) -> None:
    judge = make_judge()
    found = judge.judge(text)
    assert found == judge.judge(text) == judge_content(text, None, judge)
    positions = [ORDER.index(ContentClass(finding.content_class)) for finding in found]
    assert positions == sorted(set(positions))


def toy_vectors(judge: ContentJudge) -> dict[str, Vector]:
    """Every class points its own way, with a little noise: an embedding model in small."""
    rng = np.random.default_rng(3)
    class_of = {text: one for one, text in knowledge().examples()}
    vectors = {}
    for text in judge.texts_to_embed():
        vector = rng.normal(size=32).astype(np.float32) * 0.15
        one = class_of.get(text)
        vector[ORDER.index(one) if one else (20 if text in class_of else 25)] += 1
        vectors[text] = (vector / np.linalg.norm(vector)).astype(np.float32)
    return vectors


@pytest.fixture(scope="module")
def informed() -> tuple[ContentJudge, dict[str, Vector]]:
    gossip = CustomClass("Gossip", ("who is dating whom", "the newest celebrity scandal"))
    judge = make_judge(ContentSettings(custom=(gossip,)))
    vectors = toy_vectors(judge)
    return judge.with_examples(list(vectors.values())), vectors


def pointing(at: int) -> Vector:
    vector = np.zeros(32, np.float32)
    vector[at] = 1
    return vector


def test_meaning_decides_where_words_hesitate(
    informed: tuple[ContentJudge, dict[str, Vector]],
) -> None:
    judge, _ = informed
    text = "the thing with the bridge"
    assert judge.by_meaning
    assert judge.judge(text, pointing(20)) == ()
    (finding,) = judge.judge(
        "any thing on the bridge", pointing(ORDER.index(ContentClass.TEMPORAL))
    )
    assert finding.content_class is ContentClass.TEMPORAL
    assert finding.reason.startswith("examples:")


def test_without_a_vector_the_words_decide(
    informed: tuple[ContentJudge, dict[str, Vector]],
) -> None:
    judge, _ = informed
    assert judge.judge("Set an alarm for seven") == make_judge().judge("Set an alarm for seven")


def test_a_class_of_the_users_own_is_told_last(
    informed: tuple[ContentJudge, dict[str, Vector]],
) -> None:
    judge, vectors = informed
    text = "the thing with the bridge"
    (*_, finding) = judge.judge(text, vectors["who is dating whom"])
    assert finding.content_class == "Gossip"
    assert finding.reason == "examples:1.00"
    assert judge.judge(text, pointing(20)) == ()


def test_a_threshold_set_by_hand_stands() -> None:
    gossip = CustomClass("Gossip", ("who is dating whom",), threshold=1.1)
    judge = make_judge(ContentSettings(custom=(gossip,)))
    vectors = toy_vectors(judge)
    informed = judge.with_examples(list(vectors.values()))
    found = informed.judge("anything", vectors["who is dating whom"])
    assert "Gossip" not in {finding.content_class for finding in found}


def test_a_vector_is_wanted_per_text() -> None:
    with pytest.raises(ValueError, match="one vector per text"):
        make_judge().with_examples([])
