"""Whatever breaks, clients get what the engine alone would have given them, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.playing import play
from tests.faults.scenarios import SCENARIOS, Scenario

REQUESTS = 320


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
async def test_clients_get_what_the_engine_alone_would_have_given(
    scenario: Scenario, tmp_path: Path
) -> None:
    report = await play(scenario, tmp_path, REQUESTS)
    assert not report.problems
    assert report.requests > REQUESTS // 2
