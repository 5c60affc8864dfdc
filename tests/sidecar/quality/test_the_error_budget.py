"""What follows from the evidence, from a sample's verdict up to what the level may do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmcache_sidecar.quality.budget import (
    Budget,
    Serving,
    Standing,
    Term,
    follow,
    level_of,
    standing_of,
)
from llmcache_sidecar.quality.confidence import LEVEL, Evidence, Tally, samples_promised
from llmcache_sidecar.quality.verdicts import OddOne, Verdict, of_exact, of_fresh, of_own

ONE_PERCENT = Budget(0.01)
NOTHING: Evidence = ()


def some(wrong: int, right: int) -> Evidence:
    return (Tally(wrong, 0, right),)


def test_nothing_follows_below_the_minimum() -> None:
    assert follow(Term(), some(49, 0), NOTHING, ONE_PERCENT) is None
    assert standing_of(some(49, 0), ONE_PERCENT) is Standing.UNPROVEN
    assert follow(Term(), some(50, 0), NOTHING, ONE_PERCENT) is Serving.TIGHTENED
    assert standing_of(some(50, 0), ONE_PERCENT) is Standing.EXCEEDED


def test_it_tightens_then_observes_then_comes_back_by_what_is_withheld() -> None:
    bad, good = some(30, 70), some(0, 600)
    term = Term()
    for served, withheld, expected in (
        (bad, NOTHING, Serving.TIGHTENED),
        (bad, good, Serving.OBSERVING),
        (NOTHING, bad, None),
        (NOTHING, good, Serving.TIGHTENED),
        (good, bad, None),
        (good, good, Serving.SERVING),
        (good, NOTHING, None),
    ):
        found = follow(term, served, withheld, ONE_PERCENT)
        assert found is expected
        term = term if found is None else term.next(found, 1.0)
    assert (term.number, term.carried) == (5, False)


def test_a_term_ends_and_the_next_one_risks_less() -> None:
    assert follow(Term(), some(10, 1_990), NOTHING, ONE_PERCENT) is Serving.SERVING
    assert Term().next(Serving.SERVING, 1.0).carried
    assert sum(level_of(number) for number in range(1, 10_000)) <= LEVEL


def test_a_budget_of_everything_is_never_exceeded() -> None:
    assert follow(Term(), some(1_000, 0), NOTHING, Budget(1.0)) is None
    assert standing_of(some(1_000, 0), Budget(1.0)) is Standing.PROVEN


def test_a_long_quiet_life_hides_no_bad_week() -> None:
    """5,000 good samples, then a true rate of 8 %: found within the same order of samples."""
    draw = np.random.default_rng(5)
    term, wrong, right, after = Term(), 0, 0, 0
    for number in range(12_000):
        error = draw.random() < (0.002 if number < 5_000 else 0.08)
        wrong, right = wrong + error, right + (not error)
        after += number >= 5_000
        found = follow(term, some(wrong, right), NOTHING, ONE_PERCENT)
        if found is Serving.TIGHTENED:
            break
        if found is not None:
            term, wrong, right = term.next(found, 0.0), 0, 0
    assert found is Serving.TIGHTENED
    assert 0 < after <= 1_000


def test_proven_is_said_when_the_whole_interval_lies_within() -> None:
    assert standing_of(some(0, 100), ONE_PERCENT) is Standing.UNDECIDED
    assert standing_of(some(0, 600), ONE_PERCENT) is Standing.PROVEN


# One sample.


@pytest.mark.parametrize(
    ("stored_fresh", "stored_again", "both", "expected"),
    [
        (True, True, True, Verdict.RIGHT),
        (False, False, True, OddOne(False, "stored")),
        (False, True, False, OddOne(True, "fresh")),
        (True, False, False, OddOne(True, "again")),
        (False, False, False, Verdict.INCONCLUSIVE),
        (True, True, False, Verdict.INCONCLUSIVE),
        (None, True, True, Verdict.INCONCLUSIVE),
        (False, False, None, Verdict.INCONCLUSIVE),
    ],
)
def test_the_fresh_answers_tell(
    stored_fresh: bool | None,
    stored_again: bool | None,
    both: bool | None,
    expected: Verdict | OddOne,
) -> None:
    assert of_fresh(stored_fresh, stored_again, both) == expected


def test_the_own_prompt_tells_stale_from_another_question() -> None:
    odd = OddOne(False, "stored")
    assert of_own(odd, True) is Verdict.ANOTHER_QUESTION
    assert of_own(odd, False) is Verdict.STALE
    assert of_own(odd, None) is Verdict.INCONCLUSIVE
    assert of_exact(odd) is Verdict.STALE
    by_chance = OddOne(True, "again")
    assert of_own(by_chance, True) is Verdict.CHANCE_QUESTION
    assert of_own(by_chance, False) is of_exact(by_chance) is Verdict.CHANCE_STALE


def judged(stored: int, fresh: int, again: int, own: int) -> Verdict:
    """A sample of an engine whose answers are these numbers."""
    found = of_fresh(stored == fresh, stored == again, fresh == again)
    if isinstance(found, Verdict):
        return found
    answers = {"stored": stored, "fresh": fresh, "again": again}
    return of_own(found, answers[found.odd] == own)


@given(st.lists(st.integers(0, 2), min_size=4, max_size=4))
def test_chance_finds_errors_in_both_directions_alike(answers: list[int]) -> None:
    """Put each fresh answer in the place of the stored one: what was an error is now chance."""
    stored, fresh, again, own = answers
    opposite = {
        Verdict.ANOTHER_QUESTION: Verdict.CHANCE_QUESTION,
        Verdict.STALE: Verdict.CHANCE_STALE,
    }
    found = judged(stored, fresh, again, own)
    if found in opposite:
        assert judged(fresh, stored, again, own) is opposite[found]
        assert judged(again, fresh, stored, own) is opposite[found]


@pytest.mark.parametrize("kinds", [2, 3, 10])
@pytest.mark.parametrize("skew", [0.0, 2.0])
def test_an_engine_that_answers_at_random_never_trips_the_budget(kinds: int, skew: float) -> None:
    """A random label for each request, of 2, 3 or 10, evenly or not; 30,000 samples, looked at each
    hundred. Without the count of chance, two labels give 12 % errors."""
    draw = np.random.default_rng(11)
    weights = np.exp(-skew * np.arange(kinds))
    draws = draw.choice(kinds, size=(30_000, 4), p=weights / weights.sum())
    verdicts = dict.fromkeys(Verdict, 0)
    for number, row in enumerate(draws, 1):
        verdicts[judged(*map(int, row))] += 1
        if number % 100 == 0:
            for wrong, chance in (
                (Verdict.ANOTHER_QUESTION, Verdict.CHANCE_QUESTION),
                (Verdict.STALE, Verdict.CHANCE_STALE),
            ):
                others = sum(
                    verdicts[other]
                    for other in (Verdict.RIGHT, Verdict.ANOTHER_QUESTION, Verdict.STALE)
                    if other is not wrong
                )
                evidence = (Tally(verdicts[wrong], verdicts[chance], others, 0.5),)
                assert follow(Term(), evidence, NOTHING, ONE_PERCENT) in (None, Serving.SERVING)
    assert verdicts[Verdict.ANOTHER_QUESTION] > 100 or kinds == 10


@pytest.mark.parametrize("true", [0.05, 0.1])
def test_a_true_rate_trips_the_budget_within_what_is_promised(true: float) -> None:
    """Through the verdicts of a truthful engine; 200 lives, each looked at sample by sample."""
    promised = samples_promised(true, 0.01, level_of(1))
    draws = np.random.default_rng(2).random((200, promised)) < true
    in_time = 0
    for life in draws:
        wrong = right = 0
        for error in life:
            verdict = judged(1, 2, 2, 1) if error else judged(1, 1, 1, 1)
            wrong += verdict is Verdict.ANOTHER_QUESTION
            right += verdict is Verdict.RIGHT
            if follow(Term(), some(wrong, right), NOTHING, ONE_PERCENT) is Serving.TIGHTENED:
                in_time += 1
                break
    assert in_time >= 0.92 * len(draws)
