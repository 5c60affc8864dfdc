"""The judge of content classes: read from the package, then taught by the embedding model."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np

from llmcache_api import CustomClassSection, PolicySection

from ..domain.vectors import EmbeddingModel, Vector
from ..policy import content
from ..policy.content import (
    ContentFinding,
    ContentJudge,
    ContentSettings,
    CustomClass,
    Knowledge,
    read_knowledge,
)
from ..policy.content.custom import CustomModel, fit_custom
from ..policy.content.meaning import MeaningModel, fit_meaning
from ..policy.content.taught import read_taught
from ..ports.embedder import Embedder, EmbeddingError, TextTooLong, TextUnreadable

_log = logging.getLogger("llmcache")


@dataclass(frozen=True, slots=True)
class NamedJudge:
    """A judge and the version that its verdicts carry; see `pipeline.semantic.meaning.ContentJudge`."""

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


TAUGHT: Final = "taught/{}.json"
"""What a model in this package was taught, by its identity (`tools.teach_classes`)."""

_PAUSES_S: Final = (1.0, 5.0, 15.0, 60.0)
_CALIBRATING: Final = 200
"""Cacheable examples that a class of the user's own is measured against."""


def _read(name: str) -> str:
    return files(content).joinpath(name).read_text(encoding="utf-8")


@cache
def known() -> tuple[Knowledge, str]:
    """What is in the package, and its digest. The same for the whole process."""
    digest = hashlib.sha256()
    for name in content.FILES:
        digest.update(_read(name).encode())
    return read_knowledge(_read), digest.hexdigest()[:8]


class Content:
    """Holds the judge in force.

    Attributes:
        judge: works by words alone until `learn` is through.
        unread: the user's own classes that are not in force: the model reads none of their examples.
    """

    def __init__(self, policy: PolicySection, pauses_s: tuple[float, ...] = _PAUSES_S) -> None:
        """Read what the package knows (a tenth of a second, the first time).

        Args:
            pauses_s: after an example that could not be embedded; the last one repeats.
        """
        self._pauses = pauses_s
        self._knowledge, self._digest = known()
        self._custom = policy.custom
        self.judge = self._make()
        self.unread: tuple[str, ...] = ()

    def _make(self) -> NamedJudge:
        return NamedJudge(ContentJudge(self._knowledge, _settings(self._custom)), self._digest)

    def reload(self, policy: PolicySection) -> bool:
        """Take over a new policy; whether the embedding model must teach it anew."""
        if policy.custom == self._custom:
            return False
        self._custom = policy.custom
        self.judge = self._make()
        self.unread = ()
        return True

    async def learn(self, embedder: Embedder) -> None:
        """Judge by meaning from now on: by what the package holds for this model, or by embedding
        the examples behind every request, however often it takes: a class of the user's own has no
        words, and is told by meaning or not at all. Never raises."""
        taught, model = self.judge, embedder.model
        if model is None:
            return
        sections = self._custom
        meaning = self._taught(model) or await self._teach(embedder)
        models = [await self._custom_model(one, embedder) for one in sections]
        if self.judge is taught:
            custom = [one for one in models if one is not None]
            inner = ContentJudge(self._knowledge, _settings(sections), meaning, custom)
            self.judge = NamedJudge(inner, taught.version)
            self.unread = tuple(
                section.name for section, one in zip(sections, models, strict=True) if one is None
            )
            _log.info("content classes are told apart by meaning too")
            if self.unread:
                _log.warning(
                    "not in force, since the embedding model reads none of their examples: %s",
                    ", ".join(self.unread),
                )

    def _taught(self, model: EmbeddingModel) -> MeaningModel | None:
        """What is in the package for `model`; None where nothing is, or it is of other examples."""
        try:
            text = _read(TAUGHT.format(model.identity))
        except FileNotFoundError:
            return None
        return read_taught(text, self._digest)

    async def _teach(self, embedder: Embedder) -> MeaningModel:
        classes, vectors = [], []
        for content_class, text in self._knowledge.examples():
            for vector in await self._readable(embedder, [text]):
                classes.append(content_class)
                vectors.append(vector)
        return await asyncio.to_thread(fit_meaning, classes, np.stack(vectors))

    async def _custom_model(
        self, section: CustomClassSection, embedder: Embedder
    ) -> CustomModel | None:
        """None where the model reads none of the examples."""
        against: list[Vector] = []
        if section.similarity is None:
            cacheable = [text for one, text in self._knowledge.examples() if one is None]
            step = max(1, len(cacheable) // _CALIBRATING)
            against = await self._readable(embedder, cacheable[::step])
        own = await self._readable(embedder, section.examples)
        if not own:
            return None
        return fit_custom(_custom(section), own, np.stack(against or own))

    async def _readable(self, embedder: Embedder, texts: Iterable[str]) -> list[Vector]:
        """Vectors of those texts that the model can read: an English one reads no Chinese."""
        vectors: list[Vector] = []
        for text in texts:
            with contextlib.suppress(TextUnreadable, TextTooLong):
                vectors += await self._patiently(embedder, text)
        return vectors

    async def _patiently(self, embedder: Embedder, text: str) -> list[Vector]:
        failures = 0
        while True:
            try:
                return await embedder.embed_many([text])
            except (TextUnreadable, TextTooLong):
                raise
            except EmbeddingError as error:
                if not failures:
                    _log.warning("content classes are told apart by words until then: %s", error)
                await asyncio.sleep(self._pauses[min(failures, len(self._pauses) - 1)])
                failures += 1


def _custom(section: CustomClassSection) -> CustomClass:
    return CustomClass(section.name, section.examples, section.similarity)


def _settings(sections: Iterable[CustomClassSection]) -> ContentSettings:
    return ContentSettings(custom=tuple(map(_custom, sections)))
