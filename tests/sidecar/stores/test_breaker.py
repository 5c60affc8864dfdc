"""A circuit breaker, step by step; time is passed in."""

from __future__ import annotations

from llmcache_sidecar.adapters.breaker import Breaker, BreakerSettings, BreakerState, Permit


def a_breaker(jitter: float = 0.0) -> Breaker:
    return Breaker(
        BreakerSettings(failures=3, first_pause_s=1.0, longest_pause_s=5.0), lambda: jitter
    )


def state(breaker: Breaker) -> BreakerState:
    return breaker.state


def enter(breaker: Breaker, now: float) -> Permit:
    permit = breaker.enter(now)
    assert permit is not None
    return permit


def fail(breaker: Breaker, now: float, times: int = 1) -> None:
    for _ in range(times):
        breaker.failed(enter(breaker, now), now)


def test_failures_in_a_row_open_it() -> None:
    breaker = a_breaker()
    fail(breaker, 0.0, times=2)
    assert state(breaker) is BreakerState.CLOSED
    fail(breaker, 0.0)
    assert state(breaker) is BreakerState.OPEN
    assert breaker.enter(0.99) is None


def test_a_success_between_them_starts_the_count_again() -> None:
    breaker = a_breaker()
    for _ in range(5):
        fail(breaker, 0.0, times=2)
        breaker.succeeded(enter(breaker, 0.0))
    assert state(breaker) is BreakerState.CLOSED


def test_after_the_pause_one_probe_goes_through_and_its_success_closes() -> None:
    breaker = a_breaker()
    fail(breaker, 0.0, times=3)
    probe = enter(breaker, 1.0)
    assert state(breaker) is BreakerState.HALF_OPEN
    assert breaker.enter(1.0) is None
    breaker.succeeded(probe)
    assert state(breaker) is BreakerState.CLOSED
    fail(breaker, 1.1, times=2)
    assert state(breaker) is BreakerState.CLOSED


def test_each_failed_probe_doubles_the_pause_up_to_the_longest() -> None:
    breaker = a_breaker()
    fail(breaker, 0.0, times=3)
    now = 1.0
    for pause in (2.0, 4.0, 5.0, 5.0):
        fail(breaker, now)
        assert breaker.enter(now + pause - 0.01) is None
        now += pause
    breaker.succeeded(enter(breaker, now))
    fail(breaker, now, times=3)
    assert breaker.enter(now + 0.99) is None
    assert breaker.enter(now + 1.0) is not None


def test_pauses_are_shortened_at_random_so_that_replicas_do_not_probe_together() -> None:
    breaker = a_breaker(jitter=1.0)
    fail(breaker, 0.0, times=3)
    assert breaker.enter(0.49) is None
    assert breaker.enter(0.5) is not None


def test_calls_from_before_it_opened_are_not_heard() -> None:
    breaker = a_breaker()
    early = enter(breaker, 0.0)
    late = enter(breaker, 0.0)
    fail(breaker, 0.0, times=3)
    breaker.succeeded(early)
    assert state(breaker) is BreakerState.OPEN
    probe = enter(breaker, 1.0)
    breaker.failed(late, 1.0)
    assert state(breaker) is BreakerState.HALF_OPEN
    breaker.succeeded(probe)
    assert state(breaker) is BreakerState.CLOSED


def test_calls_that_fail_together_are_one_failure() -> None:
    breaker = a_breaker()
    for _ in range(2):
        together = [enter(breaker, 0.0) for _ in range(50)]
        for permit in together:
            breaker.failed(permit, 0.05)
        assert state(breaker) is BreakerState.CLOSED
    fail(breaker, 0.1)
    assert state(breaker) is BreakerState.OPEN


def test_an_abandoned_probe_lets_the_next_one_try_at_once() -> None:
    breaker = a_breaker()
    fail(breaker, 0.0, times=3)
    breaker.abandoned(enter(breaker, 1.0))
    assert state(breaker) is BreakerState.OPEN
    breaker.succeeded(enter(breaker, 1.0))
    assert state(breaker) is BreakerState.CLOSED


def test_abandoning_an_ordinary_call_means_nothing() -> None:
    breaker = a_breaker()
    breaker.abandoned(enter(breaker, 0.0))
    assert state(breaker) is BreakerState.CLOSED


def test_a_probe_that_never_reports_does_not_hold_the_circuit_open_for_ever() -> None:
    breaker = a_breaker()
    fail(breaker, 0.0, times=3)
    lost = enter(breaker, 1.0)
    assert breaker.enter(5.9) is None
    probe = enter(breaker, 6.0)
    breaker.succeeded(lost)
    assert state(breaker) is BreakerState.HALF_OPEN
    breaker.succeeded(probe)
    assert state(breaker) is BreakerState.CLOSED
