"""The admin plane: health, metrics, statistics, entries, purges, explain, feedback, the console."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cached_property
from typing import Final

import orjson
from aiohttp import web

from ..pipeline.pipeline import Pipeline
from ..pipeline.quality.learned import Learned
from ..pipeline.stored.purges import Purges
from ..ports.engine import Engine
from ..ports.exact_store import ExactStore, StoreError
from ..telemetry.account import Account
from .admin import console
from .admin.entries import Entries
from .admin.explain import Explain
from .admin.guard import Guard
from .admin.health import Health, Status
from .admin.openapi import describe
from .admin.queries import check_query
from .admin.routes import JSON, BadRequest, Handler, NotThere, Route, problem

__all__ = ["AdminPlane", "Status"]

_MAX_BODY: Final = 16 * 1024**2

_log = logging.getLogger("llmcache")


class AdminPlane:
    """All rooms behind one guard. Every answer that is no page, probe or metric is JSON.

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
        learned: Learned,
        status: Callable[[], Status],
        drain: Callable[[], None],
        token: str | None,
    ) -> None:
        self._guard = Guard(token)
        self.routes: tuple[Route, ...] = (
            *console.routes(),
            *Health(engine, account, status, drain).routes(),
            *Explain(pipeline).routes(),
            *Entries(store, purges, account, learned).routes(),
            Route("GET", "/admin/v1/openapi.json", "openapi", self._openapi,
                  "This description.", JSON),
        )  # fmt: skip

    def take_token(self, token: str | None) -> None:
        """Another bearer token from now on."""
        self._guard.take(token)

    def application(self) -> web.Application:
        """The aiohttp application."""
        app = web.Application(middlewares=[self._around], client_max_size=_MAX_BODY)
        for route in self.routes:
            handler = _checked(route)
            app.router.add_route(route.method, route.path, handler)
            if route.public:
                app.router.add_route("HEAD", route.path, handler)
        public = {route.path for route in self.routes if route.public}
        app[_PUBLIC] = frozenset(public)
        return app

    @web.middleware
    async def _around(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path not in request.app[_PUBLIC]:
            refusal = self._guard.refuse(request)
            if refusal is not None:
                return refusal
        try:
            return await handler(request)
        except BadRequest as error:
            return problem(400, str(error))
        except NotThere as error:
            return problem(404, str(error))
        except StoreError as error:
            return problem(503, f"the store did not do it: {error}")
        except web.HTTPNotFound:
            return problem(404, "there is no such route; see /admin/v1/openapi.json")
        except web.HTTPMethodNotAllowed as error:
            allowed = ", ".join(sorted(error.allowed_methods))
            return problem(405, f"this route takes {allowed}", {"Allow": allowed})
        except web.HTTPRequestEntityTooLarge:
            return problem(413, f"the body takes at most {_MAX_BODY} bytes")
        except web.HTTPException as error:
            return problem(error.status, error.reason)
        except ConnectionError:
            raise
        except Exception:
            _log.exception("the admin plane failed at %s %s", request.method, request.path)
            return problem(500, "a defect of the sidecar; its log says more")

    async def _openapi(self, _: web.Request) -> web.Response:
        return web.Response(body=self._description, content_type=JSON)

    @cached_property
    def _description(self) -> bytes:
        return orjson.dumps(describe(self.routes))


_PUBLIC: Final = web.AppKey("public", frozenset[str])


def _checked(route: Route) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        if not route.public:
            check_query(route, request)
        return await route.handler(request)

    return handle
