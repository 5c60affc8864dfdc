"""`llmcache calibrate` finds thresholds for a folder's model, and the sidecar goes by them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from llmcache_sidecar.adapters.embedding.bundled import FOLDER
from llmcache_sidecar.adapters.embedding.fastembed_encoder import load_folder
from llmcache_sidecar.ports.embedder import EmbeddingLoadError
from llmcache_sidecar.tools.calibrating.choosing import Point, choose
from llmcache_sidecar.tools.cli import main
from llmcache_sidecar.verify import threshold_of

PAIRS = (
    "same\tHow do I reset my password?\tHow can I reset my password?\n"
    "same\tWhere is my parcel?\tWhere can I find my parcel?\n"
    "different\tHow do I reset my password?\tHow do I delete my account?\n"
    "different\tDo you ship to Spain?\tDo you ship to Norway?\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "my-model"
    shutil.copytree(FOLDER, copy)
    return copy


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.tsv"
    path.write_text(PAIRS, encoding="utf-8")
    return path


def test_it_writes_what_the_sidecar_reads(
    folder: Path, pairs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert load_folder(folder).model.calibration is None
    assert main(["calibrate", str(folder), "--pairs", str(pairs), "--write"]) == 0
    told = capsys.readouterr()
    assert "my-model: 4 pairs" in told.out
    assert "embedding: 7 of 7 questions" in told.err
    stated = json.loads((folder / "calibration.json").read_text(encoding="utf-8"))
    model = load_folder(folder).model
    threshold = threshold_of(model.name, None, model.calibration)
    assert threshold.calibrated
    assert (threshold.similarity, threshold.score) == (stated["similarity"], stated["score"])
    tighter = threshold_of(model.name, 0.99, model.calibration)
    assert (tighter.similarity, tighter.floor) == (0.99, 0.99)


def test_without_write_nothing_is_written(folder: Path, pairs: Path) -> None:
    assert main(["calibrate", str(folder), "--pairs", str(pairs)]) == 0
    assert not (folder / "calibration.json").exists()


def test_where_nothing_is_strict_enough_it_says_so(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hopeless = tmp_path / "hopeless.tsv"
    hopeless.write_text("same\tWhere is it?\tWhere is it?\ndifferent\tWho is it?\tWho is it?\n")
    assert main(["calibrate", str(folder), "--pairs", str(hopeless), "--write"]) == 1
    assert "none serves" in capsys.readouterr().out
    assert not (folder / "calibration.json").exists()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("perhaps\tone\tother\n", "line 1: `same` or `different` and two questions"),
        ("same\tone\n", "line 1"),
        ("same\tWhere is it?\tWhere is that?\n", "same ones and different ones are needed"),
        ("", "same ones and different ones are needed"),
    ],
)
def test_pairs_that_can_not_be_used_are_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, says: str
) -> None:
    odd = tmp_path / "odd.tsv"
    odd.write_text(text, encoding="utf-8")
    assert main(["calibrate", str(folder), "--pairs", str(odd)]) == 1
    assert says in capsys.readouterr().err


def test_a_folder_without_a_model_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["calibrate", str(tmp_path / "nowhere")]) == 1
    assert "there is no such folder" in capsys.readouterr().err


@pytest.mark.parametrize("text", ['{"similarity": 0.8}', '{"similarity": 80, "score": 0.8}'])
def test_a_calibration_that_can_not_be_meant_is_refused(folder: Path, text: str) -> None:
    (folder / "calibration.json").write_text(text, encoding="utf-8")
    with pytest.raises(EmbeddingLoadError, match="llmcache calibrate writes it"):
        load_folder(folder)


def test_the_one_that_serves_most_at_few_wrong_ones_is_chosen() -> None:
    loose, right, strict = (
        Point(0.7, 0.5, 0.9, 0.02), Point(0.8, 0.6, 0.5, 0.01), Point(0.9, 0.7, 0.4, 0.0)
    )  # fmt: skip
    assert choose([loose, right, strict], 0.01) == right
    assert choose([loose, right, strict], 0.001) == strict
    assert choose([loose], 0.01) is None
    assert choose([right, Point(0.85, 0.5, 0.5, 0.01)], 0.01) == Point(0.85, 0.5, 0.5, 0.01)
