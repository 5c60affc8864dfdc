"""A folder's ONNX model, run in the calling thread.

fastembed runs such folders too, and is not used for it: it cuts a text that is too long and does not
say so, it names custom models in a table of the whole process, and it takes the first output,
whatever it is. What it would do is here a page of code over the same two packages
(docs/decisions/0014).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from ...domain.vectors import EmbeddingModel, Vector
from ...ports.embedder import EmbeddingError, EmbeddingLoadError
from ..onnx_session import give_back, open_session
from .identity import fingerprint
from .model_folder import ModelFolder
from .pooling import Pooling, pool, unit
from .tokens import Tokens, load_tokenizer

_POOLED: Final = "sentence_embedding"
_INPUTS: Final = frozenset({"input_ids", "attention_mask", "token_type_ids"})
_DYNAMIC: Final = (b"DynamicQuantizeLinear", b"DynamicQuantizeMatMul", b"DynamicQuantizeLSTM")
"""Operators that scale by the largest number of the whole batch: a text's vector then depends on its
neighbours."""
_BATCH_TOKENS: Final = 2048
"""Tokens of one run, padding included: what is held for a run grows with them."""


class OnnxEncoder:
    """An `Encoder` over onnxruntime and tokenizers. Threads may share it."""

    def __init__(self, folder: ModelFolder, threads: int = 1) -> None:
        """Load `folder` and embed a sample: what loads here works.

        Args:
            threads: that work on one text.

        Raises:
            EmbeddingLoadError: it names the folder, the file and what is expected.
        """
        self._folder = folder
        self._tokens = Tokens(
            load_tokenizer(folder.tokenizer), folder.window, folder.unknown, folder.prefix
        )
        if folder.vocabulary is not None and self._tokens.vocabulary > folder.vocabulary:
            raise EmbeddingLoadError(
                f"{folder.path}: tokenizer.json has {self._tokens.vocabulary} tokens and the model "
                f"{folder.vocabulary} (config.json): it belongs to another model"
            )
        self._session: ort.InferenceSession | None = _session(folder, threads)
        self._inputs = {node.name for node in self._session.get_inputs()}
        self._output, self._pooling = _output(folder, self._session, self._inputs)
        identity, marks = _identity(folder, self._pooling)
        try:
            sample = self._run([self._tokens.sample()])[0]
        except Exception as error:
            raise EmbeddingLoadError(
                f"{folder.path}: {folder.weights.name} can't embed a sample: {_brief(error)}"
            ) from None
        if folder.dimensions not in (None, len(sample)) and not folder.beyond:
            raise EmbeddingLoadError(
                f"{folder.path}: {folder.weights.name} makes vectors of {len(sample)} dimensions, "
                f"its configuration says {folder.dimensions}"
            )
        self._model = EmbeddingModel(
            name=folder.name,
            identity=identity,
            dimensions=len(sample),
            window=folder.window,
            batch_invariant=not marks,
            calibration=folder.calibration,
        )
        give_back()

    @property
    def model(self) -> EmbeddingModel:
        """Which model this is."""
        return self._model

    def encode(self, text: str) -> Vector:
        """See `ports.embedder.Encoder`."""
        return self._run_safely([self._tokens.ids(text)])[0]

    def encode_many(self, texts: list[str]) -> list[Vector]:
        """See `ports.embedder.Encoder`; texts share runs only where that changes nothing."""
        token_ids = [self._tokens.ids(text) for text in texts]
        vectors: list[Vector | None] = [None] * len(texts)
        for batch in self._batches(token_ids):
            for index, vector in zip(
                batch, self._run_safely([token_ids[i] for i in batch]), strict=True
            ):
                vectors[index] = vector
        return [vector for vector in vectors if vector is not None]

    def close(self) -> None:
        """See `ports.embedder.Encoder`."""
        self._session = None

    def _batches(self, token_ids: list[list[int]]) -> list[list[int]]:
        """Indices that run together, alike in length so that little is padded."""
        if not self._model.batch_invariant:
            return [[index] for index in range(len(token_ids))]
        batches: list[list[int]] = []
        for index in sorted(range(len(token_ids)), key=lambda i: len(token_ids[i])):
            if not batches or (len(batches[-1]) + 1) * len(token_ids[index]) > _BATCH_TOKENS:
                batches.append([])
            batches[-1].append(index)
        return batches

    def _run_safely(self, token_ids: list[list[int]]) -> list[Vector]:
        try:
            return self._run(token_ids)
        except EmbeddingError:
            raise
        except Exception as error:
            raise EmbeddingError(f"{self._model.name} failed: {_brief(error)}") from None

    def _run(self, token_ids: list[list[int]]) -> list[Vector]:
        session = self._session
        if session is None:
            raise EmbeddingError("the model has been closed")
        shape = (len(token_ids), max(map(len, token_ids)))
        ids, mask = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for row, tokens in enumerate(token_ids):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        feeds: dict[str, NDArray[np.int64]] = {"input_ids": ids}
        if "attention_mask" in self._inputs:
            feeds["attention_mask"] = mask
        if "token_type_ids" in self._inputs:
            feeds["token_type_ids"] = np.zeros(shape, np.int64)
        outputs: list[NDArray[Any]] = session.run([self._output], feeds)
        return [unit(row) for row in pool(outputs[0], mask, self._pooling)]


def _session(folder: ModelFolder, threads: int) -> ort.InferenceSession:
    try:
        return open_session(folder.weights, threads)
    except Exception as error:
        raise EmbeddingLoadError(
            f"{folder.path}: can't load {folder.weights.name}: {_brief(error)}; expected an ONNX "
            "model, as `llmcache export-model` writes it"
        ) from None


def _output(
    folder: ModelFolder, session: ort.InferenceSession, inputs: set[str]
) -> tuple[str, Pooling]:
    """The output to take, and the pooling that it still needs."""
    if "input_ids" not in inputs or not inputs <= _INPUTS:
        raise EmbeddingLoadError(
            f"{folder.path}: {folder.weights.name} takes {', '.join(sorted(inputs))}; expected "
            "input_ids and, where the model wants them, attention_mask and token_type_ids"
        )
    outputs = session.get_outputs()
    pooling = None if folder.beyond else folder.pooling
    if pooling not in (None, Pooling.DONE) and len(outputs[0].shape) == 3:
        return outputs[0].name, pooling
    for output in outputs:
        if len(output.shape) == 2 and (output.name == _POOLED or len(outputs) == 1):
            return output.name, Pooling.DONE
    if folder.beyond:
        raise EmbeddingLoadError(
            f"{folder.path}: modules.json lists {', '.join(folder.beyond)}, and "
            f"{folder.weights.name} has no output {_POOLED} that contains it; "
            "llmcache export-model makes such a file"
        )
    raise EmbeddingLoadError(
        f"{folder.path}: 1_Pooling/config.json is missing, and {folder.weights.name} has no output "
        f"{_POOLED}: how token vectors become one is not known"
    )


def _identity(folder: ModelFolder, pooling: Pooling) -> tuple[str, set[bytes]]:
    # Large graphs keep their weights in files beside them.
    beside = sorted(folder.weights.parent.glob(f"{folder.weights.stem}.onnx?data*"))
    try:
        return fingerprint(
            [folder.weights, *beside, folder.tokenizer], pooling, folder.prefix, marks=_DYNAMIC
        )
    except OSError as error:
        raise EmbeddingLoadError(
            f"{folder.path}: can't read {folder.weights.name}: {error.strerror}"
        ) from None


def _brief(error: Exception) -> str:
    """The first line of a message that may be long; a text's own words are never in it."""
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
