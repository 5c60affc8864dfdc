"""The sidecar as one object: built from a configuration, started, reloaded, drained."""

from __future__ import annotations

import asyncio
import logging
import os
import random
from collections.abc import Callable

from aiohttp import web

from llmcache_api import ConfigError, SidecarConfig

from ..domain.purge import Purge, PurgeScope
from ..keys.tenant import TenantHasher
from ..pipeline.decider import Decider
from ..pipeline.engine.elsewhere import Elsewhere
from ..pipeline.engine.flight import FlightTable
from ..pipeline.engine.isolation import Isolation
from ..pipeline.engine.key_gate import KeyGate
from ..pipeline.engine.profile import EngineProfile
from ..pipeline.from_cache import FromCache
from ..pipeline.from_engine import FromEngine
from ..pipeline.keeper import Keeper
from ..pipeline.pipeline import Pipeline
from ..pipeline.quality.lots import Lots
from ..pipeline.quality.standings import Standings
from ..pipeline.repeats import Repeats
from ..pipeline.request.identifying import Identifier
from ..pipeline.semantic.aliases import Aliases
from ..pipeline.semantic.look_up import SemanticLookUp
from ..pipeline.semantic.meaning import Meanings
from ..pipeline.semantic.point_keeper import PointKeeper
from ..pipeline.settings.cache import CacheSettings
from ..pipeline.stored.look_up import LookUp
from ..pipeline.stored.purges import Purges
from ..ports.clock import Clock, SystemClock
from ..ports.exact_store import StoreError
from ..server.admin_plane import AdminPlane
from ..server.data_plane import DataPlane
from ..server.forward import Forwarder
from ..server.wire import make_server, quiet
from ..telemetry.account import Account
from .draining import Parting
from .entropy import Entropy
from .figures import Figures
from .interpreter import tune_interpreter
from .listening import Addresses, bound, listening
from .quality import Quality
from .reloading import InForce, taken_over
from .secrets import read_key_list, read_secret, tenant_key
from .semantic import Semantic
from .stores import lease_wait, make_engine, make_stores, store_deadline

_log = logging.getLogger("llmcache")


class Sidecar:
    """Built inside a running event loop; `start`, then `drain` and `aclose`.

    Args:
        clock: passed to everything that tells time.
        entropy: gives that many random bytes.
    """

    def __init__(
        self,
        config: SidecarConfig,
        clock: Clock | None = None,
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> None:
        clock = clock or SystemClock()
        self._in_force = InForce(config)
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()
        self._servers: list[asyncio.Server] = []
        self.account = Account()

        # Everything that can be wrong is read before anything is opened.
        upstream = config.upstream
        own_key = read_secret(upstream.api_key_file, "upstream.apiKeyFile")
        token = read_secret(config.admin.token_file, "admin.tokenFile")
        self._hasher = TenantHasher(tenant_key(config))
        self._keys = read_key_list(config)
        self.stores = make_stores(config, self.account, clock)
        self.engine = make_engine(config)
        self.profile = EngineProfile(
            self.engine,
            clock,
            revision=upstream.revision,
            default_temperature=upstream.default_temperature,
            own_key=own_key,
        )
        self.engine.reconnected = self.profile.lost
        settings = CacheSettings.of(config)
        self.semantic = Semantic(config, self.account, clock)
        self.purges = Purges(
            self.stores.log,
            self.stores.reader,
            self.stores.hot,
            clock,
            shared=self.stores.shared,
            longest_life=lambda: self.pipeline.settings.keep,
            patience=lambda: store_deadline(self.config),
            forget=self.semantic.points.forget,
        )

        random_hex = Entropy(entropy).hex
        look_up = LookUp(self.stores.hot, self.stores.reader, self.purges, clock)
        flights = FlightTable()
        isolation = Isolation(self._hasher)
        aliases = Aliases(look_up, self.account)
        self._elsewhere = Elsewhere(
            self.stores.leases, lease_wait(config), self.account, lambda: random_hex(32)
        )
        standings = Standings(
            settings.quality, settings.book, self.stores.evidence, clock, self.account
        )
        self._semantic_look_up = SemanticLookUp(
            self.semantic.search,
            self.semantic.points,
            look_up,
            self.stores.reader,
            self.semantic.sealer,
            self.semantic.verification,
            self.semantic.model,
            self.semantic.budget,
            self.account,
            clock,
        )
        self.quality = Quality(
            config,
            self.account,
            clock,
            engine=self.engine,
            embedder=self.semantic.embedder,
            semantic=self._semantic_look_up,
            standings=standings,
            aliases=aliases,
            isolation=isolation,
            working=lambda: self.data_plane.in_flight,
            draw=random.random,
        )
        from_cache = FromCache(self.stores.hot, self.account, clock, random_hex)
        keeper = Keeper(
            self.stores.hot,
            self.stores.writer,
            self.purges,
            self.profile,
            self.account,
            clock,
            lambda: random_hex(32),
            PointKeeper(self.semantic.points, self.semantic.sealer, self.account),
            self.quality.trials,
        )
        holdout = Lots(random.random)
        identifier = Identifier(self._hasher, self.profile)
        meanings = Meanings(
            self.semantic.embedder,
            self.semantic.judge,
            self.account,
            clock,
            self.semantic.turns,
            self.semantic.verification.read_ahead,
        )
        self.pipeline = Pipeline(
            settings,
            self._gate(config),
            decider=Decider(
                identifier,
                look_up,
                meanings,
                self._semantic_look_up,
                flights,
                self.purges,
                standings,
                aliases,
                holdout,
            ),
            repeats=Repeats(
                identifier, look_up, meanings, from_cache, self.quality.trials, holdout
            ),
            profile=self.profile,
            from_cache=from_cache,
            from_engine=FromEngine(
                engine=self.engine,
                profile=self.profile,
                flights=flights,
                elsewhere=self._elsewhere,
                look_up=look_up,
                purges=self.purges,
                keeper=keeper,
                trials=self.quality.trials,
                isolation=isolation,
                from_cache=from_cache,
                clock=clock,
            ),
            trials=self.quality.trials,
            flights=flights,
        )
        self.data_plane = DataPlane(
            self.pipeline,
            Forwarder(self.engine, own_key, self.profile.lost),
            self.profile,
            self._hasher,
            self.account,
            self._adapter_changed,
            config.response_cache.limits.cacheable_body,
        )
        self.figures = Figures(
            self._in_force,
            self.account,
            clock,
            profile=self.profile,
            stores=self.stores,
            purges=self.purges,
            semantic=self.semantic,
            aliases=aliases,
            quality=self.quality,
            pipeline=self.pipeline,
            data_plane=self.data_plane,
        )
        self.admin_plane = AdminPlane(
            pipeline=self.pipeline,
            purges=self.purges,
            store=self.stores.reader,
            engine=self.engine,
            account=self.account,
            learned=self.quality.standings.learned,
            status=self.figures.status,
            drain=self.begin_drain,
            token=token,
        )
        self._data_server: web.Server | None = None
        self._parting: Parting | None = None
        self._admin_runner: web.AppRunner | None = None

    @property
    def config(self) -> SidecarConfig:
        """The configuration in force."""
        return self._in_force.config

    def _gate(self, config: SidecarConfig) -> KeyGate:
        return KeyGate(config.auth.mode, self._hasher, self._keys, self.engine, self._clock)

    async def start(self) -> Addresses:
        """Listen on both planes, and start following the engine and the purge log.

        Raises:
            ConfigError: an address can't be listened on.
        """
        if self.stores.shared:
            self._spawn(self.purges.follow(), "purges")
        else:
            await self.purges.read_once()
        self._spawn(self.profile.follow(), "engine")
        self._data_server = make_server(self.data_plane.handle, self.data_plane.at_once)
        loop = asyncio.get_running_loop()
        with listening("listen", self.config.listen) as (host, port):
            server = await loop.create_server(self._data_server, host, port, backlog=1024)
        self._servers.append(server)
        self._admin_runner = web.AppRunner(
            self.admin_plane.application(),
            access_log=None,
            handle_signals=False,
            logger=quiet,
        )
        await self._admin_runner.setup()
        with listening("admin.listen", self.config.admin.listen) as (host, port):
            await web.TCPSite(self._admin_runner, host, port, backlog=128).start()
        self.semantic.start(self.pipeline.settings.semantic)
        self.quality.start()
        tune_interpreter()
        return Addresses(
            bound(server.sockets[0].getsockname()), bound(self._admin_runner.addresses[0])
        )

    def _spawn(self, work, name: str) -> None:  # type: ignore[no-untyped-def]
        task = asyncio.get_running_loop().create_task(work, name=f"llmcache-{name}")
        task.add_done_callback(_tell_end)
        task.add_done_callback(self._tasks.discard)
        self._tasks.add(task)

    # Reload.

    def reload(self, config: SidecarConfig) -> None:
        """Take over what may change while running; the rest is told to wait for a restart.

        Raises:
            ConfigError: a file that the configuration names can't be read, or what may change does
                not go with what runs; nothing is changed.
        """
        keys = read_key_list(config)
        running, waiting = taken_over(config, self.config)
        # Its file stays the same one, and may hold another token.
        token = read_secret(running.admin.token_file, "admin.tokenFile")
        same_keys = self._keys == keys and self.config.auth == running.auth
        self._keys = keys
        self._in_force.config, self._in_force.waits_for_restart = running, waiting
        self.pipeline.settings = CacheSettings.of(running)
        self.admin_plane.take_token(token)
        self.stores.reload(running)
        self._elsewhere.wait_s = lease_wait(running)
        self.quality.reload(self.pipeline.settings)
        if self._servers:
            self.semantic.reload(running, self.pipeline.settings.semantic)
        if not same_keys:
            self.pipeline.gate = self._gate(running)
        self.data_plane.cacheable_body = running.response_cache.limits.cacheable_body
        self._in_force.error = None
        if waiting:
            _log.warning("changed, but read at the start only: %s", ", ".join(waiting))
        _log.info("configuration %s is in force", self.pipeline.settings.version)

    def reload_failed(self, error: ConfigError) -> None:
        """A new configuration is of no use: the last good one stays, and says so."""
        self._in_force.error = str(error)
        self.account.count("config_reload_failures")
        _log.error("the last good configuration stays in force: %s", error)

    async def _adapter_changed(self, name: str) -> None:
        """An adapter was loaded or unloaded through us: what it answered is void."""
        self.profile.reread()
        try:
            await self.purges.purge(Purge(PurgeScope.MODEL, name))
        except StoreError as error:
            _log.error("adapter %s is not cached until its answers can be purged: %s", name, error)
            self.account.count("adapter_purge_failures")
            self._spawn(self.purges.purge_model_at_last(name), "adapter-purge")

    # The end.

    def begin_drain(self) -> None:
        """Lame duck: serve on, ask every client to leave, close what is silent. Idempotent."""
        if self.data_plane.draining:
            return
        self.data_plane.draining = True
        self.quality.stop()
        if self._data_server is not None:
            self._parting = Parting(self._data_server, self._clock.monotonic)
            self._spawn(self._parting.run(), "parting")
        _log.info("draining: clients are asked to leave")

    async def drain(self) -> bool:
        """Leave gracefully; whether every request in flight was finished and every write done."""
        drain = self.config.drain
        self.begin_drain()
        await asyncio.sleep(drain.propagation)
        for server in self._servers:
            server.close()
        deadline = self._clock.monotonic() + drain.timeout
        # Polled: requests need not pay for an event that only a drain waits for.
        while (left := self._unfinished()) or self._connected():
            if self._clock.monotonic() >= deadline:
                break
            await asyncio.sleep(0.02)
        unwritten = await self.stores.flush(max(1.0, deadline - self._clock.monotonic()))
        unwritten += await self.semantic.flush(max(0.5, deadline - self._clock.monotonic()))
        _log.info("drained: %d requests cut off, %d answers unwritten", left, unwritten)
        return not left and not unwritten

    def _unfinished(self) -> int:
        """Requests that are worked on, or whose answer has not left yet."""
        if self._parting is None:
            return self.data_plane.in_flight
        return max(self.data_plane.in_flight, self._parting.unfinished)

    def _connected(self) -> int:
        """Connections that are still open."""
        return 0 if self._parting is None else self._parting.connected

    async def aclose(self) -> None:
        """Stop everything at once. Idempotent."""
        for server in self._servers:
            server.close()
        if self._data_server is not None:
            await self._data_server.shutdown(0.1)
        if self._admin_runner is not None:
            await self._admin_runner.cleanup()
        await self.pipeline.aclose()
        await self.quality.aclose()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        await self._semantic_look_up.aclose()
        await self.semantic.aclose()
        await self.stores.close()
        await self.engine.aclose()


def _tell_end(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        _log.critical("%s ended", task.get_name(), exc_info=task.exception())
