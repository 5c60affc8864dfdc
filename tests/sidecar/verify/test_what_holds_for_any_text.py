"""Properties: for texts that nobody thought of."""

import sys
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from llmcache_sidecar.verify import Chain, Pair, Threshold, read
from llmcache_sidecar.verify.lexicon import listed

from .judging import chain, judge, refusing

WORDS = st.sampled_from(
    listed(
        "how what the a card red paris 12 my is do i from to and better than Berlin buy wie ist "
        "der nicht pas est le el no como 3.5 km C++ it's don't all two 5pm 2021-03-03 ( été 雨 "
        "'quoted' : ? ."
    )
)
SENTENCES = st.lists(WORDS, max_size=14).map(" ".join)
LETTERS = str.maketrans("0123456789", "abcdefghij")
SIGNS = st.sampled_from(
    "@#$%&()*+/<=>[]^{|}~\\\u00a7\u00b1\u2192\u2264\u2265\u221a\u266d\u20bd\U0001f44d"
)
TEXTS = st.text(max_size=80) | SENTENCES
NOT = {
    "en": "not",
    "de": "nicht",
    "fr": "pas",
    "es": "no",
    "it": "non",
    "nl": "niet",
    "pt": "n\u00e3o",
}
FRAMES = {
    "en": "what should the people in my house do with the old card",
    "de": "was soll ich mit der alten Karte machen",
    "fr": "que dois-je faire avec la vieille carte",
    "es": "qu\u00e9 puedo hacer con la tarjeta vieja",
    "it": "che cosa posso fare con la mia carta",
    "nl": "wat moet ik met de oude kaart doen",
    "pt": "o que posso fazer com meu cart\u00e3o",
}


@given(TEXTS, TEXTS, st.floats())
def test_judging_never_raises(asked: str, stored: str, similarity: float) -> None:
    judgement = judge(asked, stored, similarity)
    assert 0 <= judgement.score <= 1
    assert judgement.gate != "error"


@given(TEXTS)
def test_a_text_is_accepted_for_itself(text: str) -> None:
    assert judge(text, text, 0.0).accepted


@given(TEXTS, TEXTS)
@example("is", "")
def test_gates_refuse_both_ways_or_neither(asked: str, stored: str) -> None:
    # Which words moved may be told in two ways; all else is the same from both sides.
    assert refusing(asked, stored) - {"order"} == refusing(stored, asked) - {"order"}


@given(SENTENCES, st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 14))
def test_a_changed_number_is_refused(text: str, one: int, other: int, place: int) -> None:
    words = text.split()
    place = min(place, len(words))
    a, b = (" ".join([*words[:place], "x", str(n), "y", *words[place:]]) for n in (one, other))
    assert judge(a, b, 0.999).accepted == (one == other)


@given(SENTENCES, st.integers(2, 10**6))
def test_an_added_number_is_refused(text: str, number: int) -> None:
    assert not judge(text, f"{text} y {number}", 0.999).accepted


@given(SENTENCES, SIGNS, st.integers(0, 14))
def test_a_sign_between_two_words_is_no_matter_of_layout(text: str, sign: str, place: int) -> None:
    words = text.split()
    place = min(place, len(words))
    before, behind = " ".join([*words[:place], "x"]), " ".join(["y", *words[place:]])
    assert judge(f"{before} {behind}", f"{before} {sign} {behind}", 0.999).gate != "identical"


@pytest.mark.parametrize("language", NOT)
@given(place=st.integers(0, 12))
def test_an_added_not_is_refused(language: str, place: int) -> None:
    words = FRAMES[language].split()
    place = min(place, len(words))
    negated = " ".join([*words[:place], NOT[language], *words[place:]])
    assert not judge(FRAMES[language], negated, 0.999).accepted
    assert not judge(negated, FRAMES[language], 0.999).accepted


@given(TEXTS, TEXTS)
def test_an_explanation_ends_as_the_judgement_does(asked: str, stored: str) -> None:
    steps = chain().explain(read(asked), read(stored), 0.95)
    judgement = judge(asked, stored, 0.95)
    passed = {step.gate: step.passed for step in steps}
    assert judgement.accepted == (
        passed["hidden"] and (passed["identical"] or all(list(passed.values())[2:]))
    )


def test_a_gate_that_errs_refuses() -> None:
    def broken(pair: Pair) -> None:
        raise RuntimeError(pair.asked.text)

    failing = Chain(Threshold(0.5, 0.5), gates=(("broken", broken),))
    judgement = failing.judge(read("one text"), read("another text"), 0.9)
    assert (judgement.accepted, judgement.gate, judgement.reason) == (
        False,
        "error",
        "RuntimeError",
    )
    assert not failing.explain(read("one text"), read("another text"), 0.9)[-1].passed


@pytest.mark.parametrize("part", listed('a|1|1.|a@|\'|x_1-|-|"|`|"a|a: |雨|1-', "|"))
def test_a_long_text_takes_no_more_than_its_share_of_time(part: str) -> None:
    def seconds(size: int) -> float:
        text = part * (size // len(part))
        started = time.process_time()
        read(text)
        return time.process_time() - started

    assert min(seconds(16_000), seconds(16_000)) < 20 * min(seconds(2_000), seconds(2_000)) + 0.1


def test_long_texts_that_differ_are_judged_with_no_more_than_their_share_of_work() -> None:
    def calls(size: int) -> int:
        asked, stored = (
            read(" ".join(f"{first}{at:05}{first}".translate(LETTERS) for at in range(size)))
            for first in "xy"
        )
        count = 0

        def counting(frame: object, event: str, argument: object) -> None:
            nonlocal count
            count += event in ("call", "c_call")

        sys.setprofile(counting)
        try:
            chain().explain(asked, stored, 0.9)
        finally:
            sys.setprofile(None)
        return count

    assert calls(1_600) < 8 * calls(400)


def test_two_long_texts_in_other_words_are_not_one_however_near() -> None:
    words = listed("the account of my son was closed and I ask what to do with it now")
    one, other = (
        " ".join(f"{word} {first}{at}nn".translate(LETTERS) for at, word in enumerate(words * 8))
        for first in "xy"
    )
    assert not judge(one, other, 0.96).accepted


@pytest.mark.parametrize("behind", ["", "am", " am", " million", "k", "/7", " dollars"])
def test_a_number_of_any_length_is_read(behind: str) -> None:
    for digits in (25, 40, 400, 6_000):
        one, other = (
            f"what is half of {'7' * digits}{behind}",
            f"what is half of {'7' * digits}8{behind}",
        )
        assert judge(one, one + "?", 0.99).accepted
        judgement = judge(one, other, 0.999)
        assert not judgement.accepted
        assert judgement.gate != "error"
