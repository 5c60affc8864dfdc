"""Vectors by the bundled model, or one that LLMCACHE_QUALITY_MODEL names, kept between runs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

ROOT = Path(__file__).resolve().parents[2]
_BUNDLED = ROOT / "sidecar" / "llmcache_sidecar" / "models" / "all-MiniLM-L6-v2"
MODEL = Path(os.environ.get("LLMCACHE_QUALITY_MODEL", _BUNDLED))
"""A folder with model.onnx and tokenizer.json, mean pooling."""
CACHE = Path.home() / ".cache" / "llmcache" / "quality"


class BundledModel:
    """all-MiniLM-L6-v2 in int8: one text a run, since its vectors depend on the batch."""

    def __init__(self, folder: Path = MODEL, threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(256)
        self._inputs = {given.name for given in self._session.get_inputs()}
        self.identity = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()[:16]

    def embed(self, text: str) -> NDArray[np.float32]:
        """One text's vector, of length 1."""
        encoded = self._tokenizer.encode(text)
        feed = {
            "input_ids": np.array([encoded.ids], dtype=np.int64),
            "attention_mask": np.array([encoded.attention_mask], dtype=np.int64),
            "token_type_ids": np.array([encoded.type_ids], dtype=np.int64),
        }
        states = self._session.run(
            None, {name: value for name, value in feed.items() if name in self._inputs}
        )[0]
        vector = states[0].mean(axis=0) if states.ndim == 3 else states[0]
        found: NDArray[np.float32] = (vector / np.linalg.norm(vector)).astype(np.float32)
        return found


class Vectors:
    """Text to vector, remembered on disk under the model's identity."""

    def __init__(self, cache: Path = CACHE) -> None:
        self._model: BundledModel | None = None
        identity = hashlib.sha256((MODEL / "model.onnx").read_bytes()).hexdigest()[:16]
        self._path = cache / f"{identity}.npz"
        self._known: dict[str, NDArray[np.float32]] = {}
        if self._path.exists():
            with np.load(self._path) as stored:
                texts = stored["texts"].tobytes().decode().split("\0")
                self._known = dict(zip(texts, stored["vectors"], strict=True))

    def learn(self, texts: Iterable[str]) -> None:
        """Work out what is not known yet, and keep it."""
        missing = sorted(set(texts) - self._known.keys())
        if not missing:
            return
        model = self._model = self._model or BundledModel()
        for text in missing:
            self._known[text] = model.embed(text)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_suffix(".part.npz")
        np.savez(
            part,
            texts=np.frombuffer("\0".join(self._known).encode(), dtype=np.uint8),
            vectors=np.stack(list(self._known.values())),
        )
        part.replace(self._path)

    def __getitem__(self, text: str) -> NDArray[np.float32]:
        return self._known[text]
