"""The report: tables of a run, for a terminal and for Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.bench import cases
from tests.bench.figures import Results, cpu, first_byte, p50, p99, rate
from tests.bench.goals import goals

_C = (1, 8, 32)
_BASES = {
    cases.APP: cases.SERVER,
    cases.GET: cases.SERVER,
    cases.MEMORY: cases.SERVER,
    cases.FIRST_LEVEL: cases.SERVER,
    cases.REDIS: cases.GET,
}
_SERVERS = {
    cases.BARE: "bare",
    cases.SERVER: "floor-server",
    cases.APP: "floor-app",
    cases.GET: "floor-get",
    cases.MEMORY: "sidecar-memory",
    cases.REDIS: "sidecar-redis",
    cases.FIRST_LEVEL: "sidecar-redis-first-level",
}


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def tables(results: Results) -> list[Table]:
    """Every table of the run; a case that was not run has none."""
    made = [_goals(results), _exact(results), _miss(results), _passed(results)]
    made += [_streamed(results), _chunks(results), _memory(results), _soak(results)]
    made.append(_others(results))
    return [table for table in made if table.rows]


def _number(value: float | None, form: str = ".3f", unit: str = "") -> str:
    return "" if value is None else f"{value:{form}}{unit}"


def _lanes(results: Results, case: str) -> list[str]:
    return list(dict.fromkeys(burst.lane for burst in results.bursts if burst.case == case))


def _goals(results: Results) -> Table:
    rows = tuple((goal.wanted, goal.measured, goal.verdict) for goal in goals(results))
    return Table("Goals", ("goal", "measured", "verdict"), rows)


def _timings(results: Results, case: str, lane: str, connections: int) -> tuple[str, str]:
    """p50 / p99, and requests a second."""
    middle = results.median(case, lane, connections, p50)
    high = results.median(case, lane, connections, p99)
    if middle is None:
        return "", ""
    return f"{_number(middle)} / {_number(high)}", _number(
        results.median(case, lane, connections, rate), ",.0f"
    )


def _exact(results: Results) -> Table:
    def row(lane: str) -> tuple[str, ...]:
        cells = [lane]
        for connections in _C:
            cells += _timings(results, "exact", lane, connections)
        cells.append(_number(results.median("exact", lane, 32, cpu), ".0f"))
        base = _BASES.get(lane)
        slower = results.ratio("exact", lane, base, 1, p50) if base else None
        share = results.ratio("exact", lane, base, 32, rate) if base else None
        work = results.ratio("exact", lane, base, 32, cpu) if base else None
        memory = results.memory.get(_SERVERS[lane])
        return (
            *cells,
            _number(slower, ".2f", " x"),
            _number(share, ".2f", " x"),
            _number(work, ".2f", " x"),
            _number(memory.resident / 1e6 if memory else None, ".0f"),
        )

    header = ["system"]
    for connections in _C:
        header += [f"c={connections}: p50 / p99 ms", "req/s"]
    header += ["CPU us/req (c=32)", "p50 to its floor (c=1)", "req/s to its floor (c=32)"]
    header += ["CPU to its floor (c=32)", "MB"]
    rows = tuple(row(lane) for lane in _lanes(results, "exact"))
    note = (
        "The floor of an answer from memory is web.Server, that of one from Redis is "
        "web.Server + one Redis GET; the floors that do more are compared with web.Server."
    )
    return Table("Exact hit", tuple(header), rows, note)


def _against_direct(results: Results, case: str, title: str, connections: tuple[int, ...]) -> Table:
    def row(lane: str) -> tuple[str, ...]:
        cells = [lane]
        for count in connections:
            cells += _timings(results, case, lane, count)
            if lane == cases.DIRECT:
                cells.append("")
                continue
            added = results.overhead(case, lane, cases.DIRECT, count, p50)
            high = results.overhead(case, lane, cases.DIRECT, count, p99)
            cells.append(f"{_number(added, '+.2f')} / {_number(high, '+.2f')}")
        cells.append(_number(results.median(case, lane, connections[-1], cpu), ".0f"))
        return tuple(cells)

    header = ["path"]
    for count in connections:
        header += [f"c={count}: p50 / p99 ms", "req/s", "added p50 / p99 ms"]
    header.append(f"CPU us/req (c={connections[-1]})")
    return Table(title, tuple(header), tuple(row(lane) for lane in _lanes(results, case)))


def _miss(results: Results) -> Table:
    return _against_direct(results, "miss", "Miss and bypass, upstream of 50 ms", _C)


def _passed(results: Results) -> Table:
    return _against_direct(results, "pass-through", "Pass-through (GET /v1/models)", _C)


def _streamed(results: Results) -> Table:
    bases = {
        cases.SSE_HIT_WHOLE: cases.SSE_FLOOR_WHOLE,
        cases.SSE_HIT_STREAM: cases.SSE_FLOOR_STREAM,
    }

    def row(lane: str) -> tuple[str, ...]:
        cells = [lane]
        for count in _C:
            first = results.median("streamed-hit", lane, count, first_byte)
            total = results.median("streamed-hit", lane, count, p50)
            cells.append(f"{_number(first)} / {_number(total)}")
        base = bases.get(lane)
        floor = results.ratio("streamed-hit", lane, base, 1, p50) if base else None
        whole = results.ratio("streamed-hit", lane, cases.WHOLE_HIT, 1, p50)
        return (*cells, _number(floor, ".2f", " x"), _number(whole, ".2f", " x"))

    header = (
        "answer",
        *(f"c={count}: first byte / total ms" for count in _C),
        "total to its floor (c=1)",
        "total to the whole hit (c=1)",
    )
    rows = tuple(row(lane) for lane in _lanes(results, "streamed-hit"))
    return Table("Streamed hit", header, rows)


def _chunks(results: Results) -> Table:
    def rows() -> Iterator[tuple[str, ...]]:
        for lane, count in results.delays:
            spread = results.delay(lane, count)
            direct = results.delay(cases.DIRECT, count)
            if spread is None or direct is None:
                continue
            figures = (spread.p50, spread.p99, spread.p999, spread.max)
            own = (direct.p50, direct.p99, direct.p999, direct.max)
            added = (f"{one - other:+.2f}" for one, other in zip(figures, own, strict=True))
            yield (
                f"{lane}, c={count}",
                f"{spread.count:,}",
                *(f"{figure:.2f}" for figure in figures),
                "" if lane == cases.DIRECT else " / ".join(added),
            )

    header = ("path", "chunks", "p50 ms", "p99", "p99.9", "max", "added p50 / p99 / p99.9 / max")
    note = (
        "From the sending in the upstream to the arrival at the client, by one clock. The direct "
        "path's figures are the machine's own scheduling noise."
    )
    return Table("Delay of each chunk of a streamed miss", header, tuple(rows()), note)


def _memory(results: Results) -> Table:
    def row(name: str) -> tuple[str, ...]:
        now, idle = results.memory[name], results.idle[name]
        sizes = (idle.resident, now.resident, now.peak)
        return (name, *(f"{size / 1e6:.0f}" for size in sizes))

    rows = tuple(row(name) for name in results.memory)
    return Table("Resident memory", ("process", "at start MB", "at the end", "peak"), rows)


def _others(results: Results) -> Table:
    counts: dict[str, tuple[int, int]] = {}
    for burst in results.bursts:
        others, answers = counts.get(burst.lane, (0, 0))
        counts[burst.lane] = (others + burst.others, answers + burst.total.count)
    rows = tuple(
        (lane, f"{others:,}", f"{answers:,}")
        for lane, (others, answers) in counts.items()
        if others
    )
    note = (
        "A look-up that misses its deadline is answered by the engine; more than a few void a row."
    )
    return Table("Answers with another Cache-Status", ("lane", "others", "of"), rows, note)


def _soak(results: Results) -> Table:
    points = results.soak
    if not points:
        return Table("Soak", (), ())
    wanted = {0, 1, *range(10, 101, 10)}
    rows = tuple(
        (
            f"{point.prompts:,}",
            f"{point.hits:,}",
            f"{point.resident / 1e6:.1f}",
            f"{point.open_files}",
        )
        for place, point in enumerate(points)
        if place in wanted or place == len(points) - 1
    )
    questions = results.soak_questions
    drawn = f"drawn from {questions:,} by Zipf's law" if questions else "no prompt comes twice"
    note = f"A store of at most {results.soak_store_bytes / 2**20:.0f} MiB; {drawn}."
    return Table("Soak", ("prompts", "hits", "resident MB", "open files"), rows, note)


def as_text(table: Table) -> str:
    rows = [table.header, *table.rows]
    widths = [max(len(row[place]) for row in rows) for place in range(len(table.header))]

    def line(row: tuple[str, ...]) -> str:
        first, *others = row
        padded = [f"{cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True)]
        return "  ".join([f"{first:<{widths[0]}}", *padded]).rstrip()

    ruler = "-" * (sum(widths) + 2 * (len(widths) - 1))
    return _joined(table, [line(table.header), ruler, *map(line, table.rows)], lambda text: text)


def as_markdown(table: Table) -> str:
    def line(cells: tuple[str, ...]) -> str:
        return "| " + " | ".join(cells) + " |"

    ruler = "|" + "---|" * len(table.header)
    lines = ["", line(table.header), ruler, *map(line, table.rows)]
    return _joined(table, lines, lambda text: f"### {text}")


def _joined(table: Table, lines: list[str], title: Callable[[str], str]) -> str:
    note = ["", table.note] if table.note else []
    return "\n".join([title(table.title), *lines, *note, ""])
