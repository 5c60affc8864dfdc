"""`llmcache quality --log FILE`: what a cache would have served of your own traffic."""

from __future__ import annotations

import argparse
import asyncio
import math
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmcache_api import ConfigError
from llmcache_api.sidecar import read_document

from ..errors import ToolError

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from .log import Line
    from .running import Replayed


def add_to(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "quality",
        help="replay your own traffic through the cache, and see what it would have served",
        description="Replays a log through a sidecar in this process, without an engine, and prints "
        "what would have been served from the cache, and how often wrongly where the log can tell. "
        "The log has one JSON object a line: `prompt` (or `messages`), and, where known, `answer`, "
        "`intent`, `time`, `model`, `temperature`. Nothing is sent anywhere, unless the "
        "configuration names an embedding endpoint, and nothing is kept; examples are printed on the "
        "terminal only.",
    )
    parser.add_argument("--log", required=True, type=Path, metavar="FILE", help="JSON lines")
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="a sidecar's; its responseCache counts"
    )
    parser.add_argument(
        "--thresholds",
        type=_cosines,
        default=(0.90, 0.95),
        metavar="A,B",
        help="least cosines to compare with (default .90,.95); empty for none",
    )
    parser.add_argument(
        "--examples",
        type=int,
        default=10,
        metavar="N",
        help="pairs to show on a terminal (default 10); 0 for none",
    )
    parser.set_defaults(run=run)


def _cosines(text: str) -> tuple[float, ...]:
    try:
        found = tuple(float(part) for part in text.split(",") if part.strip())
    except ValueError:
        found = (math.nan,)
    if not all(0 < one <= 1 for one in found):
        raise argparse.ArgumentTypeError("takes cosines above 0 and up to 1, such as .90,.95")
    return found


def run(arguments: argparse.Namespace) -> int:
    """Read, replay, tell."""
    try:
        from .log import read_log
    except ImportError as error:
        raise ToolError(
            f"quality needs the package {error.name}: pip install 'llmcache[sidecar]'"
        ) from None
    lines = read_log(arguments.log)
    try:
        document = {} if arguments.config is None else read_document(arguments.config)
        asyncio.run(_report(lines, document, arguments.thresholds, arguments.examples))
    except ConfigError as error:
        raise ToolError(str(error)) from None
    return 0


async def _report(
    lines: list[Line], document: dict[str, Any], floors: tuple[float, ...], most: int
) -> None:
    from . import report
    from .running import replay

    def tell(name: str) -> None:
        print(f"==> {name}", file=sys.stderr, flush=True)

    tell("as configured")
    main = await replay(lines, document, None, explained=True)
    _print(report.summary(lines, main))
    _print(report.gates(main))
    # Prompts are for the person who ran this: not for a pipe that ends in somebody's log.
    if most > 0 and sys.stdout.isatty():
        _print(report.examples(lines, main, most))
    runs: list[tuple[str, Replayed]] = [("as configured", main)]
    for floor in floors:
        tell(f"with a least cosine of {floor:.2f}")
        runs.append((f"{floor:.2f}", await replay(lines, document, floor, explained=False)))
    if floors:
        _print(report.thresholds(lines, runs))


def _print(part: Iterable[str]) -> None:
    """At once: what comes next may take hours, and be stopped."""
    print("\n".join(part), end="\n\n", flush=True)
