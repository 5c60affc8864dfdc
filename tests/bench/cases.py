"""The cases: which lanes stand side by side, and what each must answer."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from typing import Final

from tests.bench.processes import Running
from tests.bench.systems import (
    ASK_STREAM,
    ASK_WHOLE,
    REPLAY_WHOLE,
    SSE_STREAM,
    SSE_WHOLE,
    Known,
    Systems,
)
from tests.bench.wire import (
    ANSWER_BYTES,
    BYPASS,
    HIT,
    MISS,
    Expectation,
    events,
    get,
    post,
    prompt,
    same_answer,
    same_stream,
    unique,
)

EVERY: Final = (1, 8, 32)
FEWEST_DELTAS: Final = 30
"""In any stream of the stand-in (40, a quarter more or less)."""

BARE: Final = "no HTTP parser at all"
SERVER: Final = "floor: aiohttp web.Server"
APP: Final = "floor: aiohttp web.Application"
GET: Final = "floor: web.Server + one Redis GET"
MEMORY: Final = "sidecar: memory"
REDIS: Final = "sidecar: Redis"
FIRST_LEVEL: Final = "sidecar: Redis + first level"
DIRECT: Final = "direct"
PROXY: Final = "floor: web.Server + aiohttp client"
RELAY: Final = "bare relay of bytes"
MISSED: Final = "sidecar: miss"
MISSED_REDIS: Final = "sidecar: miss, Redis"
BYPASSED: Final = "sidecar: bypass"
PASSED: Final = "sidecar"
WHOLE_HIT: Final = "sidecar: whole hit"
SSE_FLOOR_WHOLE: Final = "floor: same bytes, of a whole answer"
SSE_FLOOR_STREAM: Final = "floor: same bytes, of a stream"
SSE_HIT_WHOLE: Final = "sidecar: streamed hit, of a whole answer"
SSE_HIT_STREAM: Final = "sidecar: streamed hit, of a stream"
STREAMED: Final = "sidecar: streamed miss"


@dataclass(frozen=True, slots=True)
class Lane:
    """One server, one kind of request, what its answers must be."""

    name: str
    server: Running
    requests: Iterator[bytes]
    expectation: Expectation
    base: str | None = None
    """The lane of the same case that this one is compared with."""
    stamped: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """Lanes side by side; `seconds` is how long a burst of each lasts."""

    name: str
    title: str
    lanes: tuple[Lane, ...]
    connections: tuple[int, ...]
    seconds: float


def _exact(systems: Systems, known: Known) -> Case:
    request = repeat(ASK_WHOLE)
    hit = Expectation(HIT, len(known.whole), same_answer(known.whole))
    lanes = [
        Lane(BARE, systems.bare, request, Expectation(length=ANSWER_BYTES)),
        Lane(SERVER, systems.floors["server"], request, hit),
        Lane(APP, systems.floors["app"], request, hit),
        Lane(GET, systems.floors["get"], request, hit),
    ]
    bases = {"memory": (MEMORY, SERVER), "redis": (REDIS, GET)}
    bases["redis-first-level"] = (FIRST_LEVEL, SERVER)
    for kind, running in systems.sidecars.items():
        name, base = bases[kind]
        lanes.append(Lane(name, running, request, hit, base))
    return Case("exact", "Exact hit", tuple(lanes), EVERY, 1.0)


def _miss(systems: Systems, known: Known) -> Case:
    right = same_answer(known.whole)
    missed = Expectation(MISS, body=right)
    bypassed = Expectation(BYPASS, body=right)
    lanes = [
        Lane(DIRECT, systems.upstream, unique("d"), Expectation(body=right)),
        Lane(RELAY, systems.floors["relay"], unique("y"), Expectation(body=right), DIRECT),
        Lane(PROXY, systems.floors["proxy"], unique("p"), Expectation(body=right), DIRECT),
    ]
    if memory := systems.sidecars.get("memory"):
        hot = unique("b", temperature=1.5)
        lanes += [
            Lane(MISSED, memory, unique("m"), missed, DIRECT),
            Lane(BYPASSED, memory, hot, bypassed, DIRECT),
        ]
    if redis := systems.sidecars.get("redis"):
        lanes.append(Lane(MISSED_REDIS, redis, unique("r"), missed, DIRECT))
    return Case("miss", "Miss and bypass, upstream of 50 ms", tuple(lanes), EVERY, 2.0)


def _pass_through(systems: Systems, known: Known) -> Case:
    request = repeat(get("/v1/models"))
    right = Expectation(body=lambda body: b'"object":"list"' in body)
    lanes = [
        Lane(DIRECT, systems.upstream, request, right),
        Lane(PROXY, systems.floors["proxy"], request, right, DIRECT),
    ]
    if memory := systems.sidecars.get("memory"):
        lanes.append(Lane(PASSED, memory, request, right, DIRECT))
    return Case("pass-through", "Pass-through (GET /v1/models)", tuple(lanes), EVERY, 0.6)


def _streamed_hit(systems: Systems, known: Known) -> Case:
    floor = systems.floors["server"]
    whole = Expectation(body=same_stream(known.replayed_whole))
    deltas = Expectation(body=same_stream(known.replayed_stream))
    body = prompt("How is a parcel sent back?")
    lanes = [
        Lane(SSE_FLOOR_WHOLE, floor, repeat(post(SSE_WHOLE, body)), whole),
        Lane(SSE_FLOOR_STREAM, floor, repeat(post(SSE_STREAM, body)), deltas),
    ]
    if memory := systems.sidecars.get("memory"):
        hit = partial(Lane, server=memory)
        lanes += [
            hit(
                SSE_HIT_WHOLE,
                requests=repeat(REPLAY_WHOLE),
                expectation=Expectation(HIT, body=whole.body),
                base=SSE_FLOOR_WHOLE,
            ),
            hit(
                SSE_HIT_STREAM,
                requests=repeat(ASK_STREAM),
                expectation=Expectation(HIT, body=deltas.body),
                base=SSE_FLOOR_STREAM,
            ),
            hit(
                WHOLE_HIT,
                requests=repeat(ASK_WHOLE),
                expectation=Expectation(HIT, body=same_answer(known.whole)),
            ),
        ]
    return Case("streamed-hit", "Streamed hit", tuple(lanes), EVERY, 0.6)


def _chunks(systems: Systems, known: Known) -> Case:
    whole_stream = Expectation(body=lambda body: len(events(body)) > FEWEST_DELTAS)
    stamped = partial(Lane, stamped=True)
    lanes = [
        stamped(DIRECT, systems.upstream, unique("s", stream=True), whole_stream),
        stamped(RELAY, systems.floors["relay"], unique("z", stream=True), whole_stream),
        stamped(PROXY, systems.floors["proxy"], unique("q", stream=True), whole_stream),
    ]
    if memory := systems.sidecars.get("memory"):
        expected = Expectation(MISS, body=whole_stream.body)
        requests = unique("t", stream=True)
        lanes.append(stamped(STREAMED, memory, requests, expected, DIRECT))
    return Case("chunks", "Delay of each chunk of a streamed miss", tuple(lanes), (1, 8), 2.0)


CASES: Final[dict[str, Callable[[Systems, Known], Case]]] = {
    "exact": _exact,
    "miss": _miss,
    "pass-through": _pass_through,
    "streamed-hit": _streamed_hit,
    "chunks": _chunks,
}
