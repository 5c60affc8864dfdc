"""What every store checks before it asks a server."""

from __future__ import annotations

from ...domain.vectors import EmbeddingModel, Vector
from ...ports.vector_store import WrongDimensions


def check_dimensions(vector: Vector, model: EmbeddingModel) -> None:
    """Raise `WrongDimensions` for a vector of another length than the model's."""
    if vector.shape != (model.dimensions,):
        raise WrongDimensions(
            f"the collection of {model.name} holds vectors of {model.dimensions} dimensions, and "
            f"this one has {vector.shape[0] if vector.ndim == 1 else vector.shape}"
        )


def sayable(text: str) -> bool:
    """Whether a server can be told this text: none keeps half a surrogate pair or a NUL, so no
    point of ours has such a name."""
    return "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)
