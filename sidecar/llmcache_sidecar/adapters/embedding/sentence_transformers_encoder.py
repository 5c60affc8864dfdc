"""The reference: any sentence-transformers model, on torch. An optional extra, large and slower."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ...domain.vectors import EmbeddingModel, Vector
from ...ports.embedder import EmbeddingError, EmbeddingLoadError
from .identity import fingerprint
from .pooling import unit
from .tokens import Tokens

_WEIGHTS = (
    "*.safetensors",
    "pytorch_model*.bin",
    "tokenizer.json",
    "**/config.json",
    "modules.json",
)


class SentenceTransformersEncoder:
    """An `Encoder` over sentence-transformers, on the CPU."""

    def __init__(
        self,
        model: str,
        *,
        name: str | None = None,
        download: bool = True,
        threads: int = 1,
        window: int | None = None,
    ) -> None:
        """Load it.

        Args:
            model: its name on the hub, or a folder.
            name: for people; None = `model`.
            download: False = only what is on this machine already.
            threads: that work on one text (torch counts them for the whole process).
            window: tokens that may be used; never more than the model says.

        Raises:
            EmbeddingLoadError: the package is missing, or the model can't be had (`transient` where
                it had to be downloaded).
        """
        try:
            import torch
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise EmbeddingLoadError(
                f"runtime SentenceTransformers needs the package {error.name}: "
                "pip install llmcache[sentence-transformers]"
            ) from None
        is_folder = Path(model).is_dir()
        torch.set_num_threads(threads)
        try:
            self._inner: Any = SentenceTransformer(
                model, device="cpu", local_files_only=is_folder or not download
            )
            limit = self._inner.get_max_seq_length() or self._inner.tokenizer.model_max_length
            tokenizer = self._inner.tokenizer.backend_tokenizer
            self._tokens = Tokens(
                type(tokenizer).from_str(tokenizer.to_str()),
                min(limit, window or limit),
                self._inner.tokenizer.unk_token,
                (self._inner.prompts or {}).get(self._inner.default_prompt_name or "", ""),
            )
            sample = unit(
                self._inner.encode("How do I change my password?", show_progress_bar=False)
            )
        except Exception as error:
            detail = " ".join(str(error).split())[:200] or type(error).__name__
            raise EmbeddingLoadError(
                f"{model}: sentence-transformers can't load it ({detail})",
                transient=download and not is_folder,
            ) from None
        self._model = EmbeddingModel(
            name=name or model,
            identity=self._identity(model),
            dimensions=len(sample),
            window=min(limit, window or limit),
        )

    @property
    def model(self) -> EmbeddingModel:
        """Which model this is."""
        return self._model

    def encode(self, text: str) -> Vector:
        """See `ports.embedder.Encoder`."""
        return self.encode_many([text])[0]

    def encode_many(self, texts: list[str]) -> list[Vector]:
        """See `ports.embedder.Encoder`."""
        for text in texts:
            self._tokens.ids(text)
        inner = self._inner
        if inner is None:
            raise EmbeddingError("the model has been closed")
        try:
            rows = inner.encode(texts, batch_size=8, show_progress_bar=False)
        except Exception as error:
            raise EmbeddingError(f"{self._model.name} failed: {type(error).__name__}") from None
        return [unit(np.asarray(row)) for row in rows]

    def close(self) -> None:
        """See `ports.embedder.Encoder`."""
        self._inner = None

    def _identity(self, model: str) -> str:
        """Of a folder its files; of a hub's model its name and the revision that was loaded."""
        folder = Path(model)
        if folder.is_dir():
            files = sorted({file for pattern in _WEIGHTS for file in folder.glob(pattern)})
            return fingerprint(files, "sentence-transformers")[0]
        config = self._inner[0].auto_model.config
        revision = str(getattr(config, "_commit_hash", "") or "")
        return fingerprint([], "sentence-transformers", model, revision)[0]
