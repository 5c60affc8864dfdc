"""Vectors in Qdrant, shared by replicas and kept across restarts."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx
from qdrant_client import AsyncQdrantClient, models

from ...domain.ids import EntryId
from ...domain.purge import PurgeRecord
from ...domain.vectors import EmbeddingModel, Neighbour, PartitionId, Vector, VectorPoint
from ...ports.vector_store import VectorStoreError, WrongDimensions
from .checking import check_dimensions, sayable
from .qdrant_errors import NoCollectionError, UnauthorizedError, explain
from .qdrant_points import (
    INDEXES,
    NEEDED,
    as_wanted,
    expired,
    forgotten,
    in_partition,
    neighbour,
    point_id,
    to_qdrant,
)
from .qdrant_settings import QdrantSettings, QdrantSettingsError, Quantization

_T = TypeVar("_T")

_LINKS: Final = 16
_BEAM: Final = 200
"""Of a walk through a partition's graph (hnsw_ef). With the same links another server's graph over
100,000 points found 99.9 % of the nearest, with Qdrant's own choice of 100 it was 99.3
(docs/decisions/0015)."""

_BATCH: Final = 100


class QdrantVectorStore:
    """A `VectorStore` in Qdrant: a collection for each embedding model.

    Collections have no graph over all points but one for every large partition; small ones are
    searched through the partition's index, point by point. So a search is a filter first, and its
    cost is that of its partition.

    A collection that went missing (a server that lost its disk) is made again by the next call.
    """

    def __init__(
        self,
        settings: QdrantSettings,
        connect: Callable[[QdrantSettings], AsyncQdrantClient] | None = None,
    ) -> None:
        """Opens nothing until it is used.

        Args:
            connect: makes the client; for tests.
        """
        self._settings = settings
        self._connect = connect or make_client
        self._client: AsyncQdrantClient | None = None
        self._model: EmbeddingModel | None = None
        self._collection = ""
        self._closed = False

    async def open(self, model: EmbeddingModel) -> None:
        """See `VectorStore`; several replicas may do so at once. After a failure the next call connects
        anew: the old connection may lead to a server that has been replaced."""
        try:
            await self._call(lambda client: self._make(client, model))
        except VectorStoreError:
            await self._drop(self._client)
            raise
        self._model = model
        self._collection = self._settings.collection(model.identity)

    async def search(
        self, partition: PartitionId, vector: Vector, limit: int, now: float
    ) -> list[Neighbour]:
        """See `VectorStore`. Expiry is looked at here, and only where it hides something does a
        second question leave it to the server: as a filter it costs time in every search."""
        check_dimensions(vector, self._opened())
        if limit < 1:
            return []
        found = await self._query(in_partition(partition), vector, limit)
        if any(each.expires_at <= now for each in found):
            found = await self._query(in_partition(partition, now), vector, limit)
        return found

    async def put_many(self, points: Sequence[VectorPoint]) -> int:
        """See `VectorStore`; returns when they can be found."""
        model = self._opened()
        for point in points:
            check_dimensions(point.vector, model)
        for start in range(0, len(points), _BATCH):
            structs = list(map(to_qdrant, points[start : start + _BATCH]))
            await self._put(structs)
        return len(points)

    async def delete(self, ids: Sequence[EntryId]) -> None:
        """See `VectorStore`."""
        if ids:
            selector = models.PointIdsList(points=list(map(point_id, ids)))
            await self._delete(selector)

    async def forget(self, record: PurgeRecord) -> None:
        """See `VectorStore`; of the collection in use."""
        if sayable(record.purge.value):
            await self._delete(models.FilterSelector(filter=forgotten(record)))

    async def sweep(self, now: float) -> int:
        """See `VectorStore`; Qdrant does not tell how many."""
        await self._delete(models.FilterSelector(filter=expired(now)))
        return 0

    async def count(self) -> int:
        """See `VectorStore`."""
        result = await self._in_collection(
            lambda client: client.count(self._collection, exact=True)
        )
        return int(result.count)

    async def check(self) -> None:
        """See `VectorStore`; asks whether the collection is there, once one is open."""
        if self._collection:
            await self._call(lambda client: client.collection_exists(self._collection))
        else:
            await self._call(lambda client: client.get_collections())

    async def aclose(self) -> None:
        """See `VectorStore`."""
        self._closed = True
        await self._drop(self._client)

    async def _put(self, structs: list[models.PointStruct]) -> None:
        await self._in_collection(
            lambda client: client.upsert(self._collection, points=structs, wait=True)
        )

    async def _query(
        self, query_filter: models.Filter, vector: Vector, limit: int
    ) -> list[Neighbour]:
        result = await self._in_collection(
            lambda client: client.query_points(
                self._collection,
                query=vector.tolist(),
                query_filter=query_filter,
                limit=limit,
                with_payload=NEEDED,
                search_params=self._search_params(),
            )
        )
        found = [neighbour(point) for point in result.points]
        return [each for each in found if each is not None]

    def _search_params(self) -> models.SearchParams:
        if self._settings.quantization is Quantization.NONE:
            return models.SearchParams(hnsw_ef=_BEAM)
        # Twice as many candidates, ranked again by their whole vectors.
        return models.SearchParams(
            hnsw_ef=_BEAM,
            quantization=models.QuantizationSearchParams(rescore=True, oversampling=2.0),
        )

    async def _delete(self, selector: Any) -> None:
        await self._in_collection(
            lambda client: client.delete(self._collection, points_selector=selector, wait=True)
        )

    def _opened(self) -> EmbeddingModel:
        if self._model is None:
            raise VectorStoreError("no embedding model has been opened yet")
        return self._model

    async def _in_collection(self, call: Callable[[AsyncQdrantClient], Awaitable[_T]]) -> _T:
        model = self._opened()
        client = self._client
        try:
            return await self._call(call)
        except NoCollectionError:
            await self._drop(client)
            await self._call(lambda client: self._make(client, model))
            return await self._call(call)

    async def _call(self, call: Callable[[AsyncQdrantClient], Awaitable[_T]]) -> _T:
        if self._closed:
            raise VectorStoreError("closed")
        try:
            if self._client is None:
                self._client = self._connect(self._settings)
            return await call(self._client)
        except Exception as error:
            explained = (
                VectorStoreError(f"Qdrant at {self._settings.shown}: {error}")
                if isinstance(error, QdrantSettingsError)
                else explain(error, self._settings.shown)
            )
            if isinstance(explained, UnauthorizedError):
                await self._drop(self._client)  # the next call reads the key's file again
            raise explained from None

    async def _drop(self, client: AsyncQdrantClient | None) -> None:
        """Connect anew for the next call, unless another call has seen to it."""
        if client is not None and client is self._client:
            self._client = None
            with warnings.catch_warnings(), suppress(Exception):
                warnings.simplefilter("ignore")
                await client.close()

    async def _make(self, client: AsyncQdrantClient, model: EmbeddingModel) -> None:
        name = self._settings.collection(model.identity)
        if not await client.collection_exists(name):
            try:
                await client.create_collection(name, **self._configuration(model))
            except Exception:
                # Another replica was faster, or the server is in trouble: the next line tells.
                if not await client.collection_exists(name):
                    raise
        info = await client.get_collection(name)
        vectors = info.config.params.vectors
        size = vectors.size if isinstance(vectors, models.VectorParams) else None
        if size != model.dimensions:
            raise WrongDimensions(
                f"the collection {name} at {self._settings.shown} holds vectors of {size} "
                f"dimensions, and the model {model.name} makes {model.dimensions}: delete the "
                "collection, or use another namespace"
            )
        have = info.payload_schema or {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # local mode has no indexes, and says so
            for field, schema in INDEXES.items():
                if not as_wanted(field, have.get(field)):
                    await client.create_payload_index(
                        name, field_name=field, field_schema=schema, wait=True
                    )

    def _configuration(self, model: EmbeddingModel) -> dict[str, Any]:
        settings = self._settings
        quantization: Any = None
        if settings.quantization is Quantization.SCALAR:
            quantization = models.ScalarQuantization(
                scalar=models.ScalarQuantizationConfig(
                    type=models.ScalarType.INT8, quantile=0.99, always_ram=True
                )
            )
        elif settings.quantization is Quantization.BINARY:
            quantization = models.BinaryQuantization(
                binary=models.BinaryQuantizationConfig(always_ram=True)
            )
        return {
            "vectors_config": models.VectorParams(
                size=model.dimensions,
                distance=models.Distance.COSINE,
                on_disk=settings.vectors_on_disk,
            ),
            "hnsw_config": models.HnswConfigDiff(m=0, payload_m=_LINKS),
            "quantization_config": quantization,
            "on_disk_payload": settings.payload_on_disk,
        }


def make_client(settings: QdrantSettings) -> AsyncQdrantClient:
    """A client as the settings say; raises `QdrantSettingsError` for files that can't be read."""
    options: dict[str, Any] = {}
    grpc_options: dict[str, Any] = {}
    if settings.ca_file is not None and settings.tls:
        try:
            options["verify"] = ssl.create_default_context(cafile=settings.ca_file)
            grpc_options["root_certificates"] = Path(settings.ca_file).read_bytes()
        except OSError:  # ssl.SSLError is one
            raise QdrantSettingsError(
                f"the CA file {settings.ca_file} can't be used: it must hold certificates in PEM"
            ) from None
    with warnings.catch_warnings():
        # Of a key over plain HTTP: docs tell, and so does the log of whoever wires this.
        warnings.simplefilter("ignore")
        return AsyncQdrantClient(
            url=settings.url,
            api_key=settings.api_key(),
            prefer_grpc=settings.prefer_grpc,
            grpc_port=settings.grpc_port,
            grpc_options=grpc_options or None,
            timeout=settings.timeout_s,
            # It would ask in a thread of its own and warn, while the server may not be up yet.
            check_compatibility=False,
            # The client's own default for loopback opens a connection for every request.
            limits=httpx.Limits(
                max_connections=settings.max_connections,
                max_keepalive_connections=settings.max_connections,
            ),
            **options,
        )
