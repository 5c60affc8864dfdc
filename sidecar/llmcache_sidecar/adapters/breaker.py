"""A circuit breaker as a state machine: time comes in, nothing waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from random import random
from typing import NewType

Permit = NewType("Permit", int)
"""Leave to make one call, handed back with its outcome; says what was known when it was given."""


class BreakerState(StrEnum):
    """How much is let through: everything, nothing, or one call that tries."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class BreakerSettings:
    """When to stop asking, and for how long.

    Attributes:
        failures: one after the other that open the circuit. Default 5.
        first_pause_s: seconds that it stays open at first, doubled by every failed probe. Default
            0.25.
        longest_pause_s: where doubling ends, in seconds. Default 5. Each pause is shortened by up
            to half at random, so that replicas don't probe together.
    """

    failures: int = 5
    first_pause_s: float = 0.25
    longest_pause_s: float = 5.0


class Breaker:
    """Closed until several calls in a row failed; then open; then one probe decides.

    Every permit is handed back once: `succeeded`, `failed` or `abandoned`. An outcome is news only
    for calls that began after the last failure. So calls that were under way together and fail
    together count as one failure (a pause of the event loop is no outage), and what calls from
    before the circuit opened have to say is not heard any more: only the probe closes it.
    """

    __slots__ = ("_failures", "_jitter", "_pause", "_settings", "_stamp", "_state", "_until")

    def __init__(
        self,
        settings: BreakerSettings | None = None,
        jitter: Callable[[], float] = random,
    ) -> None:
        """Start closed; `jitter` draws from 0 to 1."""
        self._settings = settings or BreakerSettings()
        self._jitter = jitter
        self._state = BreakerState.CLOSED
        self._stamp = 0
        self._failures = 0
        self._pause = self._settings.first_pause_s
        self._until = 0.0

    @property
    def state(self) -> BreakerState:
        """Where it stands; OPEN also once the pause has passed but nobody has called yet."""
        return self._state

    def pause_left(self, now: float) -> float:
        """Seconds from `now` (monotonic) until a call may try; 0 while it is closed."""
        return 0.0 if self._state is BreakerState.CLOSED else max(0.0, self._until - now)

    def enter(self, now: float) -> Permit | None:
        """Leave to call at `now` (monotonic seconds), or None: don't."""
        if self._state is BreakerState.CLOSED:
            return Permit(self._stamp)
        if now < self._until:
            return None
        # The pause is over; or a probe was never handed back, and another may try.
        self._turn(BreakerState.HALF_OPEN)
        self._until = now + self._settings.longest_pause_s
        return Permit(self._stamp)

    def succeeded(self, permit: Permit) -> None:
        """The call was answered."""
        if permit != self._stamp:
            return
        self._failures = 0
        if self._state is BreakerState.HALF_OPEN:
            self._pause = self._settings.first_pause_s
            self._turn(BreakerState.CLOSED)

    def failed(self, permit: Permit, now: float) -> None:
        """The call failed at `now` (monotonic seconds)."""
        if permit != self._stamp:
            return
        self._failures += 1
        self._stamp += 1
        if self._state is BreakerState.HALF_OPEN:
            self._pause = min(2 * self._pause, self._settings.longest_pause_s)
        elif self._failures < self._settings.failures:
            return
        self._turn(BreakerState.OPEN)
        self._until = now + self._pause * (1.0 - 0.5 * self._jitter())

    def abandoned(self, permit: Permit) -> None:
        """The caller left before there was an outcome; the next one may probe at once."""
        if permit == self._stamp and self._state is BreakerState.HALF_OPEN:
            self._turn(BreakerState.OPEN)
            self._until = 0.0

    def _turn(self, state: BreakerState) -> None:
        self._state = state
        self._stamp += 1
