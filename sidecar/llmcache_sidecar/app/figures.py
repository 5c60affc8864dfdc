"""What the sidecar says of itself: to probes, to the admin plane, to whoever counts."""

from __future__ import annotations

from collections.abc import Sized

from llmcache_api.sidecar import Readiness

from ..pipeline.engine.profile import EngineProfile
from ..pipeline.pipeline import Pipeline
from ..pipeline.stored.purges import Purges
from ..ports.clock import Clock
from ..server.admin_plane import Status
from ..server.data_plane import DataPlane
from ..telemetry.account import Account
from ..telemetry.statistics import EngineFigures, State, Statistics, statistics
from .preparing import told
from .quality import Quality
from .reloading import InForce
from .semantic import Semantic
from .stores import Stores


class Figures:
    """Reads the parts; changes nothing.

    Args:
        aliases: those that are known.
    """

    def __init__(
        self,
        in_force: InForce,
        account: Account,
        clock: Clock,
        *,
        profile: EngineProfile,
        stores: Stores,
        purges: Purges,
        semantic: Semantic,
        aliases: Sized,
        quality: Quality,
        pipeline: Pipeline,
        data_plane: DataPlane,
    ) -> None:
        self._in_force = in_force
        self._account = account
        self._clock = clock
        self._since = clock.time()
        self._profile = profile
        self._stores = stores
        self._purges = purges
        self._semantic = semantic
        self._aliases = aliases
        self._quality = quality
        self._pipeline = pipeline
        self._data_plane = data_plane

    def status(self) -> Status:
        """For health and probes."""
        config = self._in_force.config
        return Status(
            draining=self._data_plane.draining,
            needs_engine=config.readiness is Readiness.ENGINE,
            in_flight=self._data_plane.in_flight,
            flights=self._pipeline.flights,
            config_version=self._pipeline.settings.version,
            config_failed=self._in_force.error is not None,
            engine_asked=self._profile.asked,
            engine_known=self._engine_known(),
            stores=self._store_figures(),
            semantic=self._semantic_figures(),
            rates=self._quality.standings.measured,
            statistics=self.statistics,
        )

    def statistics(self) -> Statistics:
        """The KPIs."""
        return statistics(
            self._account,
            State(
                since=self._since,
                now=self._clock.time(),
                draining=self._data_plane.draining,
                mode=self._pipeline.settings.mode.value,
                in_flight=self._data_plane.in_flight,
                open_flights=self._pipeline.flights,
                config_version=self._pipeline.settings.version,
                config_error=self._in_force.error,
                restart_needed=self._in_force.waits_for_restart,
                engine=self._engine_figures(),
                stores=self._store_figures(),
                semantic=self._semantic_figures(),
                rates=tuple(self._quality.standings.measured()),
                samples_waiting=self._quality.shadow.waiting,
            ),
        )

    def _engine_known(self) -> bool:
        named = self._in_force.config.upstream.revision is not None
        return named or self._profile.state is not None

    def _engine_figures(self) -> EngineFigures:
        state, upstream = self._profile.state, self._in_force.config.upstream
        return EngineFigures(
            url=upstream.url,
            known=self._engine_known(),
            version=state.version or None if state is not None else None,
            models=sorted(filter(None, state.fingerprints)) if state is not None else [],
            default_temperature=self._profile.temperature,
            keys=self._pipeline.gate.mode.value,
            preparing=told(upstream.progress_file) if state is None else None,
        )

    def _semantic_figures(self) -> dict[str, int | float | str]:
        return self._semantic.figures() | {"aliases": len(self._aliases)}

    def _store_figures(self) -> dict[str, int | str]:
        figures = self._stores.figures()
        if self._stores.shared:
            figures["silentSeconds"] = int(self._purges.silence(self._clock.monotonic()))
            if self._purges.trouble:
                figures["trouble"] = self._purges.trouble
        return figures
