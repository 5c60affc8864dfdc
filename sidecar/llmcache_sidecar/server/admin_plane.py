"""The admin plane: health, metrics, statistics, entries, purges, explain, feedback."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

import orjson
from aiohttp import web
from multidict import CIMultiDict
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from ..domain.api import ROUTES
from ..domain.entry import EntryMeta
from ..domain.outcome import Record
from ..domain.purge import Purge, PurgeScope
from ..keys.lossless import Unparsable, parse_object
from ..keys.tenant import TenantHasher
from ..pipeline.call import Call
from ..pipeline.key_gate import credential_of
from ..pipeline.pipeline import Pipeline
from ..pipeline.purges import PurgeReport, Purges, names
from ..ports.engine import Engine, EngineError, EngineRequest
from ..ports.exact_store import ExactStore, StoreError
from ..telemetry.account import Account
from ..telemetry.statistics import Statistics
from .heads import passed_headers

_OPEN: Final = frozenset({"/livez", "/readyz", "/metrics", "/engine/metrics", "/"})
_MAX_BODY: Final = 16 * 1024**2
_PAGE: Final = 100
_EXAMINED: Final = 10_000

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Status:
    """What the sidecar says of itself.

    Attributes:
        needs_engine: readiness follows the engine.
        statistics: makes the full statistics.
    """

    draining: bool
    needs_engine: bool
    in_flight: int
    flights: int
    config_version: str
    config_failed: bool
    engine_known: bool
    stores: dict[str, int | str]
    statistics: Callable[[], Statistics]


class AdminPlane:
    """The handlers of the admin plane.

    Args:
        token: bearer token of everything but health, metrics and the console's page; None when
            nobody but this machine can connect.
    """

    def __init__(
        self,
        *,
        pipeline: Pipeline,
        purges: Purges,
        store: ExactStore,
        engine: Engine,
        account: Account,
        hasher: TenantHasher,
        status: Callable[[], Status],
        drain: Callable[[], None],
        token: str | None,
    ) -> None:
        self._pipeline = pipeline
        self._purges = purges
        self._store = store
        self._engine = engine
        self._account = account
        self._hasher = hasher
        self._status = status
        self._drain = drain
        self._token = token
        self._gauges = {
            name: account.gauge(f"llmcache_{name}", text)
            for name, text in (
                ("in_flight_requests", "Requests being worked on."),
                ("open_flights", "Inferences that other requests may join."),
                ("draining", "1 while clients are asked to leave."),
                ("engine_known", "1 when it is known what the engine runs."),
                ("config_reload_failed", "1 while the newest configuration is of no use."),
            )
        }
        self._store_gauge = account.gauge("llmcache_store", "Sizes of the stores.", ("figure",))
        self._config = account.gauge("llmcache_config_info", "The configuration.", ("version",))

    def application(self) -> web.Application:
        """The aiohttp application."""
        app = web.Application(middlewares=[self._guard], client_max_size=_MAX_BODY)
        app.add_routes(
            [
                web.get("/", self._console),
                web.get("/livez", self._live),
                web.get("/readyz", self._ready),
                web.get("/metrics", self._metrics),
                web.get("/engine/metrics", self._engine_metrics),
                web.get("/admin/v1/stats", self._stats),
                web.post("/admin/v1/explain", self._explain),
                web.get("/admin/v1/entries", self._list),
                web.delete("/admin/v1/entries", self._purge),
                web.get("/admin/v1/entries/{id}", self._show),
                web.delete("/admin/v1/entries/{id}", self._purge_entry),
                web.post("/admin/v1/feedback", self._feedback),
                web.post("/admin/v1/tenant", self._tenant),
                web.post("/admin/v1/drain", self._begin_drain),
            ]
        )
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if self._token is not None and request.path not in _OPEN:
            given = credential_of(request.headers.get("Authorization", ""), "")
            if not hmac.compare_digest(given.encode(), self._token.encode()):
                return problem(401, "the admin plane takes `Authorization: Bearer` with its token")
        try:
            return await handler(request)
        except StoreError as error:
            return problem(503, f"the store did not do it: {error}")
        except BadRequest as error:
            return problem(400, str(error))

    # Health and metrics.

    async def _live(self, _: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _ready(self, _: web.Request) -> web.Response:
        status = self._status()
        if status.draining:
            return web.Response(status=503, text="draining\n")
        if not status.needs_engine:
            return web.Response(text="ok\n")
        try:
            async with self._engine.send(EngineRequest("GET", "/health", [])) as answer:
                if answer.status >= 500:
                    return web.Response(status=503, text=f"the engine says {answer.status}\n")
        except EngineError as error:
            return web.Response(status=503, text=f"{error}\n")
        return web.Response(text="ok\n")

    async def _metrics(self, _: web.Request) -> web.Response:
        status = self._status()
        for name, value in (
            ("in_flight_requests", status.in_flight),
            ("open_flights", status.flights),
            ("draining", status.draining),
            ("engine_known", status.engine_known),
            ("config_reload_failed", status.config_failed),
        ):
            self._gauges[name].set(int(value))
        for figure, size in status.stores.items():
            if isinstance(size, int):
                self._store_gauge.labels(figure).set(size)
        self._config.clear()
        self._config.labels(status.config_version).set(1)
        return web.Response(
            body=generate_latest(self._account.registry),
            headers={"Content-Type": CONTENT_TYPE_LATEST},
        )

    async def _engine_metrics(self, request: web.Request) -> web.StreamResponse:
        """The engine's own, which listens on loopback only in a pod."""
        try:
            async with self._engine.send(EngineRequest("GET", "/metrics", [])) as answer:
                response = web.StreamResponse(
                    status=answer.status,
                    headers=passed_headers(answer.headers, "", keep_length=True),
                )
                await response.prepare(request)
                async for chunk in answer.chunks():
                    await response.write(chunk)
                return response
        except EngineError as error:
            return problem(502, str(error))

    async def _stats(self, _: web.Request) -> web.Response:
        return web.Response(
            text=self._status().statistics().model_dump_json(by_alias=True, indent=2),
            content_type="application/json",
        )

    # Entries and purges.

    async def _list(self, request: web.Request) -> web.Response:
        """Entries that a purge with the same query would name."""
        purge = read_purge(request.query, everything=True)
        limit = _number(request.query, "limit", _PAGE, 10_000)
        entries: list[dict[str, Any]] = []
        examined = 0
        async for meta in self._store.scan():
            if len(entries) >= limit or examined >= _EXAMINED:
                break
            examined += 1
            if names(purge, meta) and not self._purges.is_dead(meta):
                entries.append(show(meta))
        return answer({"entries": entries, "examined": examined})

    async def _show(self, request: web.Request) -> web.Response:
        meta = await self._store.find(request.match_info["id"])  # type: ignore[arg-type]
        if meta is None or self._purges.is_dead(meta):
            return problem(404, "there is no entry with this id")
        return answer(show(meta))

    async def _purge(self, request: web.Request) -> web.Response:
        purge = read_purge(request.query, everything=False)
        return await self._run_purge(purge, request)

    async def _purge_entry(self, request: web.Request) -> web.Response:
        return await self._run_purge(Purge(PurgeScope.ENTRY, request.match_info["id"]), request)

    async def _run_purge(self, purge: Purge, request: web.Request) -> web.Response:
        dry_run = _flag(request.query, "dryRun")
        report = await self._purges.purge(purge, dry_run=dry_run)
        if not dry_run:
            self._account.count("purges")
        return answer(show_report(purge, report))

    async def _feedback(self, request: web.Request) -> web.Response:
        """This hit was wrong: the entry goes, everywhere."""
        body = await read_json(request)
        entry, verdict = body.get("entry"), body.get("verdict", "wrong")
        if type(entry) is not str or not entry:
            raise BadRequest("`entry` takes the id that the LLMCache-Entry header gave")
        if verdict != "wrong":
            raise BadRequest("`verdict` takes wrong")
        purge = Purge(PurgeScope.ENTRY, entry)
        report = await self._purges.purge(purge)
        self._account.count("feedback_wrong")
        return answer(show_report(purge, report))

    async def _tenant(self, request: web.Request) -> web.Response:
        """The tenant id of a request with these headers and this body: what a purge by tenant
        takes."""
        call = self._call(request, await read_json(request))
        return answer({"tenant": (await self._pipeline.explain(call)).tenant})

    # Explain.

    async def _explain(self, request: web.Request) -> web.Response:
        call = self._call(request, await read_json(request))
        decision = await self._pipeline.explain(call)
        found = decision.found
        return answer(
            {
                "action": decision.action.value,
                "outcome": decision.outcome.value,
                "details": list(decision.details),
                "tenant": decision.tenant,
                "fingerprint": decision.fingerprint,
                "temperature": decision.temperature,
                "key": None if decision.key is None else decision.key.hex(),
                "entry": None if found is None else show(found.meta),
                "steps": [
                    {"step": step.name, "result": step.result} for step in decision.trace or ()
                ],
            }
        )

    def _call(self, request: web.Request, document: dict[str, Any]) -> Call:
        """`{"route": ..., "headers": {...}, "body": {...}}`, or a chat body as it is."""
        route = "/v1/chat/completions"
        headers: Any = {}
        body: Any = document
        if "body" in document:
            route = document.get("route", route)
            headers, body = document.get("headers", {}), document["body"]
        route, _, query = str(route).partition("?")
        if route not in ROUTES:
            raise BadRequest(f"`route` takes one of {', '.join(ROUTES)}")
        if type(headers) is not dict or not all(type(v) is str for v in headers.values()):
            raise BadRequest("`headers` takes names with texts")
        raw = body.encode() if type(body) is str else orjson.dumps(body)
        given: CIMultiDict[str] = CIMultiDict(headers)
        return Call(
            api=ROUTES[route],
            target=route,
            query=query,
            body=raw,
            credential=credential_of(given.get("Authorization", ""), given.get("X-Api-Key", "")),
            cache_control=given.get("Cache-Control", ""),
            tags=given.get("LLMCache-Tags", ""),
            request_id=given.get("X-Request-Id"),
            headers=given,
            forward=list,
            record=Record(ROUTES[route]),
        )

    async def _begin_drain(self, _: web.Request) -> web.Response:
        self._drain()
        return answer({"draining": True})

    async def _console(self, _: web.Request) -> web.Response:
        page = resources.files(__package__).joinpath("console.html").read_text("utf-8")
        return web.Response(text=page, content_type="text/html")


class BadRequest(ValueError):
    """The caller can mend it; the message says how."""


def read_purge(query: Mapping[str, str], *, everything: bool) -> Purge:
    """What a query names: exactly one of tag, tenant, model, or all=true.

    Args:
        everything: naming nothing means all (for lists); a purge must say `all=true`.
    """
    named = [
        Purge(scope, query[scope.value])
        for scope in (PurgeScope.TAG, PurgeScope.TENANT, PurgeScope.MODEL)
        if query.get(scope.value)
    ]
    if _flag(query, "all"):
        named.append(Purge(PurgeScope.ALL))
    if not named and everything:
        return Purge(PurgeScope.ALL)
    if len(named) != 1:
        raise BadRequest("name exactly one of tag=, tenant=, model= or all=true")
    return named[0]


def show(meta: EntryMeta) -> dict[str, Any]:
    """An entry for people; never its prompt or answer."""
    return {
        "id": meta.id,
        "api": meta.api.value,
        "model": meta.model,
        "tenant": meta.tenant,
        "tags": list(meta.tags),
        "form": meta.form.value,
        "createdAt": meta.created_at,
        "expiresAt": meta.expires_at,
        "bytes": meta.body_bytes,
        "promptTokens": meta.prompt_tokens,
        "completionTokens": meta.completion_tokens,
        "engineSeconds": round(meta.engine_seconds, 4),
        "key": meta.key.hex(),
    }


def show_report(purge: Purge, report: PurgeReport) -> dict[str, Any]:
    """What a purge did, for people."""
    return {
        "scope": purge.scope.value,
        "value": purge.value,
        "dryRun": report.position is None,
        "matched": report.matched,
        "examined": report.examined,
        "complete": report.complete,
        "removed": report.removed,
        "position": report.position,
    }


async def read_json(request: web.Request) -> dict[str, Any]:
    """The body as a JSON object."""
    try:
        return parse_object(await request.read())
    except Unparsable as error:
        raise BadRequest(f"the body takes a JSON object: {error}") from None


def _flag(query: Mapping[str, str], name: str) -> bool:
    value = query.get(name, "false").lower()
    if value not in ("true", "false", "1", "0", ""):
        raise BadRequest(f"`{name}` takes true or false")
    return value in ("true", "1", "") and name in query


def _number(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= most:
        raise BadRequest(f"`{name}` takes a number from 1 to {most}")
    return int(text)


def answer(document: dict[str, Any]) -> web.Response:
    """A JSON answer."""
    return web.Response(body=orjson.dumps(document), content_type="application/json")


def problem(status: int, message: str) -> web.Response:
    """An error that says what to do."""
    return web.Response(
        status=status,
        body=orjson.dumps({"error": {"code": status, "message": message}}),
        content_type="application/json",
    )
