"""Fixtures with the real vLLM, one engine per test session.

For another test folder: ``pytest_plugins`` is allowed in the root conftest only, so import them in
a conftest instead: ``from tests.engine.fixtures import real_engine``.
There are no skips here: whoever selects the ``vllm`` tests wants to know why they can't run.

While you work on a test, keep an engine running (``python -m tests.engine --api-key
sk-real-engine``) and name its URL in LLMCACHE_VLLM_URL (LLMCACHE_VLLM_EMBED_URL for ``--embed``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.engine.launch import EngineError, EngineOptions, Kind, RealEngine, available

API_KEY = "sk-real-engine"
URL_ENV = {Kind.GENERATE: "LLMCACHE_VLLM_URL", Kind.EMBED: "LLMCACHE_VLLM_EMBED_URL"}


def run_engine(options: EngineOptions, logs: pytest.TempPathFactory) -> Iterator[RealEngine]:
    if url := os.environ.get(URL_ENV[options.kind]):
        yield RealEngine.attached(url.rstrip("/"), options)
        return
    if reason := available():
        pytest.fail(f"the real vLLM can't run: {reason}", pytrace=False)
    try:
        engine = RealEngine(options, log_folder=logs.mktemp("vllm"))
        engine.start()
    except EngineError as error:
        pytest.fail(str(error), pytrace=False)
    try:
        yield engine
    finally:
        engine.stop()


@pytest.fixture(scope="session")
def real_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealEngine]:
    """A generating engine that asks for API_KEY."""
    yield from run_engine(EngineOptions(api_key=API_KEY), tmp_path_factory)


@pytest.fixture(scope="session")
def real_embedding_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealEngine]:
    """An embedding engine, under the same model name, that asks for API_KEY."""
    options = EngineOptions(kind=Kind.EMBED, api_key=API_KEY)
    yield from run_engine(options, tmp_path_factory)
