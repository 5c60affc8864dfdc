"""The data plane: what clients talk to."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Final
from urllib.parse import unquote

import orjson
from aiohttp import web
from aiohttp.http import HttpVersion11, RawRequestMessage
from multidict import istr

from llmcache_api import AuthMode

from ..apis.dialect import openai_error
from ..apis.registry import DIALECTS
from ..domain.api import ROUTES, Api
from ..domain.outcome import Outcome, Record
from ..keys.tenant import TenantHasher
from ..pipeline.engine.key_gate import Verdict
from ..pipeline.engine.profile import EngineProfile
from ..pipeline.pipeline import Pipeline
from ..pipeline.request import cache_status
from ..pipeline.request.call import Answer, Asked, Call, Flowing, Hit, PassOn, Whole
from ..pipeline.request.refusing import ENGINE_GONE, NO_KEY, NOT_CACHED
from ..policy.wishes import read_wishes
from ..ports.engine import EngineError
from ..ports.journal import Journal
from .asking import CACHE_CONTROL, CONTENT_ENCODING, caller_key, is_plain_json, listed, said
from .forward import Forwarder, break_off
from .heads import close_after, hit_head, hit_headers, passed_headers
from .wire import (
    PreparedResponse,
    TooLong,
    can_send,
    continue_if_expected,
    date_line,
    read_body,
)

OPEN_ROUTES: Final = frozenset({"/health", "/ping", "/version"})
"""What anybody may ask without a key."""
ADAPTER_ROUTES: Final = frozenset({"/v1/load_lora_adapter", "/v1/unload_lora_adapter"})
"""What changes the models that the engine serves."""
_KEY_PROBE: Final = "/v1/models"

_UPGRADE: Final = istr("Upgrade")

_log = logging.getLogger(__name__)

AdapterChanged = Callable[[str], Awaitable[None]]
"""Told the name of an adapter that was loaded or unloaded."""


class DataPlane:
    """Turns HTTP requests into calls, and answers into HTTP.

    Attributes:
        draining: lame duck: everything is still answered, and every client is asked to leave.
        in_flight: requests being worked on.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        forwarder: Forwarder,
        profile: EngineProfile,
        hasher: TenantHasher,
        journal: Journal,
        adapter_changed: AdapterChanged,
        cacheable_body: int,
    ) -> None:
        self._pipeline = pipeline
        self._forwarder = forwarder
        self._profile = profile
        self._hasher = hasher
        self._journal = journal
        self._adapter_changed = adapter_changed
        self.cacheable_body = cacheable_body
        self._changing: set[asyncio.Task[Whole]] = set()
        self.draining = False
        self.in_flight = 0

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        path, _, query = request.raw_path.partition("?")
        self.in_flight += 1
        try:
            if not path.startswith("/"):
                # An absolute URL, an authority or an asterisk: proxies get those, this is none.
                return self._error(None, 400, "the request's target must be a path", "target")
            api = ROUTES.get(path) if request.method == "POST" else None
            if api is None:
                return await self._pass_through(request, path)
            return await self._cached_route(request, api, query)
        finally:
            self.in_flight -= 1

    def at_once(self, message: RawRequestMessage, body: bytes) -> bytes | None:
        """The whole answer to a request that was a hit before and is one again, where nothing has to
        be waited for; None = `handle` it."""
        started = time.perf_counter()
        path, _, query = message.path.partition("?")
        api = ROUTES.get(path)
        if (
            api is None
            or message.method != "POST"
            or message.should_close
            or message.version != HttpVersion11
            or self.draining
            or self._pipeline.repeats_nothing
            or len(body) > self.cacheable_body
            or not is_plain_json(message.headers)
        ):
            return None
        repeat = self._pipeline.repeat(
            Asked(api, message.path, query, *said(message.headers, body))
        )
        if repeat is None:
            return None
        answer = _on_the_wire(repeat.hit)
        record = repeat.record
        record.first_byte_s = record.total_s = time.perf_counter() - started
        self._journal.finished(record)
        return answer

    # Cached routes.

    async def _cached_route(
        self, request: web.BaseRequest, api: Api, query: str
    ) -> web.StreamResponse:
        started = time.perf_counter()
        record = Record(api)
        try:
            body = await read_body(request, self.cacheable_body)
            headers = request.headers
            if isinstance(body, TooLong) or not is_plain_json(headers):
                return await self._uncached(request, record, body, started)
            call = Call(
                api,
                request.raw_path,
                query,
                *said(headers, body),
                forward=partial(self._forwarder.headers, request),
                record=record,
            )
            if (repeat := self._pipeline.repeat(call)) is not None:
                call.record = record = repeat.record
                return await self._send(request, repeat.hit, call, started)
            answer = await self._pipeline.answer(call)
            return await self._send(request, answer, call, started)
        finally:
            record.total_s = time.perf_counter() - started
            self._journal.finished(record)

    async def _send(
        self, request: web.BaseRequest, answer: Answer, call: Call, started: float
    ) -> web.StreamResponse:
        record = call.record
        match answer:
            case Hit():
                record.status = 200
                response = self._hit(request, answer)
                record.first_byte_s = time.perf_counter() - started
                return response
            case Whole():
                record.status = answer.status
                record.first_byte_s = time.perf_counter() - started
                return self._forwarder.whole(request, answer, self.draining)
            case Flowing():
                return await self._flow(request, answer, record, started)
            case PassOn():
                return await self._pass_on(request, answer, record, started)

    def _hit(self, request: web.BaseRequest, hit: Hit) -> web.StreamResponse:
        if self.draining or not can_send(request):
            response = web.Response(status=200, headers=hit_headers(hit), body=hit.body)
            close_after(response, self.draining)
            return response
        return PreparedResponse(_on_the_wire(hit))

    async def _flow(
        self, request: web.BaseRequest, answer: Flowing, record: Record, started: float
    ) -> web.StreamResponse:
        record.status = answer.status
        response = web.StreamResponse(
            status=answer.status,
            reason=answer.reason,
            headers=passed_headers(answer.headers, answer.cache_status, keep_length=False),
        )
        close_after(response, self.draining)
        try:
            await response.prepare(request)
            async for data in answer.rider:
                if record.first_byte_s is None:
                    record.first_byte_s = time.perf_counter() - started
                await response.write(data)
        except EngineError:
            record.outcome = Outcome.ERROR
            self._profile.lost()
            break_off(request)
        finally:
            answer.rider.leave()
        return response

    async def _pass_on(
        self,
        request: web.BaseRequest,
        answer: PassOn,
        record: Record,
        started: float,
    ) -> web.StreamResponse:
        def on_head(status: int) -> None:
            record.status = status
            record.first_byte_s = time.perf_counter() - started
            self._pipeline.gate.engine_said(answer.credential, status)

        try:
            return await self._forwarder.pass_on(
                request, answer.body, answer.cache_status, self.draining, on_head
            )
        except EngineError as error:
            return self._engine_gone(error, record, record.api)

    async def _uncached(
        self, request: web.BaseRequest, record: Record, body: bytes | TooLong, started: float
    ) -> web.StreamResponse:
        """A body that is too long to look at, compressed, or not JSON: still checked, not read."""
        credential, verdict = self._judge(request)
        if verdict is Verdict.REFUSED:
            record.outcome, record.detail, record.status = Outcome.REFUSED, "key", 401
            return self._refuse_key(record.api)
        detail = "content-type"
        if isinstance(body, TooLong):
            detail = "too-large"
        elif CONTENT_ENCODING in request.headers:
            detail = "content-encoding"
        if read_wishes(listed(request.headers, CACHE_CONTROL)).only_if_cached:
            detail = "only-if-cached"
            record.outcome, record.detail, record.status = Outcome.REFUSED, detail, 504
            return self._error(record.api, 504, NOT_CACHED, detail)
        record.outcome, record.detail = Outcome.BYPASS, detail

        def on_head(status: int) -> None:
            record.status = status
            record.first_byte_s = time.perf_counter() - started
            self._pipeline.gate.engine_said(credential, status)

        if isinstance(body, TooLong):
            await continue_if_expected(request)
        parts = body.parts() if isinstance(body, TooLong) else body
        status = cache_status.bypass((detail,))
        try:
            return await self._forwarder.pass_on(request, parts, status, self.draining, on_head)
        except EngineError as error:
            return self._engine_gone(error, record, record.api)

    # Everything else.

    async def _pass_through(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        if path not in OPEN_ROUTES:
            verdict = await self._verdict(request, path)
            if verdict is Verdict.REFUSED:
                return self._refuse_key(None)
            if verdict is Verdict.UNKNOWN:
                # The route itself lets everybody in, so without a verdict nobody gets there.
                message = "the engine does not say whether this key is good; try again"
                return self._error(None, 503, message, "key")
        if request.headers.get(_UPGRADE, "").lower() == "websocket":
            return self._error(None, 501, "WebSockets are not passed on: use HTTP", "upgrade")
        parts: AsyncIterator[bytes] | None = None
        # The engine reads escapes as what they stand for.
        if unquote(path) in ADAPTER_ROUTES:
            body = await read_body(request, self.cacheable_body)
            if not isinstance(body, TooLong):
                return await self._change_adapter(request, body)
            parts = body.parts()
        elif request.body_exists:
            await continue_if_expected(request)
            parts = request.content.iter_any()
        try:
            return await self._forwarder.pass_on(request, parts, "", self.draining, lambda _: None)
        except EngineError as error:
            return self._engine_gone(error, None, None)

    async def _change_adapter(self, request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        """Goes to its end even if the client leaves: the engine loads the adapter all the same."""
        changing = asyncio.create_task(self._changed_adapter(request, body))
        self._changing.add(changing)
        changing.add_done_callback(self._changing.discard)
        changing.add_done_callback(_look_at_outcome)
        try:
            answer = await asyncio.shield(changing)
        except EngineError as error:
            return self._engine_gone(error, None, None)
        return self._forwarder.whole(request, answer, self.draining)

    async def _changed_adapter(self, request: web.BaseRequest, body: bytes) -> Whole:
        """What the engine said to it. Before the client learns of it the old answers are void: its
        next request must not meet them."""
        name = _adapter_name(body)
        status = 200  # an engine that broke off may have done it
        try:
            answer = await self._forwarder.fetch(request, body)
            status = answer.status
        finally:
            if name is not None and 200 <= status < 300:
                await self._adapter_changed(name)
        return answer

    async def _verdict(self, request: web.BaseRequest, path: str) -> Verdict:
        """Whether the caller may pass. The engine itself judges keys under /v1 when it is the
        judge; its other routes it leaves open, so it is asked on their behalf."""
        credential, verdict = self._judge(request)
        gate = self._pipeline.gate
        if verdict is not Verdict.UNKNOWN:
            return verdict
        if gate.mode is AuthMode.UPSTREAM and _is_guarded(path):
            return Verdict.ACCEPTED
        return await gate.ask(credential, caller_key(request.headers), _KEY_PROBE)

    def _judge(self, request: web.BaseRequest) -> tuple[bytes, Verdict]:
        credential = self._hasher.credential(caller_key(request.headers))
        return credential, self._pipeline.gate.judge(credential)

    def _refuse_key(self, api: Api | None) -> web.Response:
        return self._error(api, 401, NO_KEY, "key")

    def _engine_gone(
        self, error: EngineError, record: Record | None, api: Api | None
    ) -> web.Response:
        _log.warning("%s", error)
        self._profile.lost()
        if record is not None:
            record.outcome, record.status = Outcome.ERROR, 502
        return self._error(api, 502, ENGINE_GONE, "engine")

    def _error(self, api: Api | None, status: int, message: str, detail: str) -> web.Response:
        shape = DIALECTS[api].error if api is not None else openai_error
        response = web.Response(
            status=status,
            headers={"Cache-Status": cache_status.refused(detail), "Server": "llmcache"},
            body=orjson.dumps(shape(status, message)),
            content_type="application/json",
        )
        close_after(response, self.draining)
        return response


def _on_the_wire(hit: Hit) -> bytes:
    return b"".join((hit_head(hit, len(hit.body)), date_line(time.time()), hit.body))


def _is_guarded(path: str) -> bool:
    """Whether the engine checks keys there itself. Whatever stands between may read a path with dots
    or escapes as another one."""
    return path.startswith("/v1/") and ".." not in path and "%" not in path


def _look_at_outcome(task: asyncio.Task[Whole]) -> None:
    """Who asked may have left, and nobody else looks."""
    if not task.cancelled():
        task.exception()


def _adapter_name(body: bytes) -> str | None:
    try:
        document = json.loads(body)  # as the engine does, NaN and all
    except ValueError:
        return None
    name = document.get("lora_name") if type(document) is dict else None
    return name if type(name) is str else None
