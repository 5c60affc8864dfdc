"""The routes that generate nothing, and the simulator's own control routes below /sim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from tests.simulator import apis, asking, embeddings, faults, fields, messages, responses, tokens
from tests.simulator.answering import error_reply, instead, json_reply, read_json, reply
from tests.simulator.config import VLLM_VERSION
from tests.simulator.errors import ApiError, Invalid
from tests.simulator.faults import NOTHING

if TYPE_CHECKING:
    from tests.simulator.server import Simulator

TEXT = "text/plain; charset=utf-8"
METRICS = "text/plain; version=1.0.0; charset=utf-8"


class PlainRoutes:
    def __init__(self, simulator: Simulator) -> None:
        self.sim = simulator
        self.engine = simulator.engine

    async def health(self, request: web.Request) -> web.Response:
        return reply(b"", content_type=None)

    async def load(self, request: web.Request) -> web.Response:
        return json_reply({"server_load": self.engine.running + self.engine.waiting})

    async def version(self, request: web.Request) -> web.Response:
        return json_reply({"version": VLLM_VERSION})

    async def models(self, request: web.Request) -> web.Response:
        return json_reply(self.sim.models.page())

    async def metrics(self, request: web.Request) -> web.Response:
        return reply(self.engine.metrics_page().encode(), content_type=METRICS)

    async def tokenize(self, request: web.Request) -> web.Response:
        body = await read_json(request)
        asking.model_of(self.sim.context(request), body)
        if "messages" in body:
            text = asking.render(asking.messages_of(body))
        elif (prompt := fields.string(body, "prompt")) is not None:
            text = prompt
        else:
            raise Invalid(fields.missing(body, "prompt"), fields.missing(body, "messages"))
        pieces = tokens.split(text)
        return json_reply(
            {
                "count": len(pieces),
                "max_model_len": self.sim.config.max_model_len,
                "tokens": tokens.identify(pieces),
                "token_strs": pieces if fields.boolean(body, "return_token_strs") else None,
            }
        )

    async def detokenize(self, request: web.Request) -> web.Response:
        body = await read_json(request)
        asking.model_of(self.sim.context(request), body)
        if "tokens" not in body:
            raise Invalid(fields.missing(body, "tokens"))
        return json_reply({"prompt": tokens.join(body["tokens"])})

    async def embeddings(self, request: web.Request) -> web.StreamResponse:
        fault = self.sim.fault_for(request)
        if fault is not NOTHING and (answer := await instead(request, fault, None)):
            return answer
        return reply(embeddings.answer(self.sim.context(request), await read_json(request)))

    async def count_tokens(self, request: web.Request) -> web.Response:
        try:
            body = await read_json(request)
            return reply(messages.count_tokens(self.sim.context(request), body))
        except ApiError as error:
            return error_reply(error, apis.MESSAGES)

    async def invocations(self, request: web.Request) -> web.StreamResponse:
        body = await read_json(request)
        if "messages" in body:
            return await self.sim.generate(apis.CHAT, request)
        if "prompt" in body:
            return await self.sim.generate(apis.COMPLETIONS, request)
        return await self.embeddings(request)

    async def stored_response(self, request: web.Request) -> web.Response:
        raise responses.not_found(request.match_info["response_id"])

    async def load_adapter(self, request: web.Request) -> web.Response:
        body = await read_json(request)
        name, path = fields.string(body, "lora_name"), fields.string(body, "lora_path")
        in_place = fields.boolean(body, "load_inplace")
        done = self.sim.models.load(name or "", path or "", in_place=in_place)
        return reply(done.encode(), content_type=None)

    async def unload_adapter(self, request: web.Request) -> web.Response:
        name = fields.string(await read_json(request), "lora_name")
        return reply(self.sim.models.unload(name or "").encode(), content_type=None)

    async def sleep(self, request: web.Request) -> web.Response:
        self.engine.awake.clear()
        self.engine.prefix_cache.clear()
        return json_reply({"status": "sleeping", "level": int(request.query.get("level", 1))})

    async def wake_up(self, request: web.Request) -> web.Response:
        self.engine.awake.set()
        return json_reply({"status": "awake", "tags": request.query.getall("tags", None)})

    async def is_sleeping(self, request: web.Request) -> web.Response:
        return json_reply({"is_sleeping": not self.engine.awake.is_set()})

    async def reset_prefix_cache(self, request: web.Request) -> web.Response:
        self.engine.prefix_cache.clear()
        return reply(b"", content_type=None)

    async def set_fault(self, request: web.Request) -> web.Response:
        """PUT /sim/fault?rate=0.1 with a fault in the body; an empty one ends it."""
        try:
            self.sim.fault = faults.parse((await request.read()).decode())
        except ValueError as error:
            return reply(str(error).encode(), status=400, content_type=TEXT)
        self.sim.fault_rate = float(request.query.get("rate", 1))
        return reply(b"", content_type=None)

    async def set_revision(self, request: web.Request) -> web.Response:
        self.engine.revision = (await request.read()).decode()
        return reply(b"", content_type=None)

    async def count_requests(self, request: web.Request) -> web.Response:
        """Requests by path (those that are still remembered)."""
        counts: dict[str, int] = {}
        for seen in self.sim.requests:
            counts[seen.path] = counts.get(seen.path, 0) + 1
        return json_reply(counts)


def plain_routes(simulator: Simulator) -> list[web.RouteDef]:
    here = PlainRoutes(simulator)
    config = simulator.config
    routes = [
        web.get("/health", here.health, allow_head=False),
        web.get("/ping", here.health, allow_head=False),
        web.post("/ping", here.health),
        web.get("/load", here.load, allow_head=False),
        web.get("/version", here.version, allow_head=False),
        web.get("/metrics", here.metrics, allow_head=False),
        web.get("/v1/models", here.models, allow_head=False),
        web.post("/tokenize", here.tokenize),
        web.post("/detokenize", here.detokenize),
        web.post("/invocations", here.invocations),
        web.post("/v1/messages/count_tokens", here.count_tokens),
        web.get("/v1/responses/{response_id}", here.stored_response, allow_head=False),
        web.post("/v1/responses/{response_id}/cancel", here.stored_response),
        web.put("/sim/fault", here.set_fault),
        web.put("/sim/revision", here.set_revision),
        web.get("/sim/requests", here.count_requests, allow_head=False),
    ]
    if config.embeddings:
        routes.append(web.post("/v1/embeddings", here.embeddings))
    if config.lora_updating:
        routes.append(web.post("/v1/load_lora_adapter", here.load_adapter))
        routes.append(web.post("/v1/unload_lora_adapter", here.unload_adapter))
    if config.dev_mode:
        routes.append(web.post("/sleep", here.sleep))
        routes.append(web.post("/wake_up", here.wake_up))
        routes.append(web.get("/is_sleeping", here.is_sleeping, allow_head=False))
        routes.append(web.post("/reset_prefix_cache", here.reset_prefix_cache))
    return routes
