"""A cross-encoder's ONNX graph, run in the calling thread."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer

from ...ports.cross_encoder import CrossEncoderError, CrossEncoderUnfit
from ..onnx_session import give_back, open_session

_UNKNOWN: Final = "[UNK]"
_LONGEST: Final = 2_000
"""Characters of a text; counting the tokens of longer ones would cost more than it tells."""


class OnnxPairEncoder:
    """A `PairEncoder` over onnxruntime and tokenizers. One thread at a time."""

    def __init__(self, weights: Path, tokenizer: Path, window: int, threads: int = 1) -> None:
        """Load both, and compare a sample: what loads here works.

        Args:
            weights: a graph from input_ids, attention_mask and token_type_ids, (1, tokens) each, to one
                logit, (1,).
            window: tokens of both texts together, special ones included.

        Raises:
            CrossEncoderError: it names the file.
        """
        try:
            self._tokenizer = Tokenizer.from_file(str(tokenizer))
            self._tokenizer.no_truncation()
            self._tokenizer.no_padding()
            self._unknown = self._tokenizer.token_to_id(_UNKNOWN)
            self._window = window
            self._session: ort.InferenceSession | None = open_session(weights, threads)
            self.compare("a 1", "a 2")
            give_back()
        except CrossEncoderError:
            raise
        except Exception as error:  # both packages raise bare Exceptions
            raise CrossEncoderError(
                f"{weights.parent}: can't load {weights.name} or {tokenizer.name}: "
                f"{type(error).__name__}"
            ) from None

    def compare(self, one: str, other: str) -> float:
        """See `ports.cross_encoder.PairEncoder`."""
        session = self._session
        if session is None:
            raise CrossEncoderError("the model has been closed")
        if max(len(one), len(other)) > _LONGEST:
            raise CrossEncoderUnfit("a text is too long for the model")
        first, second = sorted((one, other))
        try:
            # A batch of one: only batches leave the interpreter lock to others meanwhile.
            encoded = self._tokenizer.encode_batch([(first, second)])[0]
        except (TypeError, UnicodeError):
            raise CrossEncoderUnfit("a text is not valid Unicode") from None
        if len(encoded.ids) > self._window:
            raise CrossEncoderUnfit("the texts are too long for the model")
        if self._unknown in encoded.ids:
            raise CrossEncoderUnfit("a text holds characters that the model has no token for")
        try:
            outputs = session.run(
                None,
                {
                    "input_ids": np.array([encoded.ids], dtype=np.int64),
                    "attention_mask": np.array([encoded.attention_mask], dtype=np.int64),
                    "token_type_ids": np.array([encoded.type_ids], dtype=np.int64),
                },
            )
        except Exception as error:
            raise CrossEncoderError(f"the model failed: {type(error).__name__}") from None
        logit = float(outputs[0][0])
        if not math.isfinite(logit):
            raise CrossEncoderError("the model told no number")
        return logit

    def close(self) -> None:
        """See `ports.cross_encoder.PairEncoder`."""
        self._session = None
