"""The engine, the stores and the sidecars that the tests share."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from tests.engine.fixtures import API_KEY
from tests.sdk.asking import Clients
from tests.sdk.running import Engine, Sidecar, sidecar
from tests.sidecar.stores.servers import valkey

ENGINE_VARIABLE: Final = "LLMCACHE_TEST_ENGINE"
"""URL of an engine that runs already, as `real_engine` would start it: a minute less to wait."""

EXACT: Final = """
stores: {redis: {deadline: 1s}}
responseCache:
  semantic: {mode: "Off"}
  policy: {bypass: [], cache: [Action, Random, Contextual, Creative]}
"""
"""These tests are about the same request again, whatever it is about; requests that are alike must not
meet. And a machine that is busy with an inference answers late."""


def exact(folder: Path, *, shared: bool = False) -> tuple[str, ...]:
    """The flags for that; `shared` where there is a --redis."""
    config = folder / "config.yaml"
    text = EXACT if shared else EXACT.replace("stores: {redis: {deadline: 1s}}", "")
    config.write_text(text)
    return "--config", str(config)


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> Engine:
    """The real vLLM; it wants a key."""
    url = os.environ.get(ENGINE_VARIABLE) or request.getfixturevalue("real_engine").url
    return Engine(url, API_KEY)


@pytest.fixture(scope="session")
def direct(engine: Engine) -> Clients:
    """Clients that talk to the engine itself."""
    return engine.clients


@pytest.fixture(scope="session", params=["memory", "valkey"])
def cache(
    request: pytest.FixtureRequest, engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sidecar]:
    """A sidecar with each kind of store; the one with Valkey has a replica."""
    folder = tmp_path_factory.mktemp("cache")
    if request.param == "memory":
        with sidecar(engine, folder, *exact(folder)) as running:
            yield running
        return
    key = folder / "tenant.key"
    key.write_text(secrets.token_hex(32))
    with valkey() as server:
        flags = (
            *exact(folder, shared=True),
            "--redis", f"redis://127.0.0.1:{server.port}/0", "--tenant-key-file", str(key),
        )  # fmt: skip
        with sidecar(engine, folder, *flags) as other, sidecar(engine, folder, *flags) as running:
            yield replace(running, replica=other)


@pytest.fixture(scope="session")
def plain(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidecar]:
    """A sidecar with the exact level as it starts without any flag, for what no store can change."""
    folder = tmp_path_factory.mktemp("plain")
    with sidecar(engine, folder, *exact(folder)) as running:
        yield running
