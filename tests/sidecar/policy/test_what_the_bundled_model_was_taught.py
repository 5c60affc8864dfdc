"""The file in the package is of the phrases in the package, and of the bundled model."""

from __future__ import annotations

from importlib.resources import files

import numpy as np

from llmcache_sidecar.adapters.embedding.bundled import load_bundled
from llmcache_sidecar.app.content import TAUGHT, known
from llmcache_sidecar.policy import content
from llmcache_sidecar.policy.content.taught import read_taught, write_taught


def test_it_is_up_to_date() -> None:
    """Else: python -m llmcache_sidecar.tools.teach_classes."""
    _, digest = known()
    identity = load_bundled().model.identity
    text = files(content).joinpath(TAUGHT.format(identity)).read_text()
    model = read_taught(text, digest)
    assert model is not None, "run python -m llmcache_sidecar.tools.teach_classes"
    again = read_taught(write_taught(model, digest), digest)
    assert again is not None
    assert np.array_equal(again.weights, model.weights)
    assert read_taught(text, "other") is None
