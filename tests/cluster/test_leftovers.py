"""Folders of killed owners are found, folders of living ones are not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from . import leftovers

pytestmark = pytest.mark.cluster


def test_a_folder_is_found_only_when_its_owner_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "node-1"
    folder.mkdir()
    claim = (
        "import pathlib, sys; from tests.cluster import leftovers\n"
        "held = leftovers.claim(pathlib.Path(sys.argv[1]))\n"
        "print('claimed', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", claim, str(folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as owner:  # fmt: skip
        assert owner.stdout is not None
        assert owner.stdout.readline() == "claimed\n"
        assert not list(leftovers.ownerless("node-", tmp_path))
        owner.kill()
    assert list(leftovers.ownerless("node-", tmp_path)) == [folder]


def test_a_folder_that_nobody_claimed_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "node-1").mkdir()
    (tmp_path / "node-2").touch()
    assert not list(leftovers.ownerless("node-", tmp_path))


def test_two_finders_never_get_the_same_folder(tmp_path: Path) -> None:
    folder = tmp_path / "node-1"
    folder.mkdir()
    leftovers.claim(folder).close()
    found = leftovers.ownerless("node-", tmp_path)
    assert next(found) == folder
    assert not list(leftovers.ownerless("node-", tmp_path))
    assert not list(found)
