"""The cross-encoder in this package (`tests.quality.cross_encoder` trains it)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ..embedding.bundled import FOLDER as EMBEDDING
from .onnx_pair_encoder import OnnxPairEncoder

FOLDER: Final = EMBEDDING.parent / "same-answer-MiniLM-L6"
_WINDOW: Final = 128
"""Tokens of both texts; it was trained on no more."""


def load_bundled(folder: Path = FOLDER) -> OnnxPairEncoder:
    """Load it; a `CrossEncoderError` when the package is damaged. It reads texts by the tokenizer of the
    embedding model that it was made from."""
    return OnnxPairEncoder(folder / "model.onnx", EMBEDDING / "tokenizer.json", _WINDOW)
