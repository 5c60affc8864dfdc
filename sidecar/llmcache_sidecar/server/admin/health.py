"""Health, metrics, statistics, drain: how the sidecar is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from ...ports.engine import Engine, EngineError, EngineRequest
from ...quality.measured import Measured
from ...telemetry.account import Account
from ...telemetry.statistics import Statistics
from ..heads import passed_headers
from .models import Draining
from .routes import Route, answer, problem

_ASK_S: Final = 1.0
"""Longer than a healthy engine takes to answer, shorter than a probe should wait."""
_METRICS_S: Final = 5.0
_NO_SUCH_ROUTE: Final = (404, 405, 501)


@dataclass(frozen=True, slots=True)
class Status:
    """What the sidecar says of itself.

    Attributes:
        needs_engine: readiness follows the engine.
        engine_asked: the engine has been asked what it runs, whatever came of it.
        rates: measures what is known of each error rate.
        statistics: makes the full statistics.
    """

    draining: bool
    needs_engine: bool
    in_flight: int
    flights: int
    config_version: str
    config_failed: bool
    engine_known: bool
    engine_asked: bool
    stores: dict[str, int | str]
    semantic: dict[str, int | float | str]
    rates: Callable[[], Iterable[Measured]]
    statistics: Callable[[], Statistics]


class Health:
    """The handlers.

    Args:
        drain: makes the sidecar a lame duck.
    """

    def __init__(
        self,
        engine: Engine,
        account: Account,
        status: Callable[[], Status],
        drain: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._account = account
        self._status = status
        self._drain = drain
        self._gauges = {
            name: account.gauge(f"llmcache_{name}", text)
            for name, text in (
                ("in_flight_requests", "Requests being worked on."),
                ("semantic_ready", "Questions can be looked up by meaning."),
                ("open_flights", "Inferences that other requests may join."),
                ("draining", "1 while clients are asked to leave."),
                ("engine_known", "1 when it is known what the engine runs."),
                ("config_reload_failed", "1 while the newest configuration is of no use."),
            )
        }
        self._sizes = account.gauge("llmcache_store", "Sizes of the stores.", ("figure",))
        self._circuits = account.gauge(
            "llmcache_store_circuit_open", "1 while a store is left alone.", ("operation",)
        )
        self._semantic = account.gauge(
            "llmcache_semantic", "The embedding model and the vector store.", ("figure",)
        )
        about = ("model", "level", "kind")
        self._rate = account.gauge(
            "llmcache_error_rate",
            "Share of judged hits that were wrong, with the ends of its 95 % interval.",
            (*about, "bound"),
        )
        self._samples = account.gauge(
            "llmcache_error_rate_samples", "Samples that an error rate rests on.", about
        )
        self._budget = account.gauge(
            "llmcache_error_budget", "What an error rate may be, 0 to 1.", about
        )
        self._states = account.gauge(
            "llmcache_error_budget_state",
            "1 for what holds: Unproven, Undecided, Proven, Exceeded, Tightened or Observing.",
            (*about, "state"),
        )
        self._config = account.gauge("llmcache_config_info", "The configuration.", ("version",))

    def routes(self) -> tuple[Route, ...]:
        """This room's routes."""
        text = "text/plain"
        return (
            Route("GET", "/livez", "live", self._live, "Whether the process answers.", text,
                  public=True),
            Route("GET", "/readyz", "ready", self._ready, "Whether it should get requests.", text,
                  problems=(503,), public=True),
            Route("GET", "/metrics", "metrics", self._metrics, "Prometheus metrics of the cache.",
                  text, public=True),
            Route("GET", "/engine/metrics", "engineMetrics", self._engine_metrics,
                  "Prometheus metrics of the engine.", text, problems=(502, 504), public=True),
            Route("GET", "/admin/v1/stats", "stats", self._stats,
                  "The KPIs since the process started.", Statistics),
            Route("POST", "/admin/v1/drain", "drain", self._begin_drain,
                  "Become a lame duck: serve on, ask clients to leave, report not ready.", Draining),
        )  # fmt: skip

    async def _live(self, _: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _ready(self, _: web.Request) -> web.Response:
        status = self._status()
        reason = None
        if status.draining:
            reason = "draining"
        elif status.needs_engine:
            reason = await self._engine_trouble()
            if reason is None and not status.engine_asked:
                reason = "the engine is being asked what it runs"
        if reason is not None:
            return web.Response(status=503, text=f"{reason}\n")
        return web.Response(text="ok\n")

    async def _engine_trouble(self) -> str | None:
        """Why the engine can't take requests, or None."""
        try:
            async with asyncio.timeout(_ASK_S):
                status = await self._ask("/health")
                if status in _NO_SUCH_ROUTE:  # not every engine has it
                    status = await self._ask("/v1/models")
        except TimeoutError:
            return f"the engine did not answer within {_ASK_S:g} s"
        except EngineError as error:
            return str(error)
        # A refused key is an answer too: the engine is there, and its clients have keys.
        if status < 300 or status in (401, 403):
            return None
        return f"the engine says {status}"

    async def _ask(self, target: str) -> int:
        async with self._engine.send(EngineRequest("GET", target, [])) as response:
            return response.status

    async def _metrics(self, _: web.Request) -> web.Response:
        status = self._status()
        for name, value in (
            ("in_flight_requests", status.in_flight),
            ("open_flights", status.flights),
            ("semantic_ready", status.semantic.get("ready", 0)),
            ("draining", status.draining),
            ("engine_known", status.engine_known),
            ("config_reload_failed", status.config_failed),
        ):
            self._gauges[name].set(int(value))
        for figure, size in status.stores.items():
            if isinstance(size, int):
                self._sizes.labels(figure).set(size)
            elif figure in ("reads", "writes"):
                self._circuits.labels(figure).set(size != "closed")
        for name, value in status.semantic.items():
            if not isinstance(value, str):
                self._semantic.labels(name).set(value)
        self._show_rates(status.rates())
        self._config.clear()
        self._config.labels(status.config_version).set(1)
        return web.Response(
            body=generate_latest(self._account.registry),
            headers={"Content-Type": CONTENT_TYPE_LATEST},
        )

    def _show_rates(self, rates: Iterable[Measured]) -> None:
        for gauge in (self._rate, self._samples, self._budget, self._states):
            gauge.clear()
        for one in rates:
            about = (one.model, one.level.value, one.kind.value)
            for bound, value in (
                ("estimate", one.rate.estimate),
                ("lower", one.rate.lower),
                ("upper", one.rate.upper),
            ):
                if value is not None:
                    self._rate.labels(*about, bound).set(value)
            self._samples.labels(*about).set(one.rate.samples)
            self._budget.labels(*about).set(one.allowed)
            self._states.labels(*about, one.state).set(1)

    async def _engine_metrics(self, request: web.Request) -> web.StreamResponse:
        """The engine's own, which listens on loopback only in a pod."""
        response = None
        try:
            async with (
                asyncio.timeout(_METRICS_S),
                self._engine.send(EngineRequest("GET", "/metrics", [])) as head,
            ):
                response = web.StreamResponse(
                    status=head.status, headers=passed_headers(head.headers, "", keep_length=True)
                )
                await response.prepare(request)
                async for chunk in head.chunks():
                    await response.write(chunk)
                return response
        except (EngineError, TimeoutError) as error:
            if response is not None and response.prepared:
                # Half of the metrics must not look like all of them.
                response.force_close()
                if request.transport is not None:
                    request.transport.abort()
                return response
            if isinstance(error, EngineError):
                return problem(502, str(error))
            return problem(504, f"the engine did not answer within {_METRICS_S:g} s")

    async def _stats(self, _: web.Request) -> web.Response:
        return answer(self._status().statistics())

    async def _begin_drain(self, _: web.Request) -> web.Response:
        self._drain()
        return answer(Draining())
