"""Explain: what would become of a request, without sending, counting or storing anything."""

from __future__ import annotations

import orjson
from aiohttp import web
from multidict import CIMultiDict

from ...domain.api import ROUTES, Api
from ...domain.outcome import Record
from ...keys.lossless import Unparsable, parse_object
from ...pipeline.pipeline import Pipeline
from ...pipeline.request.call import Call
from ..asking import said
from .models import ChatBody, Explainable, Explained, ShownTenant
from .queries import read_model
from .routes import BadRequest, Route, answer

_CHAT = "/v1/chat/completions"


class Explain:
    """The handlers."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    def routes(self) -> tuple[Route, ...]:
        """This room's routes."""
        bodies = (Explainable, ChatBody)
        return (
            Route("POST", "/admin/v1/explain", "explain", self._explain,
                  "What would become of a request, and why. Nothing is sent, counted or stored.",
                  Explained, body=bodies, problems=(400,)),
            Route("POST", "/admin/v1/tenant", "tenant", self._tenant,
                  "The tenant id of a request with these headers and this body.", ShownTenant,
                  body=bodies, problems=(400,)),
        )  # fmt: skip

    async def _explain(self, request: web.Request) -> web.Response:
        return answer(Explained.of(await self._pipeline.explain(read_call(await request.read()))))

    async def _tenant(self, request: web.Request) -> web.Response:
        decision = await self._pipeline.explain(read_call(await request.read()))
        return answer(ShownTenant(tenant=decision.tenant))


def read_call(raw: bytes) -> Call:
    """`{"route": ..., "headers": {...}, "body": ...}`, or a chat body as it is."""
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"the body takes a JSON object: {error}") from None
    if type(document) is not dict:
        raise BadRequest("the body takes a JSON object: a chat body, or {route, headers, body}")
    if "body" not in document:
        if wrong := document.keys() & {"route", "headers"}:
            raise BadRequest(f"`body` is required beside `{min(wrong)}`; takes an object or a text")
        return make_call(_CHAT, "", {}, raw)
    try:
        parse_object(raw)
    except Unparsable as error:
        raise BadRequest(
            f"{error}; write `body` as a JSON string to have it taken byte for byte"
        ) from None
    route = document.get("route")
    if type(route) is str and "?" in route and "query" not in document:
        document["route"], _, document["query"] = route.partition("?")
    given = read_model(Explainable, document)
    body = given.body
    return make_call(
        given.route,
        given.query,
        given.headers,
        body.encode() if isinstance(body, str) else orjson.dumps(body),
    )


def make_call(route: str, query: str, headers: dict[str, str], body: bytes) -> Call:
    """The request as the data plane would hand it over."""
    api: Api = ROUTES[route]
    target = f"{route}?{query}" if query else route
    given: CIMultiDict[str] = CIMultiDict(headers)
    return Call(api, target, query, *said(given, body), forward=list, record=Record(api))
