"""The harness's own parts: a benchmark that reads answers wrongly proves nothing."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from itertools import islice, repeat
from pathlib import Path
from typing import cast

import orjson
import pytest

from tests.bench import cases, wire
from tests.bench.client import Chunks, burst, exchange
from tests.bench.docs import MarkersError, _between
from tests.bench.figures import Burst, Results, SoakPoint, Spread, p50
from tests.bench.floors import recipe
from tests.bench.goals import Verdict, goals
from tests.bench.report import as_markdown, as_text, tables
from tests.bench.upstream import STAMP, Pace, _Engine


@pytest.fixture
async def engine() -> AsyncIterator[int]:
    connections: list[_Engine] = []

    def connect() -> _Engine:
        connections.append(_Engine(Pace(0.0, 3, 0.0)))
        return connections[-1]

    server = await asyncio.get_running_loop().create_server(connect, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        while any(connection.connected for connection in connections):
            await asyncio.sleep(0.001)


@contextlib.asynccontextmanager
async def _answering(pieces: list[bytes]) -> AsyncIterator[int]:
    """Answers every request with these pieces, each in a segment of its own."""
    left: set[asyncio.Task[None]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        left.add(cast("asyncio.Task[None]", asyncio.current_task()))
        while await reader.read(4096):
            for piece in pieces:
                writer.write(piece)
                await asyncio.sleep(0.001)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        await asyncio.wait(left, timeout=5)


def _split(data: bytes) -> list[bytes]:
    return [data[place : place + 7] for place in range(0, len(data), 7)]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nwhole one",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
        b"5\r\nwhole\r\n4\r\n one\r\n0\r\n\r\n",
    ],
)
@pytest.mark.parametrize("cut", [_split, lambda data: [data]])
async def test_an_answer_is_read_however_it_is_cut(
    answer: bytes, cut: Callable[[bytes], list[bytes]]
) -> None:
    expected = wire.Expectation(length=9, body=lambda body: body == b"whole one")
    async with _answering(cut(answer)) as port:
        sample = await burst(
            port, repeat(wire.get("/")), expected, connections=2, count=6, seconds=5
        )
        assert (await exchange(port, wire.get("/")))[1] == b"whole one"
    assert len(sample.total) == len(sample.first_byte) == 6


@pytest.mark.parametrize(
    "expected",
    [
        wire.Expectation(length=3),
        wire.Expectation(body=lambda body: False),
    ],
)
async def test_a_wrong_answer_ends_the_burst(engine: int, expected: wire.Expectation) -> None:
    with pytest.raises(wire.WireError):
        await burst(
            engine,
            repeat(wire.get("/v1/models")),
            expected,
            connections=1,
            count=5,
            seconds=5,
        )


async def test_an_answer_with_another_cache_status_is_counted(engine: int) -> None:
    expected = wire.Expectation(cache_status=wire.HIT)
    sample = await burst(
        engine, repeat(wire.get("/v1/models")), expected, connections=2, count=7, seconds=5
    )
    assert (sample.others, len(sample.total)) == (7, 7)


def test_bytes_after_the_last_chunk_are_an_error() -> None:
    with pytest.raises(wire.WireError):
        Chunks().feed(b"0\r\n\r\nmore")


@pytest.mark.parametrize("stream", [False, True])
def test_requests_have_the_size_that_the_report_names(stream: bool) -> None:
    assert len(wire.prompt("A question", stream=stream)) == wire.PROMPT_BYTES
    assert len(wire.answer()) == wire.ANSWER_BYTES
    bodies = [request[-wire.PROMPT_BYTES :] for request in islice(wire.unique("x"), 50)]
    assert len(set(bodies)) == 50
    assert all(orjson.loads(body)["model"] == wire.MODEL for body in bodies)


async def test_the_upstream_stamps_each_delta_and_ends_its_stream(engine: int) -> None:
    head, body = await exchange(engine, wire.post(wire.CHAT, wire.prompt("Q", stream=True)))
    assert b"text/event-stream" in head
    assert len(STAMP.findall(body)) == 3
    *_, last = wire.events(body)
    assert last["usage"] == wire.usage()


async def test_the_upstream_refuses_what_it_does_not_know(engine: int) -> None:
    head, _ = await exchange(engine, wire.get("/v1/unknown"))
    assert head.startswith(b"HTTP/1.1 404")


def test_a_floor_copies_the_answer_but_for_its_framing() -> None:
    head = b"HTTP/1.1 200 OK\r\nDate: now\r\nAge: 3\r\nContent-Length: 2\r\n"
    assert orjson.loads(recipe(head, b"{}")) == {"headers": [["Age", "3"]], "body": "{}"}


def _burst(lane: str, turn: int, milliseconds: float) -> Burst:
    spread = Spread.of([int(milliseconds * 1e6)] * 10)
    return Burst("exact", lane, 1, turn, 1.0, spread, spread, 10.0)


def _results() -> Results:
    results = Results({})
    for turn, drift in enumerate((1.0, 5.0, 1.0)):
        results.bursts.append(_burst(cases.SERVER, turn, 0.2 * drift))
        results.bursts.append(_burst(cases.MEMORY, turn, 0.24 * drift))
    return results


def test_a_ratio_is_taken_inside_a_round_so_that_drift_falls_out() -> None:
    found = _results().ratio("exact", cases.MEMORY, cases.SERVER, 1, p50)
    assert found == pytest.approx(1.2)


def test_goals_say_what_was_not_measured() -> None:
    verdicts = [goal.verdict for goal in goals(_results())]
    assert verdicts[0] is Verdict.REACHED
    assert set(verdicts[1:]) == {Verdict.UNKNOWN}


@pytest.mark.parametrize(
    ("direct", "through", "verdict"),
    [(0.1, 0.5, Verdict.REACHED), (0.1, 2.0, Verdict.MISSED), (4.0, 4.5, Verdict.NOISE)],
)
def test_a_late_chunk_is_not_blamed_on_the_sidecar_when_the_machine_is_late(
    direct: float, through: float, verdict: Verdict
) -> None:
    results = Results({})
    usual = [100_000] * 99
    results.delays[cases.DIRECT, 1] = [*usual, int(1e5 + direct * 1e6)]
    results.delays[cases.STREAMED, 1] = [*usual, int(1e5 + through * 1e6)]
    found = [goal for goal in goals(results) if "c=1: max" in goal.wanted]
    assert [goal.verdict for goal in found] == [verdict]


def test_growth_counts_from_a_tenth_of_the_soak_on() -> None:
    results = Results({})
    sizes = [60, 90, *[100] * 8, 101]
    results.soak = [SoakPoint(place * 10, size * 10**6) for place, size in enumerate(sizes)]
    assert goals(results)[-1].verdict is Verdict.MISSED
    results.soak[1] = SoakPoint(10, 99 * 10**6)
    assert goals(results)[-1].verdict is Verdict.REACHED


def test_tables_render_for_a_terminal_and_for_markdown() -> None:
    results = _results()
    assert [table.title for table in tables(results)] == ["Goals", "Exact hit"]
    for table in tables(results):
        assert cases.MEMORY in as_text(table)
        assert as_markdown(table).startswith(f"### {table.title}")


def test_the_page_keeps_what_stands_outside_the_markers() -> None:
    page = (Path(__file__).parents[2] / "docs" / "performance.md").read_text()
    written = _between(page, "| a table |")
    assert "| a table |" in written
    assert _between(written, "| a table |") == written
    with pytest.raises(MarkersError):
        _between("no markers", "")
