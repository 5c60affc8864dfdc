"""The parts that judge samples, as the configuration says."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from llmcache_api import SidecarConfig

from ..pipeline.engine.isolation import Isolation
from ..pipeline.engine.load import EngineLoad
from ..pipeline.quality.answer_comparison import AnswerComparison
from ..pipeline.quality.fresh_answers import FreshAnswers
from ..pipeline.quality.lots import Lots
from ..pipeline.quality.shadow import Shadow
from ..pipeline.quality.standings import Standings
from ..pipeline.quality.trials import Sampler, Trials
from ..pipeline.semantic.aliases import Aliases
from ..pipeline.semantic.look_up import SemanticLookUp
from ..pipeline.settings.cache import CacheSettings
from ..ports.clock import Clock
from ..ports.embedder import Embedder
from ..ports.engine import Engine
from ..telemetry.account import Account


class Quality:
    """The judging of samples, and its life.

    Args:
        working: how many requests are on their way through.
    """

    def __init__(
        self,
        config: SidecarConfig,
        account: Account,
        clock: Clock,
        *,
        engine: Engine,
        embedder: Embedder,
        semantic: SemanticLookUp,
        standings: Standings,
        aliases: Aliases,
        isolation: Isolation,
        working: Callable[[], int],
        draw: Callable[[], float],
    ) -> None:
        load = EngineLoad(engine, working)
        fresh = FreshAnswers(
            engine, load.idle, account, clock, last=config.upstream.priority_scheduling
        )
        comparison = AnswerComparison(embedder, fresh)
        self.standings = standings
        self.shadow = Shadow(fresh, comparison, semantic, standings, aliases, account)
        self.trials = Trials(self.shadow, Sampler(Lots(draw), clock), isolation, clock)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to judge and to share."""
        self._tasks = [
            asyncio.create_task(self.shadow.run(), name="llmcache-samples"),
            asyncio.create_task(self.standings.share(), name="llmcache-evidence"),
        ]

    def reload(self, settings: CacheSettings) -> None:
        """Take over what a new configuration says of this."""
        self.standings.configure(settings.quality, settings.book)

    def stop(self) -> None:
        """Nothing is asked of the engine for samples any more. Idempotent."""
        self.shadow.stop()
        for task in self._tasks[:1]:
            task.cancel()

    async def aclose(self) -> None:
        """Hand in what was counted, and end. Idempotent."""
        self.stop()
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if tasks:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self.standings.exchange()
