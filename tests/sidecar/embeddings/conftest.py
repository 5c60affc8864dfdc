"""The bundled model, loaded once, and a server that serves it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from llmcache_sidecar.adapters.embedding.bundled import FOLDER, load_bundled
from llmcache_sidecar.adapters.embedding.onnx_encoder import OnnxEncoder

from .endpoint import EndpointServer


@pytest.fixture(scope="session")
def bundled() -> Iterator[OnnxEncoder]:
    encoder = load_bundled()
    yield encoder
    encoder.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the bundled model, to be broken."""
    return Path(shutil.copytree(FOLDER, tmp_path / "model"))


@pytest.fixture
async def server(bundled: OnnxEncoder) -> AsyncIterator[EndpointServer]:
    running = EndpointServer(bundled.encode)
    await running.start()
    yield running
    await running.stop()
