"""The client supports servers whose minor version is at most one away from its own."""

from __future__ import annotations

import re
from pathlib import Path

from llmcache_operator.reconcile.stepping import Version, version_of
from llmcache_operator.rendering.renderers.v1 import V1
from tests.cluster.kind import PUBLISHED

LOCK = Path(__file__).resolve().parents[2] / "requirements" / "sidecar.lock"


def test_the_images_of_qdrant_are_no_more_than_a_minor_away_from_the_locked_client() -> None:
    pinned = re.search(r"^qdrant-client==(\d+)\.(\d+)\.", LOCK.read_text(), re.MULTILINE)
    assert pinned is not None
    client = Version(int(pinned[1]), int(pinned[2]))
    for image in (V1.defaults.images.qdrant, PUBLISHED.qdrant):
        server = version_of(image)
        assert server is not None, image
        assert not client.skips(server), f"{image} and qdrant-client {client}"
