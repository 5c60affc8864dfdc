"""What an embedding model was taught of the classes, as a small readable file, so that the models in
this package need not embed the examples at every start."""

from __future__ import annotations

import json
from typing import Final

import numpy as np

from .classes import ContentClass
from .meaning import MeaningModel

_DIGITS: Final = 5


def write_taught(model: MeaningModel, digest: str) -> str:
    """The file's text; `digest` names the examples."""
    rows = {
        content_class.value: [round(float(weight), _DIGITS) for weight in model.weights[:, at]]
        for at, content_class in enumerate(ContentClass)
    }
    bias = [round(float(value), _DIGITS) for value in model.bias]
    lines = [f'"{name}": {json.dumps(row)}' for name, row in rows.items()]
    return (
        f'{{"examples": "{digest}",\n"bias": {json.dumps(bias)},\n"weights": {{\n'
        + ",\n".join(lines)
        + "\n}}\n"
    )


def read_taught(text: str, digest: str) -> MeaningModel | None:
    """The model in `text`; None where it was taught by other examples."""
    document = json.loads(text)
    if document["examples"] != digest:
        return None
    rows = [document["weights"][content_class.value] for content_class in ContentClass]
    return MeaningModel(
        np.asarray(rows, np.float32).T.copy(), np.asarray(document["bias"], np.float32)
    )
