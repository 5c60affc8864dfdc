"""More than a second without a good reading takes the first level out of service."""

from __future__ import annotations

from llmcache_sidecar.purging import Freshness


def test_nothing_is_served_before_the_first_reading() -> None:
    assert not Freshness().holds(0.0)
    assert not Freshness().holds(1e9)


def test_a_reading_holds_for_a_second_from_when_it_was_asked_for() -> None:
    fresh = Freshness().succeeded(asked_at=100.0)
    assert fresh.holds(100.0)
    assert fresh.holds(101.0)
    assert not fresh.holds(101.01)


def test_the_next_good_reading_brings_it_back() -> None:
    fresh = Freshness().succeeded(100.0)
    assert not fresh.holds(150.0)
    assert fresh.succeeded(150.0).holds(150.5)


def test_an_answer_that_arrives_late_does_not_set_the_time_back() -> None:
    fresh = Freshness().succeeded(100.0).succeeded(99.0)
    assert fresh.holds(100.9)


def test_the_limit_can_be_set() -> None:
    assert Freshness(limit_s=0.2).succeeded(10.0).holds(10.1)
    assert not Freshness(limit_s=0.2).succeeded(10.0).holds(10.3)
