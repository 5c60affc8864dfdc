"""The goals, each beside what the run measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tests.bench import cases
from tests.bench.figures import Reading, Results, p50, rate

MEMORY_MB: Final = 120.0
SOAK_GROWTH_MB: Final = 5.0
_CHUNK_CONNECTIONS: Final = (1, 8)


class Verdict(StrEnum):
    REACHED = "reached"
    MISSED = "NOT reached"
    NOISE = "undecided: the direct path itself is late"
    UNKNOWN = "not measured"


@dataclass(frozen=True, slots=True)
class Goal:
    wanted: str
    measured: str
    verdict: Verdict


def _unknown(wanted: str) -> Goal:
    return Goal(wanted, "", Verdict.UNKNOWN)


def _judged(wanted: str, measured: str, reached: bool) -> Goal:
    return Goal(wanted, measured, Verdict.REACHED if reached else Verdict.MISSED)


def goals(results: Results) -> list[Goal]:
    return [
        _ratio(results, cases.MEMORY, cases.SERVER, 1, p50, most=1.5),
        _ratio(results, cases.MEMORY, cases.SERVER, 32, rate, least=0.6),
        _ratio(results, cases.REDIS, cases.GET, 1, p50, most=1.5),
        *(_miss(results, connections) for connections in (1, 8)),
        *_chunks(results),
        _streamed(results),
        _memory(results),
        _soak(results),
    ]


def _ratio(
    results: Results,
    lane: str,
    floor: str,
    connections: int,
    read: Reading,
    *,
    most: float | None = None,
    least: float | None = None,
) -> Goal:
    found = results.ratio("exact", lane, floor, connections, read)
    what = "p50" if read is p50 else "requests/s"
    bound = f"<= {most:g}" if most is not None else f">= {least:g}"
    wanted = f"exact hit ({lane}), {what} at c={connections}: {bound} x {floor}"
    if found is None:
        return _unknown(wanted)
    reached = found <= most if most is not None else found >= (least or 0.0)
    return _judged(wanted, f"{found:.2f} x", reached)


def _miss(results: Results, connections: int) -> Goal:
    wanted = f"a miss costs less than 1 ms at c={connections} (p50)"
    found = results.overhead("miss", cases.MISSED, cases.DIRECT, connections, p50)
    if found is None:
        return _unknown(wanted)
    relay = results.overhead("miss", cases.RELAY, cases.DIRECT, connections, p50)
    beside = "" if relay is None else f" (a bare relay of bytes: {relay:+.2f} ms)"
    return _judged(wanted, f"{found:+.2f} ms{beside}", found < 1.0)


def _chunks(results: Results) -> Iterator[Goal]:
    for connections in _CHUNK_CONNECTIONS:
        wanted = f"no chunk of a stream comes more than 1 ms later at c={connections}"
        direct = results.delay(cases.DIRECT, connections)
        through = results.delay(cases.STREAMED, connections)
        if direct is None or through is None:
            yield _unknown(f"{wanted}: p99.9 and max")
            continue
        usual = direct.p50
        yield _late(f"{wanted}: p99.9", through.p999 - usual, direct.p999 - usual)
        most = f"{wanted}: max of {through.count:,}"
        yield _late(most, through.max - usual, direct.max - usual)


def _late(wanted: str, late: float, own: float) -> Goal:
    """Both against the direct path's usual delay; `own` is what the machine alone does."""
    measured = f"{late:+.2f} ms (the direct path's own: {own:+.2f})"
    if late > 1.0 and own > 1.0 and late - own <= 1.0:
        return Goal(wanted, measured, Verdict.NOISE)
    return _judged(wanted, measured, late <= 1.0)


def _streamed(results: Results) -> Goal:
    wanted = "a streamed hit takes at most twice as long as the whole one (total, p50, c=1)"
    found = results.ratio("streamed-hit", cases.SSE_HIT_WHOLE, cases.WHOLE_HIT, 1, p50)
    if found is None:
        return _unknown(wanted)
    return _judged(wanted, f"{found:.2f} x", found <= 2.0)


def _memory(results: Results) -> Goal:
    wanted = f"resident memory below {MEMORY_MB:g} MB"
    peaks = [memory.peak for name, memory in results.memory.items() if name.startswith("sidecar")]
    if not peaks:
        return _unknown(wanted)
    worst = max(peaks) / 1e6
    return _judged(wanted, f"{worst:.0f} MB (the highest peak of all sidecars)", worst < MEMORY_MB)


def _soak(results: Results) -> Goal:
    if not results.soak:
        return _unknown("memory is flat over unique prompts")
    last = results.soak[-1]
    tenth = next(point for point in results.soak if point.prompts >= last.prompts / 10)
    growth = (last.resident - tenth.resident) / 1e6
    return _judged(
        f"memory is flat over {last.prompts:,} {'' if results.soak_questions else 'unique '}prompts",
        f"{growth:+.1f} MB from a tenth of them ({tenth.resident / 1e6:.1f} MB) to the end",
        growth <= SOAK_GROWTH_MB,
    )
