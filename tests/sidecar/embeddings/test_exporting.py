"""`llmcache export-model`: what it makes loads, and is the original."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from llmcache_sidecar.adapters.embedding.fastembed_encoder import load_folder
from llmcache_sidecar.tools import cli


def test_without_torch_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "llmcache_sidecar.tools.exporting", raising=False)
    assert cli.main(["export-model", "some/model", "--out", str(tmp_path / "out")]) == 1
    assert "pip install 'llmcache[sidecar,export]'" in capsys.readouterr().err


def test_a_folder_that_is_none_is_told_before_torch_is_loaded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("x")
    for out in (tmp_path, tmp_path / "file"):
        assert cli.main(["export-model", "some/model", "--out", str(out)]) == 1
        assert "is no empty folder" in capsys.readouterr().err


def test_without_sentence_transformers_the_reference_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import sys

    from llmcache_sidecar.adapters.embedding.sentence_transformers_encoder import (
        SentenceTransformersEncoder,
    )
    from llmcache_sidecar.ports.embedder import EmbeddingLoadError

    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(EmbeddingLoadError, match=r"pip install llmcache\[sentence-transformers\]"):
        SentenceTransformersEncoder("some/model")


@pytest.mark.torch
@pytest.mark.parametrize(("precision", "least"), [("fp32", 0.99999), ("int8", 0.975)])
def test_an_exported_model_is_the_original(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], precision: str, least: float
) -> None:
    from llmcache_sidecar.tools import exporting
    from llmcache_sidecar.tools.bundled_model import source_folder

    source, out = str(source_folder()), tmp_path / "out"
    assert cli.main(["export-model", source, "--out", str(out), "--precision", precision]) == 0
    assert "cosine to the original over" in capsys.readouterr().out
    encoder = load_folder(out)
    assert encoder.model.batch_invariant is (precision == "fp32")
    comparison = exporting.compare(exporting.load_reference(source), out)
    assert comparison.lowest > least
    texts = ["short", "a somewhat longer text than that", "word " * 100]
    for text, vector in zip(texts, encoder.encode_many(texts), strict=True):
        assert float(vector @ encoder.encode(text)) > 0.99999
    assert cli.main(["export-model", source, "--out", str(out)]) == 1


@pytest.mark.torch
def test_a_model_with_a_dense_layer_goes_into_the_graph_whole(tmp_path: Path) -> None:
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Dense

    from llmcache_sidecar.tools import exporting
    from llmcache_sidecar.tools.bundled_model import source_folder

    torch.manual_seed(1)
    base = SentenceTransformer(str(source_folder()), device="cpu")
    model = SentenceTransformer(modules=[base[0], base[1], Dense(384, 64)], device="cpu").eval()
    exporting.export(model, tmp_path / "out", "fp32")
    encoder = load_folder(tmp_path / "out")
    assert encoder.model.dimensions == 64
    assert json.loads((tmp_path / "out" / "modules.json").read_text())[2]["type"].endswith("Dense")
    assert exporting.compare(model, tmp_path / "out").lowest > 0.9999
    assert np.isfinite(encoder.encode("hello")).all()
