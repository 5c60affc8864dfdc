"""SIGTERM ends a suite with the tests that it runs, and these clear up first."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e import settings

pytestmark = pytest.mark.process

ROOT = Path(__file__).resolve().parent.parent
ENDED_BY_SIGTERM = 128 + signal.SIGTERM

LONG = """
import os, pathlib, time
import pytest

HERE = pathlib.Path(__file__).parent

@pytest.fixture
def something_open():
    yield
    (HERE / "cleared up").touch()

@pytest.mark.e2e
def test_takes_long(something_open):
    (HERE / "pid.new").write_text(str(os.getpid()))
    (HERE / "pid.new").rename(HERE / "pid")
    time.sleep(600)
"""

STUBBORN = """
import os, pathlib, signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
pathlib.Path("pid.new").write_text(str(os.getpid()))
pathlib.Path("pid.new").rename("pid")
time.sleep(600)
"""

RUN_IT = """
import pathlib, sys
from tests import foreground
foreground.end_on_sigterm()
foreground.run([sys.executable, "-c", sys.argv[2]], grace_s=0.2, folder=pathlib.Path(sys.argv[1]))
"""


def told_to_end(
    command: list[str], folder: Path, environment: Mapping[str, str]
) -> tuple[int, int]:
    """Run it until it says in `folder` who it runs, and tell it to end; its exit code, and who."""
    # As a shell does it for a command in the background.
    background = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", sys.executable, *command]
    process = subprocess.Popen(background, cwd=ROOT, env=environment)
    try:
        until = time.monotonic() + 120
        while not (folder / "pid").exists():
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        process.terminate()
        return process.wait(120), int((folder / "pid").read_text())
    finally:
        process.kill()


def test_the_tests_on_a_cluster_clear_up_and_end(tmp_path: Path) -> None:
    test = tmp_path / "test_long.py"
    test.write_text(LONG)
    # A cluster is named, so that none is made; nobody asks it for anything.
    missing = (settings.missing({}) or "").split(" not set")[0].split(", ")
    environment = {**os.environ, **dict.fromkeys(missing, "none"), "PYTEST_ADDOPTS": ""}
    command = ["-m", "tests.e2e", str(test)]
    code, pid = told_to_end(command, tmp_path, environment)
    assert code == ENDED_BY_SIGTERM
    assert (tmp_path / "cleared up").exists()
    assert not Path(f"/proc/{pid}").exists()


def test_what_does_not_end_by_itself_is_killed(tmp_path: Path) -> None:
    code, pid = told_to_end(["-c", RUN_IT, str(tmp_path), STUBBORN], tmp_path, os.environ)
    assert code == ENDED_BY_SIGTERM
    assert not Path(f"/proc/{pid}").exists()
