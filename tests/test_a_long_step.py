"""A long step ends with everything that it started."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.steps import StepError, step


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks at processes in /proc")
def test_its_children_end_with_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with pytest.raises(StepError, match="no end after"):
        step("it sleeps", ["sh", "-c", "sleep 60 & echo $!; wait"], log, seconds=0.2, every=0.2)
    child = int(log.read_text())
    until = time.monotonic() + 10
    while _lives(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _lives(child)


def test_what_it_printed_is_told_when_it_fails(tmp_path: Path) -> None:
    with pytest.raises(StepError, match="the reason"):
        step("it fails", ["sh", "-c", "echo the reason; exit 3"], tmp_path / "log", seconds=30)
