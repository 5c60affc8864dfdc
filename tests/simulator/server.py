"""The HTTP server: authentication, dispatch, recorded requests, start and stop."""

from __future__ import annotations

import asyncio
import collections
import random
import secrets
import socket
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import orjson
from aiohttp import web

from tests.simulator import answering, apis, asking, faults, fields
from tests.simulator.answering import Sender, error_reply, reply
from tests.simulator.apis import Api
from tests.simulator.asking import Context
from tests.simulator.config import VLLM_VERSION, Loading, SimConfig
from tests.simulator.engine import Engine
from tests.simulator.errors import ApiError, Late
from tests.simulator.faults import NOTHING, Fault
from tests.simulator.models import ModelRegistry
from tests.simulator.routes import plain_routes

GUARDED = ("/v1", "/v2", "/inference", "/cohere")
MAX_RECORDED = 10_000
MAX_BODY_BYTES = 256 * 1024**2
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class RecordedRequest:
    """A request as it came, for assertions; those that were refused a key are among them."""

    method: str
    path: str
    headers: dict[str, str]
    """Names in lower case."""

    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


class Simulator:
    """One simulated engine; an async context manager.

    While it runs: ``requests`` holds what came in, ``fault`` and ``fault_rate`` say what goes
    wrong, ``fail_next`` plans it, ``engine`` gives access to metrics, prefix cache and revision.
    """

    def __init__(self, config: SimConfig | None = None) -> None:
        self.config = config or SimConfig()
        self.engine = Engine(self.config)
        self.models = ModelRegistry(self.config)
        self.requests: collections.deque[RecordedRequest] = collections.deque(maxlen=MAX_RECORDED)
        self.fault: Fault = faults.parse(self.config.fault)
        self.fault_rate = self.config.fault_rate
        self.url = ""
        self.port = 0
        self.loaded = False
        self._planned: collections.deque[Fault] = collections.deque()
        self._draw = random.Random(self.config.seed)
        self._runner: web.AppRunner | None = None
        self._loading: asyncio.Task[None] | None = None

    # ---- faults

    def fail_next(self, fault: Fault | str, times: int = 1) -> None:
        """The next requests that reach a generating route fail this way, then all is as before."""
        wanted = faults.parse(fault) if isinstance(fault, str) else fault
        self._planned.extend([wanted] * times)

    def fault_for(self, request: web.Request) -> Fault:
        if text := request.headers.get(faults.HEADER):
            return faults.parse(text)
        if self._planned:
            return self._planned.popleft()
        if self.fault is not NOTHING and self._draw.random() < self.fault_rate:
            return self.fault
        return NOTHING

    # ---- requests

    @property
    def fingerprint(self) -> str:
        return f"vllm-{VLLM_VERSION}-{self.models.hash(self.engine.revision)}"

    def context(self, request: web.Request) -> Context:
        header = request.headers.get("X-Request-Id")
        return Context(self.config, self.models.names(), header, self.fingerprint)

    def generating(self, api: Api) -> Handler:
        async def handler(request: web.Request) -> web.StreamResponse:
            return await self.generate(api, request)

        return handler

    async def generate(self, api: Api, request: web.Request) -> web.StreamResponse:
        fault = self.fault_for(request)
        if fault is not NOTHING and (answer := await answering.instead(request, fault, api)):
            return answer
        sender = Sender(self.engine, api, request, fault)
        context = self.context(request)
        body: fields.Body = {}
        try:
            body = await answering.read_json(request)
            asked = api.parse(context, body)
            generation = asking.merged([self.engine.generate(job) for job in asked.jobs])
        except Late as error:
            if fields.boolean(body, "stream"):
                data, cut = api.late_error(context, body, error)
                return await sender.stream_bytes(data, cut=cut)
            return error_reply(error, api)
        except ApiError as error:
            return error_reply(error, api)
        return await sender.send(asked, generation)

    def allowed(self, request: web.Request) -> bool:
        """Bearer only, and only below the guarded prefixes, as vLLM does it."""
        keys = self.config.api_keys
        if not keys or request.method == "OPTIONS" or not request.path.startswith(GUARDED):
            return True
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return False
        return any(secrets.compare_digest(key.encode(), known.encode()) for known in keys)

    async def around(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """What happens to every request, whatever its route."""
        await self.record(request)
        if not self.loaded:
            return reply(b"", status=503, content_type=None)
        if not self.allowed(request):
            return answering.unauthorized()
        try:
            answer = await handler(request)
        except web.HTTPException as error:
            answer = self.off_route(request, error)
        except ApiError as error:
            answer = error_reply(error)
        if self.config.request_id_headers and not answer.prepared:
            given = request.headers.get("X-Request-Id", uuid.uuid4().hex)
            answer.headers["X-Request-Id"] = given
        return answer

    async def record(self, request: web.Request) -> None:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append(RecordedRequest(request.method, request.path_qs, headers, body))

    def off_route(self, request: web.Request, error: web.HTTPException) -> web.Response:
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            return answering.refused_preflight()
        if isinstance(error, web.HTTPMethodNotAllowed):
            allow = {"allow": ", ".join(sorted(error.allowed_methods))}
            return reply(b'{"detail":"Method Not Allowed"}', status=405, headers=allow)
        shorter = request.path.rstrip("/")
        known = {resource.canonical for resource in request.app.router.resources()}
        if request.path.endswith("/") and shorter in known:
            location = {"location": f"http://{request.host}{shorter}"}
            return reply(b"", status=307, content_type=None, headers=location)
        return reply(b'{"detail":"Not Found"}', status=error.status)

    def app(self) -> web.Application:
        @web.middleware
        async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self.around(request, handler)

        app = web.Application(middlewares=[middleware], client_max_size=MAX_BODY_BYTES)
        for api in apis.GENERATING:
            app.router.add_post(api.path, self.generating(api))
        app.router.add_routes(plain_routes(self))
        return app

    # ---- start and stop

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """The URL is known at once; with a start-up delay the port opens (or answers) later."""
        config = self.config
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((config.host, config.port))
        self.port = listener.getsockname()[1]
        self.url = f"http://{config.host}:{self.port}"
        self._runner = web.AppRunner(
            self.app(),
            access_log=None,
            auto_decompress=False,  # vLLM ignores Content-Encoding
            handler_cancellation=True,
            keepalive_timeout=config.keep_alive_s,
            shutdown_timeout=max(config.shutdown_timeout_s, 0.01),  # 0 would wait for ever
        )
        await self._runner.setup()
        site = web.SockSite(self._runner, listener)
        if not config.startup_delay_s:
            self.loaded = True
            await site.start()
            return
        if config.loading is Loading.ANSWER_503:
            await site.start()
        self._loading = asyncio.create_task(self.load(site, listener))

    async def load(self, site: web.SockSite, listener: socket.socket) -> None:
        try:
            await asyncio.sleep(self.config.startup_delay_s)
        except asyncio.CancelledError:
            listener.close()
            raise
        self.loaded = True
        if self.config.loading is Loading.REFUSE:
            await site.start()

    async def stop(self) -> None:
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.gather(self._loading, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()
