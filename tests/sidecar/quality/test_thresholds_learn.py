"""What judged matches say about further ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmcache_sidecar.quality.learning import (
    Seen,
    band_of,
    bears_on,
    error_of,
    may_serve,
    step_of,
)

numbers = st.integers(0, 500)
seen = st.builds(Seen, numbers, numbers)


def test_without_an_error_everything_is_served() -> None:
    assert may_serve(Seen(), Seen(), 0.0)
    assert may_serve(Seen(0, 1_000), Seen(0, 3), 0.001)


def test_an_entry_that_was_wrong_once_is_not_served_until_it_was_right_often() -> None:
    assert not may_serve(Seen(1, 100), Seen(1, 0), 0.01)
    assert not may_serve(Seen(1, 100), Seen(1, 10), 0.01)
    assert may_serve(Seen(1, 100), Seen(1, 60), 0.01)


@pytest.mark.parametrize("allowed", [0.029, 0.1, 1.0])
def test_with_the_widest_budget_one_wrong_match_is_not_repeated_at_once(allowed: float) -> None:
    assert not may_serve(Seen(1, 100), Seen(1, 0), allowed)
    assert not may_serve(Seen(1, 100), Seen(1, 2), allowed)
    assert may_serve(Seen(1, 100), Seen(1, 3), allowed)
    assert not may_serve(Seen(2, 100), Seen(2, 5), allowed)


def test_a_band_that_errs_too_often_is_not_served_and_one_slip_is_no_habit() -> None:
    assert may_serve(Seen(1, 20), Seen(), 0.01)
    assert not may_serve(Seen(10, 190), Seen(), 0.01)
    assert may_serve(Seen(10, 190), Seen(0, 60), 0.01), (
        "but an entry that was right all the time is"
    )


@given(band=seen, entry=seen)
def test_errors_raise_the_expected_error_and_right_matches_lower_it(
    band: Seen, entry: Seen
) -> None:
    error = error_of(band, entry)
    assert 0 < error < 1
    assert error_of(band, Seen(entry.wrong + 1, entry.right)) > error
    assert error_of(band, Seen(entry.wrong, entry.right + 1)) < error
    assert error_of(Seen(band.wrong + 1, band.right), entry) > error


@given(st.floats(-1, 1), st.floats(0, 1))
def test_a_wrong_match_speaks_against_what_is_no_nearer(similarity: float, other: float) -> None:
    step, at = step_of(similarity), step_of(other)
    assert bears_on(step, at, wrong=True) == (at >= step)
    assert bears_on(step, step, wrong=True)
    assert bears_on(step, step, wrong=False)
    assert 0 <= band_of(other) <= 4
