"""Figures: what bursts measured, summed up, compared inside a round."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from tests.bench.processes import Memory


@dataclass(frozen=True, slots=True)
class Spread:
    """Percentiles in milliseconds."""

    count: int
    p50: float
    p99: float
    p999: float
    max: float

    @classmethod
    def of(cls, nanoseconds: Sequence[int]) -> Spread:
        if not nanoseconds:
            raise ValueError("nothing was measured: the burst was too short for one answer")
        ordered = sorted(nanoseconds)

        def at(share: float) -> float:
            return ordered[min(len(ordered) - 1, int(len(ordered) * share))] / 1e6

        return cls(len(ordered), at(0.5), at(0.99), at(0.999), ordered[-1] / 1e6)


@dataclass(frozen=True, slots=True)
class Burst:
    """One lane at one concurrency in one round."""

    case: str
    lane: str
    connections: int
    round: int
    seconds: float
    total: Spread
    first_byte: Spread
    cpu_us: float
    """The server's time on its core for one request."""
    others: int = 0
    """Answers whose Cache-Status was not the expected one."""

    @property
    def rate(self) -> float:
        return self.total.count / self.seconds


Reading = Callable[[Burst], float]
"""Reads one figure off a burst."""


def p50(burst: Burst) -> float:
    return burst.total.p50


def p99(burst: Burst) -> float:
    return burst.total.p99


def first_byte(burst: Burst) -> float:
    return burst.first_byte.p50


def rate(burst: Burst) -> float:
    return burst.rate


def cpu(burst: Burst) -> float:
    return burst.cpu_us


@dataclass(frozen=True, slots=True)
class SoakPoint:
    """Resident memory, open files and hits after so many prompts."""

    prompts: int
    resident: int
    open_files: int = 0
    hits: int = 0


@dataclass(slots=True)
class Results:
    """Everything that one run measured."""

    machine: dict[str, Any]
    bursts: list[Burst] = field(default_factory=list)
    delays: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    """Nanoseconds from a chunk's sending to its arrival, by lane and connections."""
    memory: dict[str, Memory] = field(default_factory=dict)
    idle: dict[str, Memory] = field(default_factory=dict)
    soak: list[SoakPoint] = field(default_factory=list)
    soak_store_bytes: int = 0
    soak_questions: int = 0
    """Different questions of a Zipf stream; 0: no prompt comes twice."""

    def of(self, case: str, lane: str, connections: int) -> list[Burst]:
        return [
            burst
            for burst in self.bursts
            if (burst.case, burst.lane, burst.connections) == (case, lane, connections)
        ]

    def median(self, case: str, lane: str, connections: int, read: Reading) -> float | None:
        """The median of the rounds; None = not measured."""
        found = [read(burst) for burst in self.of(case, lane, connections)]
        return median(found) if found else None

    def compared(
        self,
        case: str,
        lane: str,
        base: str,
        connections: int,
        read: Reading,
        compare: Callable[[float, float], float],
    ) -> float | None:
        """The median over the rounds of a comparison inside each: drift falls out."""
        bases = {burst.round: read(burst) for burst in self.of(case, base, connections)}
        found = [
            compare(read(burst), bases[burst.round])
            for burst in self.of(case, lane, connections)
            if burst.round in bases
        ]
        return median(found) if found else None

    def ratio(
        self, case: str, lane: str, base: str, connections: int, read: Reading
    ) -> float | None:
        return self.compared(case, lane, base, connections, read, lambda one, other: one / other)

    def overhead(
        self, case: str, lane: str, base: str, connections: int, read: Reading
    ) -> float | None:
        return self.compared(case, lane, base, connections, read, lambda one, other: one - other)

    def delay(self, lane: str, connections: int) -> Spread | None:
        found = self.delays.get((lane, connections))
        return Spread.of(found) if found else None

    def as_json(self) -> dict[str, Any]:
        return {
            "machine": self.machine,
            "bursts": [asdict(burst) for burst in self.bursts],
            "chunk_delays": [
                {"lane": lane, "connections": connections, **asdict(Spread.of(found))}
                for (lane, connections), found in self.delays.items()
            ],
            "memory": {name: asdict(memory) for name, memory in self.memory.items()},
            "idle_memory": {name: asdict(memory) for name, memory in self.idle.items()},
            "soak": [asdict(point) for point in self.soak],
            "soak_store_bytes": self.soak_store_bytes,
            "soak_questions": self.soak_questions,
        }
