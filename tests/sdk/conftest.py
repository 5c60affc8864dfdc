"""The engine, the stores and the sidecars that the tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sdk.asking import Clients
from tests.sdk.running import Engine, Sidecar, engine_for_tests, sidecar, valkey


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """The real vLLM; it wants a key."""
    with engine_for_tests() as running:
        yield running


@pytest.fixture(scope="session")
def direct(engine: Engine) -> Clients:
    """Clients that talk to the engine itself."""
    return engine.clients


@pytest.fixture(scope="session", params=["memory", "valkey"])
def cache(
    request: pytest.FixtureRequest, engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sidecar]:
    """A sidecar with each kind of store."""
    folder = tmp_path_factory.mktemp("cache")
    if request.param == "memory":
        with sidecar(engine, folder) as running:
            yield running
    else:
        with valkey(folder) as url, sidecar(engine, folder, "--redis", url) as running:
            yield running


@pytest.fixture(scope="session")
def plain(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidecar]:
    """A sidecar as it starts without any flag but --upstream, for what no store can change."""
    with sidecar(engine, tmp_path_factory.mktemp("plain")) as running:
        yield running
