"""An oracle that sees nothing proves nothing: each is shown what it is there to find."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.faults import oracles
from tests.faults.asking import Alone, Ask, Exchange, Kind, Said
from tests.faults.oracles import Allowed
from tests.faults.stage import PROMPT_CANARY, TENANTS
from tests.faults.workload import Load, Purged, Record

RIGHT = Said(Kind.WHOLE, 200, "revision 0 says yes", ("stop", ""))
HIT = "llmcache; hit; ttl=60; detail=exact"


class Known(Alone):
    """Knows one answer."""

    def __init__(self, said: Said) -> None:
        self._said = said

    async def says(self, ask: Ask, revision: int, patience_s: float) -> Said:
        """Always the same."""
        return self._said


def record(*exchanges: Exchange, purged: tuple[Purged, ...] = ()) -> Record:
    return Record(exchanges=list(exchanges), purged=list(purged))


def got(said: Said, began: float = 0.0, cache: str = "", tenant: str = TENANTS[0]) -> Exchange:
    return Exchange(Ask(1, tenant), said, began, began + 0.1, cache)


@pytest.mark.parametrize(
    ("expected", "said", "allowed", "wrong", "lost"),
    [
        (RIGHT, RIGHT, Allowed(), 0, 0),
        (RIGHT, Said(Kind.WHOLE, 200, "revision 0 says no", RIGHT.rest), Allowed(), 1, 0),
        (RIGHT, Said(Kind.STREAM, 200, RIGHT.text, ()), Allowed(), 1, 0),
        (RIGHT, Said(Kind.LATE), Allowed(broken=True, bad_gateway=True), 0, 1),
        (RIGHT, Said(Kind.WHOLE, 502, "gone"), Allowed(), 0, 1),
        (RIGHT, Said(Kind.WHOLE, 502, "gone"), Allowed(bad_gateway=True), 0, 0),
        (RIGHT, Said(Kind.NOTHING), Allowed(), 0, 1),
        (RIGHT, Said(Kind.BROKEN, 200, "revision 0"), Allowed(broken=True), 0, 0),
        (RIGHT, Said(Kind.BROKEN, 200, "revision 17"), Allowed(broken=True), 0, 0),
        (RIGHT, Said(Kind.BROKEN, 200, "another"), Allowed(broken=True), 1, 0),
        (Said(Kind.WHOLE, 429, "slow down"), RIGHT, Allowed(), 1, 0),
        (Said(Kind.BROKEN, 200, "rev"), Said(Kind.WHOLE, 200, "rev"), Allowed(), 1, 0),
        (Said(Kind.BROKEN, 200, "rev"), Said(Kind.WHOLE, 502, "cut"), Allowed(), 0, 0),
    ],
)
async def test_wrong_and_lost_answers_are_seen(
    expected: Said, said: Said, allowed: Allowed, wrong: int, lost: int
) -> None:
    found = await oracles.wrong_and_lost(record(got(said)), Known(expected), allowed, Load())
    assert (len(found[0]), len(found[1])) == (wrong, lost)


def test_an_answer_of_another_tenant_is_seen() -> None:
    theirs, mine = got(RIGHT), got(RIGHT, 1.0, HIT)
    assert not oracles.foreign_hits(record(theirs, mine))
    assert oracles.foreign_hits(record(theirs, got(RIGHT, 1.0, HIT, TENANTS[1])))


def test_an_answer_from_before_a_purge_is_seen() -> None:
    purged = (Purged(1.0, 1),)
    assert not oracles.undone_purges(record(got(RIGHT, 0.9), purged=purged), 1)
    assert oracles.undone_purges(record(got(RIGHT, 1.1), purged=purged), 1)
    assert not oracles.undone_purges(record(got(RIGHT, 1.1), purged=purged), 2)
    assert oracles.undone_purges(record(got(RIGHT, 2.1), purged=purged), 2)


@pytest.mark.parametrize(
    "line", ["Traceback (most recent call last):", f"what of {PROMPT_CANARY}?", "a flight broke"]
)
def test_what_a_log_must_not_hold_is_seen(line: str) -> None:
    stage: Any = SimpleNamespace(sidecars=[SimpleNamespace(log="all is well\n")])
    assert not oracles.logs(stage)
    stage.sidecars[0].log += line
    assert oracles.logs(stage)


async def test_open_files_that_do_not_close_are_seen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(oracles, "PATIENCE_S", 0.3)
    program = SimpleNamespace(open_files=20, resident=10)
    stage: Any = SimpleNamespace(sidecars=[program])
    before: Any = [oracles.Level(20, 10)]
    assert not await oracles.resources(stage, before)
    program.open_files = 200
    program.resident = 2**30
    assert len(await oracles.resources(stage, before)) == 2
