"""A double of Qdrant's server: the wire is real, what is behind it is the client's local mode.

No package carries a Qdrant server, so tests can't run one. This process speaks as much of its REST
and gRPC interfaces as our adapter uses, checks every request against the client's own models (of
which unknown fields are refused), and lets the local mode of qdrant-client answer. It keeps its data
across restarts. It proves that our requests are well-formed and our errors understood; it proves
nothing about Qdrant's speed, its graphs or its quantisation.

    python -m tests.sidecar.vectors.qdrant_double PORT GRPC_PORT FOLDER [API_KEY]

It listens on loopback, or where QDRANT__SERVICE__HOST says.
"""

from __future__ import annotations

import asyncio
import os
import sys
import warnings
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import grpc  # type: ignore[import-untyped]
import grpc.aio  # type: ignore[import-untyped]
import orjson
from aiohttp import web
from pydantic import BaseModel, TypeAdapter, ValidationError
from qdrant_client import AsyncQdrantClient, models
from qdrant_client import grpc as wire
from qdrant_client.conversions.conversion import GrpcToRest, RestToGrpc
from qdrant_client.grpc import collections_service_pb2_grpc, points_service_pb2_grpc

_Model = TypeVar("_Model", bound=BaseModel)

HEALTH: Final = ("/healthz", "/livez", "/readyz")
"""Probes of Kubernetes, which carry no key."""

_PAUSE_S: Final = 0.002
"""A real server answers after a while, not within the same turn of the loop."""


class Refusal(Exception):
    """What the server would answer instead."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Engine:
    """Collections, in terms of the client's models."""

    def __init__(self, folder: str) -> None:
        self._local = AsyncQdrantClient(path=folder)
        self._schemas: dict[str, dict[str, models.PayloadIndexInfo]] = {}
        self._configs: dict[str, models.CreateCollection] = {}

    async def exists(self, name: str) -> bool:
        return await self._local.collection_exists(name)

    async def create(self, name: str, wish: models.CreateCollection) -> None:
        if await self.exists(name):
            raise Refusal(409, f"Collection `{name}` already exists!")
        self._configs[name] = wish
        await self._local.create_collection(name, vectors_config=wish.vectors)

    async def info(self, name: str) -> models.CollectionInfo:
        info = await self._known(name).get_collection(name)
        info.payload_schema = self._schemas.get(name, {})
        return info

    async def index(self, name: str, wish: models.CreateFieldIndex) -> None:
        await self._known(name).get_collection(name)
        schema = wish.field_schema
        kind = getattr(schema, "type", schema)
        assert kind is not None
        params: Any = schema if isinstance(schema, BaseModel) else None
        self._schemas.setdefault(name, {})[wish.field_name] = models.PayloadIndexInfo(
            data_type=models.PayloadSchemaType(getattr(kind, "value", kind)),
            params=params,
            points=0,
        )

    async def upsert(self, name: str, points: list[models.PointStruct]) -> None:
        await self._known(name).upsert(name, points=points)

    async def query(self, name: str, wish: models.QueryRequest) -> list[models.ScoredPoint]:
        found = await self._known(name).query_points(
            name,
            query=wish.query,
            query_filter=wish.filter,
            limit=wish.limit or 10,
            with_payload=True if wish.with_payload is None else wish.with_payload,
        )
        return found.points

    async def delete(self, name: str, selector: Any) -> None:
        await self._known(name).delete(name, points_selector=selector)

    async def count(self, name: str) -> int:
        return (await self._known(name).count(name)).count

    async def close(self) -> None:
        await self._local.close()

    def _known(self, name: str) -> AsyncQdrantClient:
        if name not in {each.name for each in self._collections()}:
            raise Refusal(404, f"Not found: Collection `{name}` doesn't exist!")
        return self._local

    def _collections(self) -> list[models.CollectionDescription]:
        local: Any = self._local._client
        return [models.CollectionDescription(name=name) for name in local.collections]

    def names(self) -> models.CollectionsResponse:
        return models.CollectionsResponse(collections=self._collections())


class Rest:
    """The HTTP interface."""

    def __init__(self, engine: Engine, api_key: str) -> None:
        self._engine = engine
        self._api_key = api_key

    def app(self) -> web.Application:
        @web.middleware
        async def answer(request: web.Request, handler: Any) -> web.StreamResponse:
            return await self._answer(request, handler)

        app = web.Application(middlewares=[answer])
        one = "/collections/{name}"
        app.router.add_get("/collections", self._all)
        app.router.add_get(one + "/exists", self._exists)
        app.router.add_get(one, self._info)
        app.router.add_put(one, self._create)
        app.router.add_put(one + "/index", self._index)
        app.router.add_put(one + "/points", self._upsert)
        app.router.add_post(one + "/points/query", self._query)
        app.router.add_post(one + "/points/delete", self._delete)
        app.router.add_post(one + "/points/count", self._count)
        return app

    async def _answer(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[Any]]
    ) -> web.Response:
        if request.path in HEALTH:
            return web.Response(text="all shards are ready")
        if self._api_key and request.headers.get("api-key") != self._api_key:
            return web.Response(status=401, text="Must provide an API key")
        await asyncio.sleep(_PAUSE_S)
        try:
            result = await handler(request)
        except Refusal as refusal:
            return _json({"status": {"error": str(refusal)}, "time": 0.0}, refusal.status)
        except (ValidationError, ValueError) as error:
            return _json({"status": {"error": f"Wrong input: {error}"}, "time": 0.0}, 400)
        return _json({"result": result, "status": "ok", "time": 0.0}, 200)

    async def _all(self, _: web.Request) -> Any:
        return _plain(self._engine.names())

    async def _exists(self, request: web.Request) -> Any:
        return {"exists": await self._engine.exists(_name(request))}

    async def _info(self, request: web.Request) -> Any:
        return _plain(await self._engine.info(_name(request)))

    async def _create(self, request: web.Request) -> Any:
        wish = await _read(request, models.CreateCollection)
        await self._engine.create(_name(request), wish)
        return True

    async def _index(self, request: web.Request) -> Any:
        await self._engine.index(_name(request), await _read(request, models.CreateFieldIndex))
        return _DONE

    async def _upsert(self, request: web.Request) -> Any:
        wish = await _read(request, models.PointsList)
        await self._engine.upsert(_name(request), wish.points)
        return _DONE

    async def _query(self, request: web.Request) -> Any:
        found = await self._engine.query(_name(request), await _read(request, models.QueryRequest))
        return {"points": [_plain(point) for point in found]}

    async def _delete(self, request: web.Request) -> Any:
        selector: Any = TypeAdapter(models.PointsSelector).validate_json(await request.read())
        await self._engine.delete(_name(request), selector)
        return _DONE

    async def _count(self, request: web.Request) -> Any:
        await _read(request, models.CountRequest)
        return {"count": await self._engine.count(_name(request))}


_DONE: Final = {"operation_id": 1, "status": "completed"}


def _json(data: Any, status: int) -> web.Response:
    return web.Response(body=orjson.dumps(data), status=status, content_type="application/json")


def _plain(model: BaseModel) -> Any:
    return model.model_dump(mode="json", exclude_none=True)


def _name(request: web.Request) -> str:
    return request.match_info["name"]


async def _read(request: web.Request, kind: type[_Model]) -> _Model:
    return kind.model_validate_json(await request.read())


class Guard(grpc.aio.ServerInterceptor):  # type: ignore[misc]
    """Asks for the API key."""

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key

    async def intercept_service(self, continuation: Any, details: Any) -> Any:
        handler = await continuation(details)
        if not self._api_key or ("api-key", self._api_key) in details.invocation_metadata:
            return handler

        async def refuse(_: Any, context: Any) -> Any:
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "Must provide an API key")

        return grpc.unary_unary_rpc_method_handler(
            refuse, handler.request_deserializer, handler.response_serializer
        )


def _rpc(method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def answer(self: Any, request: Any, context: Any) -> Any:
        await asyncio.sleep(_PAUSE_S)
        try:
            return await method(self, request)
        except Refusal as refusal:
            code = {
                404: grpc.StatusCode.NOT_FOUND,
                409: grpc.StatusCode.ALREADY_EXISTS,
            }.get(refusal.status, grpc.StatusCode.INTERNAL)
            await context.abort(code, str(refusal))
        except (ValidationError, ValueError) as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"Wrong input: {error}")

    return answer


class Collections(collections_service_pb2_grpc.CollectionsServicer):
    """The gRPC interface to collections."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @_rpc
    async def List(self, _: Any) -> Any:  # noqa: N802
        names = [
            wire.CollectionDescription(name=each.name) for each in self._engine.names().collections
        ]
        return wire.ListCollectionsResponse(collections=names)

    @_rpc
    async def CollectionExists(self, request: Any) -> Any:  # noqa: N802
        exists = await self._engine.exists(request.collection_name)
        return wire.CollectionExistsResponse(result=wire.CollectionExists(exists=exists))

    @_rpc
    async def Create(self, request: Any) -> Any:  # noqa: N802
        vectors = GrpcToRest.convert_vectors_config(request.vectors_config)
        wish = models.CreateCollection(vectors=vectors)
        await self._engine.create(request.collection_name, wish)
        return wire.CollectionOperationResponse(result=True)

    @_rpc
    async def Get(self, request: Any) -> Any:  # noqa: N802
        info = await self._engine.info(request.collection_name)
        return wire.GetCollectionInfoResponse(result=RestToGrpc.convert_collection_info(info))


class Points(points_service_pb2_grpc.PointsServicer):
    """The gRPC interface to points."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @_rpc
    async def CreateFieldIndex(self, request: Any) -> Any:  # noqa: N802
        name = {0: "keyword", 1: "integer", 2: "float"}[request.field_type]
        schema: Any = models.PayloadSchemaType(name)
        if request.HasField("field_index_params"):
            schema = GrpcToRest.convert_payload_schema_params(request.field_index_params)
        wish = models.CreateFieldIndex(field_name=request.field_name, field_schema=schema)
        await self._engine.index(request.collection_name, wish)
        return _updated()

    @_rpc
    async def Upsert(self, request: Any) -> Any:  # noqa: N802
        points = [GrpcToRest.convert_point_struct(point) for point in request.points]
        await self._engine.upsert(request.collection_name, points)
        return _updated()

    @_rpc
    async def Query(self, request: Any) -> Any:  # noqa: N802
        wish = GrpcToRest.convert_query_points(request)
        found = await self._engine.query(request.collection_name, wish)
        return wire.QueryResponse(result=[RestToGrpc.convert_scored_point(each) for each in found])

    @_rpc
    async def Delete(self, request: Any) -> Any:  # noqa: N802
        selector = GrpcToRest.convert_points_selector(request.points)
        await self._engine.delete(request.collection_name, selector)
        return _updated()

    @_rpc
    async def Count(self, request: Any) -> Any:  # noqa: N802
        count = await self._engine.count(request.collection_name)
        return wire.CountResponse(result=wire.CountResult(count=count))


def _updated() -> Any:
    result = wire.UpdateResult(operation_id=1, status=wire.UpdateStatus.Completed)
    return wire.PointsOperationResponse(result=result)


async def serve(host: str, port: int, grpc_port: int, folder: str, api_key: str) -> None:
    """Until the process is ended."""
    engine = Engine(folder)
    server = grpc.aio.server(interceptors=[Guard(api_key)])
    add_collections: Any = collections_service_pb2_grpc.add_CollectionsServicer_to_server
    add_collections(Collections(engine), server)
    add_points: Any = points_service_pb2_grpc.add_PointsServicer_to_server
    add_points(Points(engine), server)
    server.add_insecure_port(f"{host}:{grpc_port}")
    await server.start()
    runner = web.AppRunner(Rest(engine, api_key).app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    _, rest_port, rpc_port, data, *key = sys.argv
    host = os.environ.get("QDRANT__SERVICE__HOST", "127.0.0.1")
    asyncio.run(serve(host, int(rest_port), int(rpc_port), data, key[0] if key else ""))
