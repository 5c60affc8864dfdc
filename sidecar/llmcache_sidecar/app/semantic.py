"""The semantic level and the policy of content, as the configuration says."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from importlib.resources import files
from typing import Final

from llmcache_api import SidecarConfig

from .. import verify
from ..adapters.cross_encoder.hosted import HostedCrossEncoder
from ..adapters.embedding.observing import EmbedderState, Trouble
from ..adapters.sealing import PayloadSealer
from ..domain.vectors import EmbeddingModel
from ..pipeline.semantic.meaning import ContentJudge
from ..pipeline.semantic.verification import Verification
from ..pipeline.settings.cache import SemanticSettings
from ..ports.clock import Clock
from ..ports.cross_encoder import PairEncoder
from ..ports.embedder import Embedder, EmbeddingLoadError
from ..ports.turns import Turns
from ..ports.vector_store import PointWriter, VectorSearch, VectorStore
from ..telemetry.account import Account
from ..verify import GreyZone, Verifier
from ..verify.thresholds import threshold_of
from .content import Content
from .embedding import make_embedder
from .stores import keyring
from .vectors import make_vectors

_log = logging.getLogger("llmcache")

_TELL_S: Final = 1.0
"""Between two looks at what keeps the embedding model away."""
_PART_FOR_MEANING: Final = 0.8
"""Of the longer deadline. The rest is for the event loop, which notices late on a busy machine."""


class EmbeddingAccount:
    """Enters what becomes of texts into the account."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def embedded(self, seconds: float) -> None:
        """See `adapters.embedding.observing.EmbeddingObserver`."""
        self._account.embedded(seconds)

    def failed(self, trouble: Trouble) -> None:
        """See `adapters.embedding.observing.EmbeddingObserver`."""
        self._account.trouble("embed", trouble.value)


class Semantic:
    """The parts of the semantic level, and their life.

    Attributes:
        store: for upkeep and tools; may take its time.
        search, points: the two sides of the vector store.
        turns: of those who hold the event loop.
    """

    def __init__(self, config: SidecarConfig, account: Account, clock: Clock) -> None:
        """Build them; nothing is loaded or opened yet.

        Raises:
            ConfigError: a file or package is missing.
        """
        section = config.response_cache.semantic
        self.turns = Turns()
        self._running = make_embedder(section.embedding, EmbeddingAccount(account), clock)
        self._embedding_deadline = section.embedding.deadline
        self._vectors = make_vectors(config, account, clock, self.turns)
        self.embedder: Embedder = self._running
        self.store: VectorStore = self._vectors.guarded
        self.search: VectorSearch = self._vectors.guarded
        self.points: PointWriter = self._vectors.upkeep
        self.sealer = PayloadSealer(keyring(config))
        self._comparing = HostedCrossEncoder(_load_cross_encoder)
        self.verification = Verification(
            Verifier.from_json(_weights("weights.json")),
            self.turns,
            (GreyZone.from_json(_weights("grey_zone.json")), self._comparing),
        )
        self._content = Content(config.response_cache.policy)
        self._floor: float | None = None
        self._compares_wanted = False
        self._waiting: asyncio.Task[None] | None = None
        self._learning: asyncio.Task[None] | None = None

    @property
    def ready(self) -> bool:
        """Questions can be looked up by meaning."""
        return self.model() is not None and self._vectors.queue.is_open

    @property
    def compares(self) -> bool:
        """The cross-encoder is loaded."""
        return self._comparing.ready

    def model(self) -> EmbeddingModel | None:
        """The embedding model once it is loaded."""
        return self._running.model

    def budget(self) -> float:
        """Seconds for the embedding and the search together: what one takes, the other has less."""
        return _PART_FOR_MEANING * max(self._embedding_deadline, self._vectors.guarded.deadline_s)

    def judge(self) -> ContentJudge:
        """The present judge of content classes."""
        return self._content.judge

    def reload(self, config: SidecarConfig, settings: SemanticSettings) -> None:
        """Take over what a new configuration says of this."""
        self._vectors.reload(config.stores.vectors)
        anew = self._content.reload(config.response_cache.policy)
        self.start(settings)
        if anew and self._running.model is not None:
            if self._learning is not None:
                self._learning.cancel()  # what it learns is of no use any more
            self._learning = asyncio.create_task(self._content.learn(self._running))

    def start(self, settings: SemanticSettings) -> None:
        """Begin to load and open where that is wanted and has not begun; returns at once. Called
        again after every reload: a level that is off costs nothing."""
        self._floor = settings.threshold
        self._compares_wanted = settings.cross_encoder
        if settings.works and settings.cross_encoder:
            self._comparing.start()
        if settings.works and self._waiting is None:
            self._running.start()
            self._waiting = asyncio.create_task(self._follow(), name="llmcache-embedding")

    async def _follow(self) -> None:
        try:
            model = await self._loaded()
        except EmbeddingLoadError as error:
            _log.error("nothing is looked up by meaning; the exact level goes on: %s", error)
            return
        _log.info("questions are embedded by %s (%d dimensions)", model.name, model.dimensions)
        self._vectors.start(model)
        await self._content.learn(self._running)

    async def _loaded(self) -> EmbeddingModel:
        """The model, once it is there; meanwhile what keeps it away is logged, each reason once.

        Raises:
            EmbeddingLoadError: it never will be.
        """
        ready = asyncio.ensure_future(self._running.ready())
        told = ""
        try:
            while not (await asyncio.wait([ready], timeout=_TELL_S))[0]:
                reason = self._running.status.reason
                if reason and reason != told:
                    told = reason
                    _log.warning(
                        "nothing is looked up by meaning yet, the exact level goes on: %s", reason
                    )
            return ready.result()
        finally:
            ready.cancel()

    def figures(self) -> dict[str, int | float | str]:
        """What statistics show."""
        if self._waiting is None:
            return {"ready": 0}
        status = self._running.status
        figures: dict[str, int | float | str] = {
            "ready": int(self.ready),
            "crossEncoder": int(self.compares and self._compares_wanted),
            **{f"embedding.{name}": value for name, value in self._running.figures.items()},
            **{f"vectors.{name}": value for name, value in self._vectors.figures().items()},
        }
        if status.state is not EmbedderState.READY and status.reason:
            figures["embedding.trouble"] = status.reason
        model = self.model()
        if model is not None:
            figures["embedding.model"] = model.name
            figures["embedding.dimensions"] = model.dimensions
            figures["threshold"] = threshold_of(
                model.name, self._floor, model.calibration
            ).similarity
        figures["classes.byMeaning"] = int(self._content.judge.by_meaning)
        if self._content.unread:
            figures["classes.unread"] = ", ".join(self._content.unread)
        return figures

    async def flush(self, seconds: float) -> int:
        """Write what waits; how many points were left."""
        if not self._vectors.queue.is_open:
            return 0
        return await self._vectors.queue.flush(seconds)

    async def aclose(self) -> None:
        """Stop everything. Idempotent."""
        for task in (self._waiting, self._learning):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        self._waiting = self._learning = None
        await self._vectors.aclose()
        await self._running.aclose()
        await self._comparing.aclose()


def _load_cross_encoder() -> PairEncoder:
    # Imported when it is wanted: loading must not delay the start.
    from ..adapters.cross_encoder.bundled import load_bundled

    return load_bundled()


def _weights(name: str) -> str:
    return files(verify).joinpath(name).read_text(encoding="utf-8")
