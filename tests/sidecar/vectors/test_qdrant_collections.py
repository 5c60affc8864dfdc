"""What a collection in Qdrant is made of, and how an older one is brought up to it."""

from __future__ import annotations

import secrets
import warnings
from dataclasses import replace

import pytest
from qdrant_client import AsyncQdrantClient, models

from llmcache_sidecar.adapters.vectors.qdrant import QdrantVectorStore, make_client
from llmcache_sidecar.adapters.vectors.qdrant_settings import QdrantSettings
from tests.sidecar.vectors.conftest import Grounds
from tests.sidecar.vectors.making import DIMENSIONS, a_model

pytestmark = pytest.mark.stores


async def _tenant_indexes(client: AsyncQdrantClient, name: str) -> set[str]:
    schema = (await client.get_collection(name)).payload_schema
    return {field for field, index in schema.items() if getattr(index.params, "is_tenant", False)}


@pytest.mark.parametrize("grpc", [False, True])
async def test_an_older_collection_is_brought_up_to_what_it_should_be(
    grounds: Grounds, grpc: bool
) -> None:
    settings: QdrantSettings = replace(
        grounds.qdrant.settings,
        namespace=secrets.token_hex(4),
        prefer_grpc=grpc,
        api_key_file=str(grounds.api_key_file),
        timeout_s=20,
    )
    model = a_model()
    name = settings.collection(model.identity)
    client = make_client(settings)
    size = models.VectorParams(size=DIMENSIONS, distance=models.Distance.COSINE)
    await client.create_collection(name, vectors_config=size)
    plain = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, enable_hnsw=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        await client.create_payload_index(name, "tenant", field_schema=plain)
    assert await _tenant_indexes(client, name) == set()
    store = QdrantVectorStore(settings)
    await store.open(model)
    assert await _tenant_indexes(client, name) == {"partition", "tenant"}
    await store.aclose()
    await client.close()
