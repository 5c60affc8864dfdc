"""Confidence bounds of a rate, however often one looks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmcache_sidecar.quality.confidence import (
    LEVEL,
    Tally,
    conclusive,
    is_above,
    is_below,
    measure,
    samples_promised,
)

counts = st.integers(0, 2_000)


@given(wrong=counts, chance=counts, right=counts, weight=st.sampled_from([0.5, 1.0]))
def test_the_interval_holds_its_estimate_and_says_the_same_as_the_tests(
    wrong: int, chance: int, right: int, weight: float
) -> None:
    evidence = (Tally(wrong, chance, right, weight),)
    rate = measure(evidence)
    assert 0 <= rate.lower <= rate.upper <= 1
    assert rate.samples == conclusive(evidence) == wrong + right
    if rate.estimate is not None:
        assert rate.lower <= rate.estimate <= rate.upper
    for allowed in (0.001, 0.01, 0.05, 0.3):
        above, below = is_above(evidence, allowed), is_below(evidence, allowed)
        assert not (above and below)
        assert not above or rate.lower >= allowed - 1e-6 or rate.estimate == rate.lower
        assert not below or rate.upper <= allowed + 1e-6 or rate.estimate == rate.upper


@given(wrong=counts, right=counts)
def test_another_error_never_lowers_the_bounds(wrong: int, right: int) -> None:
    before = measure((Tally(wrong, 0, right),))
    after = measure((Tally(wrong + 1, 0, right),))
    assert after.lower >= before.lower - 1e-9
    assert after.upper >= before.upper - 1e-9


def test_without_samples_nothing_is_known() -> None:
    assert measure(()) == measure((Tally(),))
    assert measure(()).estimate is None
    assert (measure(()).lower, measure(()).upper) == (0.0, 1.0)


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.3])
def test_intervals_hold_the_true_rate_at_all_times(rate: float) -> None:
    """200 runs of 2,000 samples, looked at after every twentieth: at most 5 % may ever miss."""
    draws = np.random.default_rng(7).random((200, 2_000)) < rate
    missed = 0
    for run in draws:
        errors = np.cumsum(run)
        for size in range(20, 2_001, 20):
            evidence = (Tally(int(errors[size - 1]), 0, size - int(errors[size - 1])),)
            if is_above(evidence, rate) or is_below(evidence, rate):
                missed += 1
                break
    assert missed / len(draws) <= LEVEL


@pytest.mark.parametrize(("true", "most"), [(0.05, 400), (0.1, 160), (0.2, 75)])
def test_a_rate_above_the_budget_is_found_within_what_is_promised(true: float, most: int) -> None:
    promised = samples_promised(true, 0.01, LEVEL / 2)
    assert promised <= most
    errors = (np.random.default_rng(3).random((400, promised)) < true).sum(axis=1)
    found = [is_above((Tally(int(e), 0, promised - int(e)),), 0.01) for e in errors]
    assert np.mean(found) >= 0.93


def test_half_of_the_budget_does_not_trip_it_in_a_million_samples() -> None:
    """Looked at every 50 samples at first, later every 2,000; ten lives."""
    moments = [*range(50, 20_000, 50), *range(20_000, 1_000_001, 2_000)]
    for seed in range(10):
        errors = np.cumsum(np.random.default_rng(seed).random(1_000_000) < 0.005)
        for size in moments:
            wrong = int(errors[size - 1])
            assert not is_above((Tally(wrong, 0, size - wrong),), 0.01)


def test_a_rate_that_drifts_below_the_budget_does_not_trip_it() -> None:
    """The rate need not stand still: it only has to stay within the budget."""
    steps = np.arange(20_000)
    rates = 0.005 + 0.005 * np.sin(steps / 700)
    for seed in range(20):
        errors = np.cumsum(np.random.default_rng(seed).random(20_000) < rates)
        trips = [
            is_above((Tally(int(errors[n - 1]), 0, n - int(errors[n - 1])),), 0.01)
            for n in range(100, 20_001, 100)
        ]
        assert not any(trips)
