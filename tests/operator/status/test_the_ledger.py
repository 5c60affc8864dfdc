"""Sums over replicas, restarts and replaced pods: nothing lost that was read, nothing counted twice."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmcache_operator.domain import Counts, Reading, Role, SidecarReport
from llmcache_operator.status import Ledger, packed, unpacked
from llmcache_operator.status.counting import MOST_PROCESSES

MODELS = frozenset({"llama", "mistral"})


def report(uid: str, *readings: Reading, model: str = "llama") -> SidecarReport:
    return SidecarReport(uid, uid, model, "v", readings=readings)


def reading(requests: int, started: int = 100, role: Role = Role.SIDECAR) -> Reading:
    return Reading(role, started, Counts(requests=requests, exact_hits=requests // 2))


@dataclass(frozen=True)
class Step:
    """A pod counts on, its process starts again, or another pod takes its place; then it is read, or
    not."""

    pod: int
    more: int
    restart: bool
    replace: bool
    read: bool


steps = st.lists(
    st.builds(
        Step,
        pod=st.integers(0, 3),
        more=st.integers(0, 1000),
        restart=st.booleans(),
        replace=st.booleans(),
        read=st.booleans(),
    ),
    max_size=40,
)


@given(steps)
def test_the_total_is_what_was_read_of_every_process(history: Sequence[Step]) -> None:
    clock = itertools.count(1000)
    pods = {number: Process(f"pod-{number}", next(clock)) for number in range(4)}
    seen: dict[tuple[str, int], int] = {}
    ledger, before = Ledger(), 0
    for step in history:
        one = pods[step.pod]
        if step.replace:
            one = Process(f"{one.uid}+", next(clock))
        elif step.restart:
            one = Process(one.uid, next(clock))
        pods[step.pod] = one = replace(one, requests=one.requests + step.more)
        if step.read:
            now = report(one.uid, reading(one.requests, one.started))
            ledger = ledger.read([now, now])
            seen[one.uid, one.started] = one.requests
        ledger = ledger.without(frozenset(pod.uid for pod in pods.values()), MODELS)
        # The operator starts again at any time.
        ledger = unpacked(packed(ledger))
        assert ledger.total.requests == sum(seen.values())
        assert ledger.total.requests >= before
        before = ledger.total.requests


@dataclass(frozen=True)
class Process:
    uid: str
    started: int
    requests: int = 0


readings = st.lists(
    st.builds(
        lambda pod, role, requests, model: report(
            f"pod-{pod}-{model}", reading(requests, 100 + pod, role), model=model
        ),
        st.integers(0, 5),
        st.sampled_from(Role),
        st.integers(0, 10_000),
        st.sampled_from(sorted(MODELS)),
    ),
    max_size=20,
)


@given(readings.flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))))
def test_the_order_of_reading_does_not_matter(
    orders: tuple[list[SidecarReport], list[SidecarReport]],
) -> None:
    one, other = orders
    in_pieces = Ledger()
    for piece in other:
        in_pieces = in_pieces.read([piece])
    assert Ledger().read(one) == Ledger().read(other) == in_pieces
    assert in_pieces.read(one) == in_pieces


@given(readings)
def test_a_ledger_survives_being_stored(some: list[SidecarReport]) -> None:
    ledger = Ledger().read(some)
    assert unpacked(packed(ledger)) == ledger
    gone = ledger.without(frozenset({"pod-1-llama"}), frozenset({"llama"}))
    assert unpacked(packed(gone)) == gone
    assert gone.total == ledger.total


def test_late_news_of_an_earlier_run_is_not_added_again() -> None:
    ledger = Ledger().read([report("a", reading(10, started=100))])
    ledger = ledger.read([report("a", reading(3, started=200))])
    ledger = ledger.read([report("a", reading(10, started=100))])
    assert ledger.total.requests == 13
    assert ledger.since == 100


def test_sidecar_and_engine_restart_each_for_itself() -> None:
    ledger = Ledger().read([report("a", reading(10), reading(7, 100, Role.ENGINE))])
    ledger = ledger.read([report("a", reading(12), reading(1, 300, Role.ENGINE))])
    assert ledger.total.requests == 12 + 7 + 1


@pytest.mark.parametrize(
    "text",
    [None, "", "nonsense", "bm9uc2Vuc2U=", "eJyrVipTsjLUUSrOzEtVsjLQUUpKLE5VsqoFAFnVB0E=", "é"],
)
def test_a_mangled_ledger_is_a_new_one(text: str | None) -> None:
    assert unpacked(text) == Ledger()


def test_its_size_is_bounded() -> None:
    uid = "0123abcd-4567-4890-abcd-{:012d}"
    many = [
        report(uid.format(number), reading(10**6 + number * 977, 1_790_000_000 + number))
        for number in range(MOST_PROCESSES + 100)
    ]
    ledger = Ledger().read(many)
    assert len(ledger.running) == MOST_PROCESSES
    assert len(packed(ledger)) < 131_072
    # Those that were in first stay in, whatever comes.
    assert ledger.read(reversed(many)).running.keys() == ledger.running.keys()
