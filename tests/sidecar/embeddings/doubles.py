"""Encoders that do as they are told."""

from __future__ import annotations

import threading
import time

import numpy as np

from llmcache_sidecar.domain.vectors import EmbeddingModel, Vector
from llmcache_sidecar.ports.embedder import EmbeddingError, TextTooLong

TOO_LONG = "too long"
FAULTY = "faulty"
DEFECT = "defect"


class DoubleEncoder:
    """Takes `seconds` a run; each text has a vector of its own.

    Attributes:
        runs: the texts of each run, in order.
        gate: while it is not set, no run ends.
    """

    def __init__(self, seconds: float = 0.0, *, batch_invariant: bool = True) -> None:
        self.seconds = seconds
        self.gate = threading.Event()
        self.gate.set()
        self.runs: list[list[str]] = []
        self.closed = False
        self.model = EmbeddingModel("double", "0" * 16, 4, 512, batch_invariant)

    def encode(self, text: str) -> Vector:
        return self.encode_many([text])[0]

    def encode_many(self, texts: list[str]) -> list[Vector]:
        self.runs.append(texts)
        self.gate.wait(10.0)
        time.sleep(self.seconds)
        for text in texts:
            if text == TOO_LONG:
                raise TextTooLong("9 tokens, 8 fit")
            if text == FAULTY:
                raise EmbeddingError("the model failed")
            if text == DEFECT:
                raise ZeroDivisionError
        return [vector_of(text) for text in texts]

    def close(self) -> None:
        self.closed = True


def vector_of(text: str) -> Vector:
    """What the double answers."""
    random = np.random.default_rng(list(text.encode()))
    values = random.normal(size=4)
    return (values / np.linalg.norm(values)).astype(np.float32)
