"""How many texts an endpoint is sent at a time, by the time that they take there."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count

import pytest

from llmcache_sidecar.adapters.embedding.in_flight import InFlight, Slot

DEADLINE_S = 0.05


class Crowds:
    """Clients that ask again as soon as they are told, and a clock that goes on from crowd to crowd."""

    def __init__(self, flight: InFlight) -> None:
        self.flight = flight
        self.now = 0.0

    def come(
        self, clients: int, texts: int, done_at: Callable[[float], float]
    ) -> tuple[list[float], int]:
        """How long so many texts took, and how many were never begun meanwhile. `done_at` is the
        server: when it is done with a text that comes now."""
        numbers = count()
        turns = [(self.now, next(numbers)) for _ in range(clients)]
        ends: list[tuple[float, int, Slot]] = []
        taken: list[float] = []
        refused = 0
        while len(taken) < texts:
            if not turns or (ends and ends[0][0] <= turns[0][0]):
                self.now, _, slot = heapq.heappop(ends)
                self.flight.leave(slot)
                self.flight.took(slot, self.now)
                taken.append(self.now - slot.began)
                heapq.heappush(turns, (self.now + 0.001, next(numbers)))
                continue
            self.now, _ = heapq.heappop(turns)
            begun = self.flight.enter("somebody", self.now)
            if begun is None:
                refused += 1
                heapq.heappush(turns, (self.now + 0.004, next(numbers)))
            else:
                end = min(done_at(self.now), self.now + DEADLINE_S)
                heapq.heappush(ends, (end, next(numbers), begun))
        for self.now, _, slot in sorted(ends):
            self.flight.leave(slot)
        return taken, refused


def one_after_the_other(seconds: float) -> Callable[[float], float]:
    free = 0.0

    def done_at(now: float) -> float:
        nonlocal free
        free = max(free, now) + seconds
        return free

    return done_at


@pytest.mark.parametrize("clients", [8, 16, 64])
def test_a_server_that_works_on_one_at_a_time_is_sent_what_it_can_do_in_time(clients: int) -> None:
    flight = InFlight(64, 0.8 * DEADLINE_S)
    server = one_after_the_other(0.0055)
    crowds = Crowds(flight)
    crowds.come(1, 10, server)
    crowds.come(clients, 100, server)
    taken, refused = crowds.come(clients, 1000, server)
    assert refused
    assert sum(seconds >= DEADLINE_S for seconds in taken) <= 10
    assert sorted(taken)[500] <= 0.8 * DEADLINE_S
    assert flight.limit >= 4, "the server is busy all the time"


def test_a_server_that_is_slow_by_itself_is_not_held_back() -> None:
    flight = InFlight(64, 0.8 * DEADLINE_S)
    _, refused = Crowds(flight).come(32, 500, lambda now: now + 0.045)
    assert refused == 0
    assert flight.limit == 64


def test_after_a_bad_moment_as_many_are_sent_as_before() -> None:
    flight = InFlight(64, 0.8 * DEADLINE_S)
    crowds = Crowds(flight)
    crowds.come(1, 5, lambda now: now + 0.002)
    crowds.come(8, 50, lambda now: now + 1.0)
    assert flight.limit < 8
    crowds.come(8, 300, lambda now: now + 0.002)
    _, refused = crowds.come(8, 200, lambda now: now + 0.002)
    assert refused == 0


@pytest.mark.parametrize("clients", [4, 8])
def test_a_bad_moment_costs_no_more_than_a_few_texts_after_it(clients: int) -> None:
    flight = InFlight(64, 0.8 * DEADLINE_S)
    crowds = Crowds(flight)
    crowds.come(1, 10, one_after_the_other(0.004))
    _, refused = crowds.come(clients, 200, one_after_the_other(0.004))
    assert refused == 0
    crowds.come(clients, 2 * clients, lambda now: now + 1.0)
    assert flight.limit < clients
    crowds.come(clients, 3 * clients, one_after_the_other(0.004))
    _, refused = crowds.come(clients, 200, one_after_the_other(0.004))
    assert refused == 0


def test_a_text_that_took_a_little_too_long_lowers_the_limit_a_little() -> None:
    limits = []
    for seconds in (0.042, 0.06):
        flight = InFlight(64, 0.8 * DEADLINE_S)
        alone = flight.enter("a", 0.0)
        assert alone is not None
        flight.leave(alone)
        flight.took(alone, 0.004)
        slots = [flight.enter("a", 1.0) for _ in range(20)]
        assert slots[-1] is not None
        flight.took(slots[-1], 1.0 + seconds)
        limits.append(flight.limit)
    assert limits == [19, 15]


def test_with_room_for_one_text_one_is_sent() -> None:
    flight = InFlight(1, 0.03)
    slot = flight.enter("a", 0.0)
    assert slot is not None
    assert flight.enter("b", 0.0) is None
    flight.leave(slot)
    assert flight.enter("b", 0.0) is not None


def test_others_find_room_beside_one_who_brings_many() -> None:
    flight = InFlight(8, 0.03)
    begun = [flight.enter("loud", 0.0) for _ in range(20)]
    assert sum(slot is not None for slot in begun) == 6
    assert flight.enter("quiet", 0.0) is not None
