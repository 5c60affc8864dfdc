"""A folder that can't be used says which file is wrong, and what is expected."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmcache_sidecar.adapters.embedding.fastembed_encoder import load_folder, load_from_hub
from llmcache_sidecar.ports.embedder import EmbeddingLoadError


def _edit(folder: Path, name: str, **changes: Any) -> None:
    document = json.loads((folder / name).read_text())
    document.update(changes)
    (folder / name).write_text(json.dumps(document))


def _only_torch(folder: Path) -> None:
    (folder / "model.onnx").rename(folder / "model.safetensors")


def _no_pooling(folder: Path) -> None:
    (folder / "1_Pooling" / "config.json").unlink()


def _two_poolings(folder: Path) -> None:
    _edit(folder, "1_Pooling/config.json", pooling_mode_cls_token=True)


def _dense(folder: Path) -> None:
    modules = json.loads((folder / "modules.json").read_text())
    modules.append({"type": "sentence_transformers.models.Dense", "path": "3_Dense"})
    (folder / "modules.json").write_text(json.dumps(modules))


def _no_window(folder: Path) -> None:
    _edit(folder, "sentence_bert_config.json", max_seq_length=None)
    _edit(folder, "tokenizer_config.json", model_max_length=10**30)
    _edit(folder, "config.json", max_position_embeddings=None)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda f: (f / "model.onnx").unlink(), "model.onnx or onnx/model.onnx is missing"),
        (_only_torch, "llmcache export-model"),
        (lambda f: (f / "model.onnx").write_bytes(b"garbage" * 99), "can't load model.onnx"),
        (lambda f: (f / "model.onnx").write_bytes(b""), "model.onnx"),
        (lambda f: (f / "tokenizer.json").unlink(), "tokenizer.json is missing"),
        (lambda f: (f / "tokenizer.json").write_text("{}"), "can't read tokenizer.json"),
        (lambda f: (f / "config.json").unlink(), "config.json is missing"),
        (lambda f: (f / "config.json").write_text("{"), "config.json is no JSON"),
        (lambda f: (f / "config.json").write_text("[]"), "config.json is no JSON object"),
        (lambda f: _edit(f, "config.json", vocab_size=100), "belongs to another model"),
        (
            lambda f: _edit(f, "1_Pooling/config.json", word_embedding_dimension=768),
            "makes vectors of 384 dimensions, its configuration says 768",
        ),
        (_no_pooling, "1_Pooling/config.json is missing"),
        (_two_poolings, "asks for pooling by"),
        (_dense, "modules.json lists Dense"),
        (_no_window, "no file says how many tokens fit"),
        (lambda f: (f / "modules.json").write_text('{"a": 1}'), "modules.json is no list"),
    ],
)
def test_it_says_what_is_wrong(folder: Path, damage: Callable[[Path], object], said: str) -> None:
    damage(folder)
    with pytest.raises(EmbeddingLoadError) as caught:
        load_folder(folder)
    assert said in str(caught.value)
    assert str(folder) in str(caught.value)
    assert not caught.value.transient


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingLoadError, match="no such folder"):
        load_folder(tmp_path / "nowhere")


def test_the_graph_may_lie_in_a_folder_of_its_own(folder: Path) -> None:
    (folder / "onnx").mkdir()
    (folder / "model.onnx").rename(folder / "onnx" / "model.onnx")
    assert load_folder(folder, name="mine").model.name == "mine"


def test_a_changed_tokenizer_is_another_model(folder: Path) -> None:
    before = load_folder(folder).model.identity
    _edit(folder, "tokenizer.json", version="1.0 ")
    file = folder / "tokenizer.json"
    file.write_text(file.read_text().replace('"version": "1.0 "', '"version": "1.0"') + "\n")
    assert load_folder(folder).model.identity != before


def test_a_hubs_model_without_a_way_to_the_hub(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingLoadError, match="downloading is off") as caught:
        load_from_hub("sentence-transformers/all-MiniLM-L6-v2", cache_dir=tmp_path, download=False)
    assert not caught.value.transient


def test_a_name_that_nobody_knows(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingLoadError, match="llmcache export-model me/mine"):
        load_from_hub("me/mine", cache_dir=tmp_path)


def test_a_hubs_model_that_was_fetched_before(tmp_path: Path, folder: Path) -> None:
    # The hub client's cache: snapshots by revision, and a file that says which one is main.
    repository = tmp_path / "cache" / "models--Qdrant--all-MiniLM-L6-v2-onnx"
    (repository / "snapshots").mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("0" * 40)
    snapshot = repository / "snapshots" / ("0" * 40)
    folder.rename(snapshot)
    (snapshot / "sentence_bert_config.json").unlink()
    (snapshot / "1_Pooling" / "config.json").unlink()
    encoder = load_from_hub(
        "sentence-transformers/all-MiniLM-L6-v2", cache_dir=tmp_path / "cache", download=False
    )
    assert encoder.model.name == "sentence-transformers/all-MiniLM-L6-v2"
    assert encoder.model.window == 256
    assert encoder.encode("hello").shape == (384,)
