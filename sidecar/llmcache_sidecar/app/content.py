"""The judge of content classes: read from the package, then taught by the embedding model."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from llmcache_api import PolicySection

from ..domain.vectors import Vector
from ..policy import content
from ..policy.content import (
    ContentFinding,
    ContentJudge,
    ContentSettings,
    CustomClass,
    Knowledge,
    read_knowledge,
)
from ..ports.embedder import Embedder, EmbeddingError

_log = logging.getLogger("llmcache")


@dataclass(frozen=True, slots=True)
class NamedJudge:
    """A judge and the version that its verdicts carry; see `pipeline.meaning.ContentJudge`."""

    inner: ContentJudge
    version: str

    @property
    def by_meaning(self) -> bool:
        """Vectors count."""
        return self.inner.by_meaning

    def judge(
        self, text: str, vector: Vector | None, watched: frozenset[str]
    ) -> Iterable[ContentFinding]:
        """The classes, of those that are watched."""
        found = self.inner.judge(text, vector)
        return [finding for finding in found if finding.content_class in watched]


@cache
def _known() -> tuple[Knowledge, str]:
    """What is in the package, and its digest. The same for the whole process."""
    digest = hashlib.sha256()

    def read(name: str) -> str:
        text = files(content).joinpath(name).read_text(encoding="utf-8")
        digest.update(text.encode())
        return text

    return read_knowledge(read), digest.hexdigest()[:8]


class Content:
    """Holds the judge in force.

    Attributes:
        judge: works by words alone until `learn` is through.
    """

    def __init__(self, policy: PolicySection) -> None:
        """Read what the package knows (a tenth of a second, the first time)."""
        self._knowledge, self._digest = _known()
        self._custom = policy.custom
        self.judge = self._make()

    def _make(self) -> NamedJudge:
        custom = tuple(CustomClass(one.name, one.examples, one.similarity) for one in self._custom)
        inner = ContentJudge(self._knowledge, ContentSettings(custom=custom))
        return NamedJudge(inner, self._digest)

    def reload(self, policy: PolicySection) -> bool:
        """Take over a new policy; whether the embedding model must teach it anew."""
        if policy.custom == self._custom:
            return False
        self._custom = policy.custom
        self.judge = self._make()
        return True

    async def learn(self, embedder: Embedder) -> None:
        """Embed the examples behind every request, and judge by meaning from then on."""
        taught = self.judge
        try:
            vectors = await embedder.embed_many(taught.inner.texts_to_embed())
        except EmbeddingError as error:
            _log.warning("content classes are told apart by words alone: %s", error)
            return
        inner = await asyncio.to_thread(taught.inner.with_examples, vectors)
        if self.judge is taught:
            self.judge = NamedJudge(inner, taught.version)
            _log.info("content classes are told apart by meaning too (%d examples)", len(vectors))
