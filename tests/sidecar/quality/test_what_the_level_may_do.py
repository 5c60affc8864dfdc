"""The way from judged samples to what the semantic level may do, and back, sample by sample."""

from __future__ import annotations

from dataclasses import dataclass

from llmcache_sidecar.domain.quality import CacheLevel, RateKind
from llmcache_sidecar.pipeline.quality.standings import Nearness, Standings
from llmcache_sidecar.quality.budget import Budget, Serving
from llmcache_sidecar.quality.verdicts import Verdict
from llmcache_sidecar.telemetry.account import Account
from tests.sidecar.stores.making import HandClock
from tests.sidecar.stores.test_replicas_share_evidence import Away

MODEL = "a/model"
CLOSE, FAR = Nearness(close=True), Nearness(close=False)


@dataclass(frozen=True)
class Both:
    """The budgets of a test: staleness is not its matter."""

    false_hits: Budget
    staleness: Budget = Budget(1.0)


def standings_of(budget: Budget, store: Away | None = None) -> Standings:
    return Standings(Both(budget), "book", store, HandClock(), Account())


def enter(standings: Standings, wrong: int, right: int, nearness: Nearness) -> None:
    for verdict, number in ((Verdict.ANOTHER_QUESTION, wrong), (Verdict.RIGHT, right)):
        for _ in range(number):
            standings.enter(MODEL, CacheLevel.SEMANTIC, verdict, nearness, free=True)


def tightened(budget: Budget, store: Away | None = None) -> Standings:
    """A level that got this far by errors alone."""
    standings = standings_of(budget, store)
    enter(standings, budget.minimum, 0, CLOSE)
    assert standings.serving(MODEL) is Serving.TIGHTENED
    return standings


def test_a_tightened_level_that_withholds_most_and_still_errs_observes() -> None:
    """A step is one hit served, every fifth of them wrong, and 60 withheld, one in fifty wrong."""
    standings = tightened(Budget(0.01))
    for step in range(200):
        wrong = step % 5 == 0
        enter(standings, int(wrong), int(not wrong), CLOSE)
        bad = 1 + step % 5 // 4
        enter(standings, bad, 60 - bad, FAR)
        if standings.serving(MODEL) is not Serving.TIGHTENED:
            break
    assert standings.serving(MODEL) is Serving.OBSERVING
    assert step < 120


def test_what_a_tightened_level_withholds_is_forgotten_before_it_bars_the_way_back_for_good() -> (
    None
):
    standings = tightened(Budget(0.01))
    enter(standings, 200, 1_800, FAR)
    assert standings.serving(MODEL) is Serving.TIGHTENED
    enter(standings, 0, 500, FAR)
    assert standings.serving(MODEL) is Serving.SERVING, "the cause is mended since"


async def test_replicas_agree_on_what_is_forgotten() -> None:
    store = Away()
    store.away = False
    standings = tightened(Budget(0.01), store)
    enter(standings, 200, 1_800, FAR)
    await standings.exchange()
    await standings.exchange()
    other = standings_of(Budget(0.01), store)
    await other.exchange()
    assert other.serving(MODEL) is Serving.TIGHTENED
    enter(other, 0, 250, FAR)
    await other.exchange()
    enter(standings, 0, 250, FAR)
    await standings.exchange()
    assert standings.serving(MODEL) is Serving.SERVING


def test_the_smallest_budget_comes_back() -> None:
    standings = tightened(Budget(0.001))
    enter(standings, 0, 3_000, FAR)
    assert standings.serving(MODEL) is Serving.SERVING


def test_the_smallest_budget_comes_back_by_a_third_of_what_is_allowed() -> None:
    standings = tightened(Budget(0.001))
    for _ in range(3):
        enter(standings, 0, 2_500, FAR)
        enter(standings, 1, 499, FAR)
    enter(standings, 0, 990, FAR)
    assert standings.serving(MODEL) is Serving.SERVING


def test_a_minimum_that_is_longer_than_a_term_is_waited_for() -> None:
    standings = standings_of(Budget(0.01, 5_000))
    enter(standings, 100, 4_890, CLOSE)
    assert standings.serving(MODEL) is Serving.SERVING
    enter(standings, 10, 0, CLOSE)
    assert standings.serving(MODEL) is Serving.TIGHTENED


def test_a_budget_of_nothing_does_not_come_back() -> None:
    standings = tightened(Budget(0.0))
    enter(standings, 0, 5_000, FAR)
    assert standings.serving(MODEL) is Serving.TIGHTENED


def test_allowing_everything_lifts_what_is_limited_at_once() -> None:
    for wrong, limited in ((50, Serving.TIGHTENED), (100, Serving.OBSERVING)):
        standings = standings_of(Budget(0.01))
        enter(standings, wrong, 0, CLOSE)
        assert standings.serving(MODEL) is limited
        standings.configure(Both(Budget(1.0)), "book")
        assert standings.serving(MODEL) is Serving.SERVING
        assert standings.allows(MODEL, FAR)
        measured = [one for one in standings.measured() if one.kind is RateKind.FALSE_HIT]
        assert [one.serving for one in measured] == [Serving.SERVING]


async def test_allowing_everything_lifts_what_other_replicas_limited() -> None:
    store = Away()
    store.away = False
    await tightened(Budget(0.01), store).exchange()
    standings = standings_of(Budget(1.0), store)
    await standings.exchange()
    assert standings.serving(MODEL) is Serving.SERVING
