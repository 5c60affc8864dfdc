"""The model in the package is what the script made, and as good as it says."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
import pytest

from llmcache_sidecar.adapters.embedding.bundled import FOLDER
from llmcache_sidecar.adapters.embedding.onnx_encoder import OnnxEncoder


@pytest.fixture(scope="module")
def record() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((FOLDER / "reference.json").read_bytes())
    return document


def test_its_files_are_those_that_were_recorded(record: dict[str, Any]) -> None:
    for name, digest in record["sha256"].items():
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == digest, name
    assert record["cosineToFp32"]["min"] >= 0.98


def test_its_vectors_are_near_those_of_the_original(
    record: dict[str, Any], bundled: OnnxEncoder
) -> None:
    for row in record["fp32"]:
        # Processors multiply 8-bit numbers in slightly different ways: not quite the recorded 0.98.
        assert float(bundled.encode(row["text"]) @ np.array(row["vector"])) > 0.975, row["text"]


def test_its_ranking_is_that_of_the_original(record: dict[str, Any], bundled: OnnxEncoder) -> None:
    fp32 = np.array([row["vector"] for row in record["fp32"]])
    ours = np.array([bundled.encode(row["text"]) for row in record["fp32"]])
    difference = np.abs(fp32 @ fp32.T - ours @ ours.T)
    assert difference.max() < 0.05
    assert float(ours[0] @ ours[1]) > float(ours[0] @ ours[3])
    assert float(ours[2] @ ours[3]) > float(ours[2] @ ours[1])


def test_it_says_that_neighbours_in_a_batch_would_change_it(bundled: OnnxEncoder) -> None:
    assert not bundled.model.batch_invariant
    alone = bundled.encode("How do I reset my password?")
    among = bundled.encode_many(["Thanks!", "How do I reset my password?", "word " * 200])[1]
    assert np.array_equal(alone, among)


def test_fastembed_makes_the_same_vectors_of_it(bundled: OnnxEncoder) -> None:
    from fastembed import TextEmbedding

    theirs = TextEmbedding(
        "sentence-transformers/all-MiniLM-L6-v2", specific_model_path=str(FOLDER), threads=1
    )
    text = "Can I cancel my order after it has been shipped?"
    assert float(next(iter(theirs.embed([text]))) @ bundled.encode(text)) > 0.99999
