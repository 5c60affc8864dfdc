"""What meaning costs: `python -m tests.bench.semantic`.

The same sidecar over HTTP with 1,000, 10,000 and 100,000 points in one partition: an exact hit, a
semantic hit, and a semantic miss whose engine answers at once; one connection at a time, then eight.
Vectors of 384 dimensions come from the bundled model, those of 768 from an endpoint beside it.
The embedding's own time is shown apart, as the sidecar measures it with one connection.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
import uvloop

from tests.bench.client import burst, exchange
from tests.bench.figures import Spread
from tests.bench.processes import Running, StartError, compile_servers, divide_cores, started
from tests.bench.report import Table, as_markdown, as_text
from tests.bench.semantic_server import FOREIGN, MEANT, TAUGHT, body
from tests.bench.systems import upstream
from tests.bench.wide_embeddings import DIMENSIONS
from tests.bench.wire import CHAT, KEY, Expectation, post
from tests.ports import free_port

_ROOT: Final = Path(__file__).resolve().parents[2]
_PAGE: Final = _ROOT / "docs" / "performance.md"
_BEGIN: Final = (
    "<!-- semantic: begin (written by `python -m tests.bench.semantic --write-docs`) -->"
)
_END: Final = "<!-- semantic: end -->"
_FILL_S: Final = 300.0
_REPORT_S: Final = 30.0
_LARGEST: Final = {"pgvector": 20_000}


@dataclass(frozen=True, slots=True)
class Row:
    """One store with so many points.

    Attributes:
        spreads: by what was asked and over how many connections, in milliseconds.
        told: the server's own reports after each.
    """

    store: str
    dimensions: int
    points: int
    spreads: dict[tuple[str, int], Spread]
    told: dict[tuple[str, int], dict[str, Any]]


def no_store(question: str) -> bytes:
    """A request that is looked up and not stored: it misses however often it is asked."""
    document = body(question)
    return (
        f"POST {CHAT} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {KEY}\r\n"
        f"Cache-Control: no-store\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(document)}\r\n\r\n"
    ).encode() + document


def spelt(question: str) -> Iterator[bytes]:
    """The same question without end, never twice the same text (what was embedded a moment ago is not
    embedded again): one to four spaces between its words."""
    words = question.split()
    for gaps in itertools.product(("", " ", "  ", "   "), repeat=len(words) - 1):
        yield no_store(" ".join(word + gap for word, gap in zip(words, (*gaps, ""), strict=True)))


ASKED: Final[dict[str, Callable[[], Iterator[bytes]]]] = {
    "exact hit": lambda: itertools.repeat(post(CHAT, body(TAUGHT))),
    "semantic hit": lambda: spelt(MEANT),
    "hit, same words": lambda: itertools.repeat(no_store(MEANT)),
    "semantic miss": lambda: spelt(FOREIGN),
}
"""What is asked, by what it must be."""


@dataclass(frozen=True, slots=True)
class Model:
    """What makes the vectors: how long they are, and the section that names it."""

    dimensions: int
    embedding: dict[str, Any]


@contextlib.contextmanager
def wide_model(logs: Path) -> Iterator[Model]:
    """One of 768 dimensions, at an endpoint."""
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.wide_embeddings", "--port", str(port)]
    with started("wide-embeddings", command, port, divide_cores().client, logs):
        yield Model(
            DIMENSIONS,
            {"source": "Endpoint", "model": "bundled-twice", "url": f"http://127.0.0.1:{port}"},
        )


@contextlib.contextmanager
def taught(
    name: str,
    engine: Running,
    points: int,
    vectors: dict[str, Any],
    embedding: dict[str, Any],
    logs: Path,
) -> Iterator[tuple[Running, Path]]:
    """A taught and filled sidecar; it may use every core, as its threads do in a pod."""
    port, report = free_port(), logs / f"{name}.json"
    report.unlink(missing_ok=True)
    command = [
        sys.executable, "-m", "tests.bench.semantic_server", "--port", str(port),
        "--upstream", f"http://127.0.0.1:{engine.port}", "--points", str(points),
        "--vectors", orjson.dumps(vectors).decode(), "--report", str(report),
        "--embedding", orjson.dumps(embedding).decode(),
    ]  # fmt: skip
    with started(name, command, port, divide_cores().server, logs) as running:
        os.sched_setaffinity(running.pid, os.sched_getaffinity(0) | {divide_cores().server})
        yield running, report


async def measure(
    store: str,
    engine: Running,
    points: int,
    vectors: dict[str, Any],
    model: Model,
    logs: Path,
    count: int,
) -> Row:
    """All that is asked of one store."""
    name = f"semantic-{store}-{model.dimensions}-{points}"
    with taught(name, engine, points, vectors, model.embedding, logs) as (running, report):
        say(f"    {store}, {points:,} points of {model.dimensions} dimensions: filling")
        deadline = time.monotonic() + _FILL_S
        while not report.exists():
            if time.monotonic() > deadline:
                raise StartError(f"{name} is not filled after {_FILL_S:.0f} s")
            await asyncio.sleep(0.2)
        spreads: dict[tuple[str, int], Spread] = {}
        told: dict[tuple[str, int], dict[str, Any]] = {}
        asked = {what: make() for what, make in ASKED.items()}
        for connections, (what, requests) in itertools.product((1, 8), asked.items()):
            await expect(running.port, next(requests), what, name)
            sample = await burst(
                running.port, requests, Expectation(),
                connections=connections, count=count, seconds=20,
            )  # fmt: skip
            spreads[what, connections] = Spread.of(sample.total)
            told[what, connections] = await reported(running.pid, report)
        return Row(store, model.dimensions, points, spreads, told)


async def reported(pid: int, report: Path) -> dict[str, Any]:
    """What the server tells when it is asked."""
    report.unlink()
    os.kill(pid, signal.SIGUSR1)
    deadline = time.monotonic() + _REPORT_S
    while not report.exists():
        if time.monotonic() > deadline:
            raise StartError(f"no report within {_REPORT_S:.0f} s")
        await asyncio.sleep(0.01)
    told: dict[str, Any] = orjson.loads(report.read_bytes())
    return told


async def expect(port: int, request: bytes, what: str, name: str) -> None:
    """The answer is what it is called; a busy machine may need a second try."""
    meant = b"detail=semantic"
    wanted = {"exact hit": b"detail=exact", "semantic hit": meant, "hit, same words": meant}
    head = b""
    for _ in range(20):
        head, _ = await exchange(port, request)
        if wanted.get(what, b"fwd=miss") in head:
            return
    raise StartError(f"{name}: {what} is none: {head!r}")


def table(rows: list[Row]) -> Table:
    """One line a store and size."""

    def line(row: Row) -> tuple[str, ...]:
        alone, crowded = row.told["semantic hit", 1], row.told["semantic miss", 8]
        embedding, tail = (1000 * (value or 0) for value in alone["embedding"])

        def cell(what: str, connections: int) -> str:
            spread = row.spreads[what, connections]
            return f"{spread.p50:.2f} / {spread.p99:.2f}"

        over = row.spreads["semantic hit", 1].p50 - embedding
        late, held = (1000 * crowded[name][2] for name in ("late", "held"))
        once = 1000 * row.told["semantic miss", 1]["held"][2]
        return (
            row.store, str(row.dimensions), f"{row.points:,}",
            f"{embedding:.2f} / {tail:.2f}", cell("exact hit", 1), cell("semantic hit", 1),
            f"{over:.2f}", cell("hit, same words", 1), cell("semantic miss", 1),
            cell("semantic hit", 8), cell("semantic miss", 8), f"{late:.2f} / {held:.2f} / {once:.2f}",
            f"{crowded['resident'] / 1e6:.0f}",
        )  # fmt: skip

    return Table(
        "Semantic hit and miss, ms p50 / p99",
        (
            "store", "dimensions", "points", "embedding", "exact hit", "semantic hit",
            "hit less embedding",
            "hit, same words again", "semantic miss",
            "hit, c=8", "miss, c=8", "loop late / held / held, c=1; p99.9", "MB",
        ),
        tuple(line(row) for row in rows),
    )  # fmt: skip


def say(text: str) -> None:
    """A line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


async def run(options: argparse.Namespace) -> list[Row]:
    """Every store and size."""
    logs = _ROOT / ".bench" / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    rows = []
    with contextlib.ExitStack() as stack:
        engine = stack.enter_context(upstream("engine-0", divide_cores().client, logs, 0))
        stores: dict[str, dict[str, Any]] = {
            # The default of 160Mi holds 100,000 points of 384 dimensions.
            "memory": {"memory": {"maxSize": "512Mi"}}
        }
        if "pgvector" in options.store:
            from tests.sidecar.vectors.servers import postgres

            password = logs / "postgres.password"
            password.write_text("s3cret")
            server = stack.enter_context(postgres("s3cret"))
            stores["pgvector"] = {"pgvector": {"dsn": server.dsn, "passwordFile": str(password)}}
        models = [Model(384, {}), stack.enter_context(wide_model(logs))]
        for store, model, points in itertools.product(options.store, models, options.points):
            if points > _LARGEST.get(store, points):
                continue  # its graph takes minutes to fill; docs/vectors.md has the search alone
            made = measure(store, engine, points, stores[store], model, logs, options.count)
            rows.append(await made)
    return rows


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.semantic")
    parser.add_argument("--points", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    parser.add_argument("--store", nargs="*", default=["memory", "pgvector"])
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--write-docs", action="store_true")
    options = parser.parse_args()
    say("==> what meaning costs")
    compile_servers()
    made = table(uvloop.run(run(options)))
    say("\n" + as_text(made))
    if options.write_docs:
        text = _PAGE.read_text()
        before, rest = text.split(_BEGIN, 1)
        _PAGE.write_text(f"{before}{_BEGIN}\n{as_markdown(made)}\n{_END}{rest.split(_END, 1)[1]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
