"""Rounds: every lane has its turn in every round, in rotating order."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.bench.cases import FEWEST_DELTAS, Case, Lane
from tests.bench.client import OnPiece, Sample, burst
from tests.bench.figures import Burst, Results, Spread, p50
from tests.bench.upstream import STAMP
from tests.bench.wire import WireError

Say = Callable[[str], None]

_MOST_REQUESTS = 1_000_000
_WARM_UP_S = 0.2


@dataclass(frozen=True, slots=True)
class Plan:
    """How many rounds, and by what the seconds of a burst are multiplied."""

    rounds: int
    scale: float


async def run_case(case: Case, plan: Plan, results: Results, say: Say) -> None:
    seconds = case.seconds * plan.scale
    for lane in case.lanes:
        await _burst(lane, 4, _WARM_UP_S, None)
    for connections in case.connections:
        for turn in range(plan.rounds):
            for place in range(len(case.lanes)):
                lane = case.lanes[(place + turn) % len(case.lanes)]
                await _measure(case, lane, connections, turn, seconds, results)
        said = (
            f"{lane.name} {results.median(case.name, lane.name, connections, p50):.3f} ms"
            for lane in case.lanes
        )
        say(f"{case.name}, c={connections}, p50: " + "; ".join(said))


async def _measure(
    case: Case, lane: Lane, connections: int, turn: int, seconds: float, results: Results
) -> None:
    delays: list[int] = []
    before = lane.server.cpu_ns()
    sample = await _burst(lane, connections, seconds, _stamps(delays) if lane.stamped else None)
    spent = lane.server.cpu_ns() - before
    results.bursts.append(
        Burst(
            case=case.name,
            lane=lane.name,
            connections=connections,
            round=turn,
            seconds=sample.seconds,
            total=Spread.of(sample.total),
            first_byte=Spread.of(sample.first_byte),
            cpu_us=spent / 1000 / len(sample.total),
            others=sample.others,
        )
    )
    if lane.stamped:
        if len(delays) < FEWEST_DELTAS * len(sample.total):
            raise WireError(f"{len(delays)} stamps in {len(sample.total)} streams: some were cut")
        results.delays.setdefault((lane.name, connections), []).extend(delays)


async def _burst(lane: Lane, connections: int, seconds: float, on_piece: OnPiece | None) -> Sample:
    return await burst(
        lane.server.port,
        lane.requests,
        lane.expectation,
        connections=connections,
        count=_MOST_REQUESTS,
        seconds=seconds,
        on_piece=on_piece,
    )


def _stamps(delays: list[int]) -> OnPiece:
    def note(piece: bytes, now: int) -> None:
        delays.extend(now - int(stamp) for stamp in STAMP.findall(piece))

    return note
