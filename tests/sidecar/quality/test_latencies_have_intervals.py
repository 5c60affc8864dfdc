"""Quantiles with the interval that their number of samples allows."""

from __future__ import annotations

import numpy as np

from llmcache_sidecar.telemetry.account import Arm
from llmcache_sidecar.telemetry.quantiles import Quantiles
from llmcache_sidecar.telemetry.statistics import ArmLatency, Gain, Latency


def filled(values: object) -> Quantiles:
    quantiles = Quantiles()
    for value in np.asarray(values, dtype=float):
        quantiles.observe(float(value))
    return quantiles


def test_the_interval_holds_the_true_quantile() -> None:
    """300 draws of an exponential distribution: 95 % of the intervals, two percent of error aside."""
    draw = np.random.default_rng(1)
    for share, size in ((0.5, 100), (0.99, 1_000)):
        true, held = -np.log(1 - share), 0
        for _ in range(300):
            found = filled(draw.exponential(1.0, size)).interval(share)
            assert found is not None
            held += found[0] * 0.97 <= true <= found[1] * 1.03
        assert held >= 0.93 * 300


def test_few_samples_tell_no_interval() -> None:
    assert filled([]).interval(0.5) is None
    assert filled([0.1] * 5).interval(0.99) is None
    assert Latency.of(filled([0.1] * 300)).p99_interval_ms is None
    assert Latency.of(filled([0.1] * 300)).p50_interval_ms is not None


def test_the_gain_is_the_difference_of_the_two_arms() -> None:
    fast, slow = (
        Arm(filled([0.001] * 900), filled([0.002] * 900)),
        Arm(filled([0.1] * 900), filled([0.2] * 900)),
    )
    gain = Gain.of(ArmLatency.of(slow), ArmLatency.of(fast))
    assert gain.first_byte.p50_ms is not None
    assert 95 <= gain.first_byte.p50_ms <= 103
    assert gain.total.p50_interval_ms is not None
    low, high = gain.total.p50_interval_ms
    assert 190 <= low <= high <= 206
    assert Gain.of(ArmLatency.of(Arm()), ArmLatency.of(fast)).total.p50_ms is None
