"""The model in this package: all-MiniLM-L6-v2, int8 (`llmcache_sidecar.tools.bundled_model`)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from .model_folder import read_folder
from .onnx_encoder import OnnxEncoder

NAME: Final = "sentence-transformers/all-MiniLM-L6-v2"
FOLDER: Final = Path(__file__).resolve().parents[2] / "models" / "all-MiniLM-L6-v2"


def load_bundled(threads: int = 1) -> OnnxEncoder:
    """Load it; an `EmbeddingLoadError` when the package is damaged."""
    return OnnxEncoder(read_folder(FOLDER, name=NAME), threads)
