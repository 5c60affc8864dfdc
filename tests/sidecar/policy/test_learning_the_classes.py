"""What classes sound like is learnt from an embedding model that may have bad moments."""

from __future__ import annotations

import numpy as np

from llmcache_api import PolicySection
from llmcache_sidecar.app.content import Content
from llmcache_sidecar.domain.vectors import EmbeddingModel, Vector
from llmcache_sidecar.ports.embedder import EmbeddingError

OWN = "When is the next maintenance window?"
WATCHED = frozenset({"Maintenance"})


class Faltering:
    """An embedder that fails at first: a server that is being replaced."""

    model = EmbeddingModel(name="any", identity="any", dimensions=8)

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self._rng = np.random.default_rng(1)
        self._known: dict[str, Vector] = {}

    async def embed(self, text: str, owner: str = "") -> Vector:
        return (await self.embed_many([text]))[0]

    async def embed_many(self, texts: list[str]) -> list[Vector]:
        if self.failures:
            self.failures -= 1
            raise EmbeddingError("the endpoint answered with status 503")
        return [self._of(text) for text in texts]

    def _of(self, text: str) -> Vector:
        if text not in self._known:
            made = self._rng.normal(size=8).astype(np.float32)
            self._known[text] = made / np.linalg.norm(made)
        return self._known[text]

    async def aclose(self) -> None:
        return None


async def test_a_class_of_ones_own_is_learnt_when_the_model_is_back() -> None:
    policy = PolicySection.model_validate(
        {"custom": [{"name": "Maintenance", "examples": [OWN], "similarity": 0.9}]}
    )
    content, embedder = Content(policy, pauses_s=(0.0,)), Faltering(failures=3)
    await content.learn(embedder)
    assert content.judge.by_meaning
    found = content.judge.judge(OWN, await embedder.embed(OWN), WATCHED)
    assert [one.content_class for one in found] == ["Maintenance"]
