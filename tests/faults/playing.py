"""One scenario from its start to its report."""

from __future__ import annotations

import asyncio
import contextlib
import random
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import oracles
from tests.faults.asking import Alone
from tests.faults.scenarios import Scenario
from tests.faults.stage import stage
from tests.faults.workload import Crowd


@dataclass
class Report:
    """What came of one scenario. Every list holds problems in words, and is empty when all is well.

    Attributes:
        requests: by clients.
        hits: of those.
        failures: requests that the engine alone would have answered, and that got an error which
            the scenario allows (the engine, or the sidecar, was away).
        purges: that were promised.
        wrong: answers that say something else than the engine alone would have said.
        lost: answers that did not come though nothing stood in their way.
    """

    scenario: str
    requests: int = 0
    hits: int = 0
    failures: int = 0
    purges: int = 0
    wrong: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)
    stored: list[str] = field(default_factory=list)
    account: list[str] = field(default_factory=list)
    resources: list[str] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)

    @property
    def problems(self) -> dict[str, list[str]]:
        """Those that there are, by oracle."""
        return {
            name: list(oracles.first(value))
            for name, value in vars(self).items()
            if isinstance(value, list) and value
        }


async def play(scenario: Scenario, folder: Path, requests: int, seed: int = 0) -> Report:
    """Play it: a fifth of the requests before the fault, two in it, one after it, and one when the
    last purge has been seen everywhere."""
    report = Report(scenario.name)
    async with stage(folder, scenario.options) as ground:
        if scenario.recovers:
            for program in ground.sidecars:
                await ground.in_contact(program)
        crowd = Crowd(ground, scenario.load, random.Random(seed))
        async with contextlib.AsyncExitStack() as beside:
            if scenario.purges:
                await beside.enter_async_context(crowd.purging())
            await crowd.ask(requests // 5)
            before = [oracles.level(program) for program in ground.sidecars]
            async with scenario.fault(ground):
                await crowd.ask(2 * requests // 5)
            if scenario.recovers:
                for program in ground.sidecars:
                    await ground.in_contact(program)
            await crowd.ask(requests // 5)
        await asyncio.sleep(oracles.SEEN_S)
        await crowd.ask(requests // 5)
        record = crowd.record
        alone = Alone(ground.admin, ground.engine.url, ground.answers)
        report.requests = len(record.exchanges)
        report.hits = sum(found.hit for found in record.exchanges)
        report.purges = len(record.purged)
        report.failures = sum(
            not found.ask.fault and not found.said.good for found in record.exchanges
        )
        report.wrong, report.lost = await oracles.wrong_and_lost(
            record, alone, scenario.allowed, scenario.load
        )
        report.foreign = oracles.foreign_hits(record)
        report.undone = oracles.undone_purges(record, scenario.options.replicas)
        report.account = await oracles.account(ground, record, exact=not scenario.allowed.restarts)
        report.stored = await oracles.stored_bodies(ground, record, alone)
        report.resources = await oracles.resources(ground, before)
        report.logs = oracles.logs(ground)
    return report
