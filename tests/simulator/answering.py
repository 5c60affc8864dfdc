"""Sending an answer at the engine's pace, or in the way that a fault says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

import orjson
from aiohttp import HttpVersion11, web

from tests.simulator import fields
from tests.simulator.apis import Api
from tests.simulator.asking import Asked
from tests.simulator.engine import Engine
from tests.simulator.errors import ApiError, UnsupportedMedia
from tests.simulator.faults import NOTHING, Fault
from tests.simulator.job import Event, Generation

JSON = "application/json"
SSE = "text/event-stream; charset=utf-8"
HTML = "text/html"
PAGE = b"<!DOCTYPE html><title>Bad gateway</title><h1>Bad gateway</h1>"
SERVER = {"server": "uvicorn"}
COMMON = {**SERVER, "vary": "Origin"}
PREFLIGHT = {
    **SERVER,
    "vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers, "
    "Access-Control-Request-Private-Network",
    "access-control-allow-methods": "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT, QUERY",
    "access-control-max-age": "600",
    "content-type": "text/plain; charset=utf-8",
}
FOREVER_S = 3600
ENGINE_FAILED = ApiError("EngineCore encountered an issue", status=500, kind="InternalServerError")


def reply(
    body: bytes,
    *,
    status: int = 200,
    content_type: str | None = JSON,
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    every = {**COMMON, **(headers or {})}
    if content_type:
        every["content-type"] = content_type
    return web.Response(body=body, status=status, headers=every)


def unauthorized() -> web.Response:
    """From before the CORS layer, hence without its header."""
    headers = {**SERVER, "content-type": JSON}
    return web.Response(body=b'{"error":"Unauthorized"}', status=401, headers=headers)


def refused_preflight() -> web.Response:
    return web.Response(body=b"Disallowed CORS origin", status=400, headers=PREFLIGHT)


def error_reply(error: ApiError, api: Api | None = None) -> web.Response:
    return reply(api.error_body(error) if api else error.body(), status=error.status)


async def instead(request: web.Request, fault: Fault, api: Api | None) -> web.StreamResponse | None:
    """What a fault puts in the answer's place before the engine is asked, or None."""
    if fault.delay_ms:
        await asyncio.sleep(fault.delay_ms / 1000)
    if fault.hang:
        await asyncio.sleep(FOREVER_S)
    if fault.close:
        hang_up(request)
        return reply(b"")
    if fault.status is not None:
        kind = "InternalServerError" if fault.status == 500 else ""
        message = f"Injected failure with status {fault.status}"
        answer = error_reply(ApiError(message, status=fault.status, kind=kind), api)
        if fault.retry_after is not None:
            answer.headers["retry-after"] = str(fault.retry_after)
        return answer
    if fault.html:
        return reply(PAGE, content_type=HTML)
    if fault.empty:
        return reply(b"", content_type=fault.content_type or JSON)
    return None


def hang_up(request: web.Request) -> None:
    """Close the connection after what was written so far, with no proper end."""
    if request.transport is not None:
        request.transport.close()


class Sender:
    """Sends one generated answer."""

    def __init__(self, engine: Engine, api: Api, request: web.Request, fault: Fault) -> None:
        self.engine = engine
        self.api = api
        self.request = request
        self.fault = fault
        self.started = engine.clock()

    @property
    def instant(self) -> bool:
        return self.engine.instant and self.fault is NOTHING and self.engine.awake.is_set()

    async def send(self, asked: Asked, generation: Generation) -> web.StreamResponse:
        if self.instant:
            first = self.engine.clock()
            answer = await self.at_once(asked, generation)
            self.engine.finished(generation, self.started, first)
            return answer
        try:
            if asked.stream:
                return await self.stream(asked, generation)
            return await self.whole(asked, generation)
        except asyncio.CancelledError:
            self.engine.metrics.finished["abort"] += 1
            raise

    async def at_once(self, asked: Asked, generation: Generation) -> web.StreamResponse:
        if not asked.stream:
            return reply(self.api.whole(asked, generation))
        events = self.api.events(asked, generation)
        return await self.stream_bytes(b"".join(event.data for event in events))

    async def stream_bytes(self, data: bytes, *, cut: bool = False) -> web.StreamResponse:
        """A stream that is known from the start."""
        answer = await self.begin_stream()
        await answer.write(data)
        if cut:
            hang_up(self.request)
        else:
            await answer.write_eof()
        return answer

    async def begin_stream(self) -> web.StreamResponse:
        headers = {**COMMON, "content-type": self.fault.content_type or SSE}
        answer = web.StreamResponse(headers=headers)
        if self.request.version >= HttpVersion11:
            answer.enable_chunked_encoding()
        else:
            answer.force_close()  # the end of the connection is the end of the answer
        await answer.prepare(self.request)
        return answer

    async def whole(self, asked: Asked, generation: Generation) -> web.StreamResponse:
        blocks = await self.engine.enter(generation)
        try:
            await asyncio.sleep(self.engine.prefill_s(generation))
            first = self.engine.clock()
            for _ in range(max(choice.tokens for choice in generation.choices) - 1):
                if not (pause := self.pause_s()):
                    break
                await asyncio.sleep(pause)
        finally:
            self.engine.leave(blocks)
        self.engine.finished(generation, self.started, first)
        body = self.api.whole(asked, generation)
        if self.fault.malformed_json:
            body = body[: len(body) // 2]
        if self.fault.wrong_length or self.fault.cut_after is not None:
            return await self.half(body)
        return reply(body, content_type=self.fault.content_type or JSON)

    async def half(self, body: bytes) -> web.StreamResponse:
        """Half of what Content-Length promises."""
        answer = web.StreamResponse(headers={**COMMON, "content-type": JSON})
        answer.content_length = len(body)
        await answer.prepare(self.request)
        await answer.write(body[: len(body) // 2])
        hang_up(self.request)
        return answer

    def pause_s(self) -> float:
        if self.fault.slow_ms is not None:
            return self.fault.slow_ms / 1000
        milliseconds = self.engine.config.itl_ms
        return self.engine.jittered(milliseconds) if milliseconds else 0.0

    async def stream(self, asked: Asked, generation: Generation) -> web.StreamResponse:
        answer = await self.begin_stream()
        events = list(self.api.events(asked, generation))
        if self.fault.no_terminal:
            events.pop()
        for event in events[: self.api.early_events]:
            await answer.write(event.data)
        blocks = await self.engine.enter(generation)
        try:
            await asyncio.sleep(self.engine.prefill_s(generation))
            first = self.engine.clock()
            complete = await self.paced(answer, events)
        finally:
            self.engine.leave(blocks)
        if complete:
            self.engine.finished(generation, self.started, first)
            await answer.write_eof()
        return answer

    async def paced(self, answer: web.StreamResponse, events: Iterable[Event]) -> bool:
        """Write the events; False when a fault has broken the stream off."""
        fault = self.fault
        begun = False
        for number, event in enumerate(events):
            if number == fault.cut_after:
                hang_up(self.request)
                return False
            if number == fault.hang_after:
                await asyncio.sleep(FOREVER_S)
            if number == fault.midstream_error:
                data, cut = self.api.stream_error(ENGINE_FAILED)
                await answer.write(data)
                if cut:
                    hang_up(self.request)
                return not cut
            if number == fault.malformed_sse:
                await answer.write(b'data: {"id": "broken", "choices": [{\n\n')
            if number < self.api.early_events:
                continue
            if event.tokens and begun and (pause := self.pause_s()):
                await asyncio.sleep(pause)
            begun = begun or bool(event.tokens)
            await answer.write(event.data)
        return True


async def read_json(request: web.Request) -> fields.Body:
    raw = await request.read()
    if request.headers.get("Content-Type", "").split(";")[0].strip().lower() != JSON:
        raise UnsupportedMedia
    return fields.parse(raw)


def json_reply(value: object, *, status: int = 200) -> web.Response:
    return reply(orjson.dumps(value), status=status)
