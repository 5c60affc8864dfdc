"""Every scenario, over and over, larger: `python -m tests.faults --minutes 60`.

Prints one line a scenario, and at the end the figures of docs/reliability.md. The exit code is 1
when an oracle saw anything, or a scenario could not be played to its end. What clients asked and got
is held for one scenario at a time, so that a long run needs no more memory than a short one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import uvloop

from tests.faults.playing import Report, play
from tests.faults.scenarios import SCENARIOS

_LONGEST_S: Final = 900.0
"""A scenario that takes longer hangs."""


@dataclass
class Sums:
    """Of many reports."""

    seconds: float = 0.0
    plays: int = 0
    requests: int = 0
    hits: int = 0
    purges: int = 0
    allowed_failures: int = 0
    wrong: int = 0
    lost: int = 0
    foreign: int = 0
    undone: int = 0
    stored: int = 0
    other: int = 0
    broken_off: int = 0
    scenarios: set[str] = field(default_factory=set)

    def add(self, report: Report) -> None:
        """One more."""
        self.plays += 1
        self.scenarios.add(report.scenario)
        self.requests += report.requests
        self.hits += report.hits
        self.purges += report.purges
        self.allowed_failures += report.failures
        self.wrong += len(report.wrong)
        self.lost += len(report.lost)
        self.foreign += len(report.foreign)
        self.undone += len(report.undone)
        self.stored += len(report.stored)
        self.other += len(report.account) + len(report.resources) + len(report.logs)

    @property
    def bad(self) -> int:
        """Everything that must be 0."""
        seen = self.wrong + self.lost + self.foreign + self.undone + self.stored + self.other
        return seen + self.broken_off


async def run(minutes: float, requests: int, only: str, seed: int) -> Sums:
    """Play for so long; a scenario that has begun is played to its end."""
    sums = Sums()
    began = time.monotonic()
    chosen = [each for each in SCENARIOS if only in each.name]
    while True:
        for scenario in chosen:
            if (sums.plays or sums.broken_off) and time.monotonic() - began > minutes * 60:
                return sums
            seed += 1
            try:
                async with asyncio.timeout(_LONGEST_S):
                    with TemporaryDirectory(prefix="llmcache-faults-") as folder:
                        report = await play(scenario, Path(folder), requests, seed)
            except Exception:
                # One that hangs or breaks is a finding, and no reason to end the hour.
                sums.broken_off += 1
                sums.seconds = time.monotonic() - began
                print(
                    f"{sums.seconds:7.0f} s  {scenario.name:38} PROBLEMS {traceback.format_exc()}"
                )
                continue
            sums.add(report)
            sums.seconds = time.monotonic() - began
            problems = f" PROBLEMS {json.dumps(report.problems)}" if report.problems else ""
            print(
                f"{sums.seconds:7.0f} s  {scenario.name:38} {report.requests:6} requests "
                f"{report.hits:6} hits {report.failures:5} failures allowed{problems}",
                flush=True,
            )


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--minutes", type=float, default=60.0, help="how long (60)")
    parser.add_argument("--requests", type=int, default=2000, help="in each scenario (2000)")
    parser.add_argument("--only", default="", help="scenarios whose name holds this")
    parser.add_argument("--seed", type=int, default=0, help="of the first scenario (0)")
    given = parser.parse_args(arguments)
    # The engine tells every client that leaves it, which here is what clients do.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sums = runner.run(run(given.minutes, given.requests, given.only, given.seed))
    figures = {**asdict(sums), "scenarios": len(sums.scenarios)}
    print(json.dumps(figures, indent=2))
    return 1 if sums.bad else 0


if __name__ == "__main__":
    sys.exit(main())
