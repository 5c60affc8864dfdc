"""`llmcache calibrate` finds for the bundled model the thresholds that it comes with."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from llmcache_sidecar.adapters.embedding.bundled import FOLDER
from llmcache_sidecar.tools.cli import main
from llmcache_sidecar.verify import threshold_of

pytestmark = pytest.mark.quality

STEPS = 0.03
"""Processors embed a little differently, and a pair more or less moves the choice."""


def test_it_finds_the_thresholds_that_it_comes_with(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(FOLDER, folder)
    assert main(["calibrate", str(folder), "--write"]) == 0
    found = json.loads((folder / "calibration.json").read_text(encoding="utf-8"))
    known = threshold_of("all-MiniLM-L6-v2")
    assert found["similarity"] == pytest.approx(known.similarity, abs=STEPS + 1e-9)
    assert found["score"] == pytest.approx(known.score, abs=0.09)
