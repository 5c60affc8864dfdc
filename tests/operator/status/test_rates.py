"""Rates of judged samples, as the status shows them."""

from __future__ import annotations

from dataclasses import replace

from llmcache_operator.domain.report import Judged
from llmcache_operator.status.figures import rate_of

FEW = Judged("org/llama", "semantic", "false_hit", 1, 1.0, 0.0, 1.0, "Unproven")
ENOUGH = replace(FEW, samples=80, estimate=0.05, lower=0.02, upper=0.1, standing="Exceeded")


def test_too_few_samples_are_no_rate_but_are_told() -> None:
    rate = rate_of([FEW])
    assert rate is not None
    assert (rate.percent, rate.samples, rate.state) == (None, 1, "Unproven")
    assert (rate.low, rate.high) == ("0.0", "100.0")


def test_enough_of_them_are() -> None:
    rate = rate_of([ENOUGH])
    assert rate is not None
    assert (rate.percent, rate.samples, rate.state) == ("5.0", 80, "Exceeded")
