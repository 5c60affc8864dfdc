"""TLS to the vector servers, spoken for real: whom it trusts, and what it says of whom it does not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest

from llmcache_sidecar.adapters.vectors.pgvector import PgVectorStore
from llmcache_sidecar.adapters.vectors.pgvector_settings import PgVectorSettings
from llmcache_sidecar.adapters.vectors.qdrant import QdrantVectorStore
from llmcache_sidecar.adapters.vectors.qdrant_settings import QdrantSettings
from llmcache_sidecar.ports.vector_store import VectorStore, VectorStoreError
from tests.sidecar.stores.tls import Authority, Certificate, tls_front
from tests.sidecar.vectors.conftest import Grounds
from tests.sidecar.vectors.making import a_model, a_point
from tests.sidecar.vectors.servers import USER

pytestmark = pytest.mark.stores

SSL_REQUEST: Final = bytes.fromhex("0000000804d2162f")
KINDS: Final = ("qdrant-rest", "qdrant-grpc", "pgvector")


class Behind:
    """The servers behind TLS fronts."""

    def __init__(self, grounds: Grounds, stack: ExitStack) -> None:
        self._grounds = grounds
        self._stack = stack

    def _front(self, port: int, certificate: Certificate, **more: Any) -> int:
        return self._stack.enter_context(tls_front(port, certificate, **more)).port

    def store(
        self, kind: str, certificate: Certificate, ca_file: Path | None, mode: str = ""
    ) -> VectorStore:
        """A store that reaches its server through TLS alone."""
        ca = None if ca_file is None else str(ca_file)
        if kind == "pgvector":
            server = self._grounds.postgres
            port = self._front(server.port, certificate, asked_for=SSL_REQUEST, agreed=b"S")
            dsn = f"postgresql://{USER}:{server.password}@127.0.0.1:{port}/postgres{mode}"
            return PgVectorStore(
                PgVectorSettings(dsn, "tls", ca_file=ca, connect_timeout_s=20.0, hnsw=False)
            )
        double = self._grounds.qdrant
        return QdrantVectorStore(
            QdrantSettings(
                f"https://127.0.0.1:{self._front(double.port, certificate)}",
                "tls",
                grpc_port=self._front(double.grpc_port, certificate),
                prefer_grpc=kind == "qdrant-grpc",
                api_key_file=str(self._grounds.api_key_file),
                ca_file=ca,
                timeout_s=20,
            )
        )


@pytest.fixture
def behind(grounds: Grounds) -> Iterator[Behind]:
    with ExitStack() as stack:
        yield Behind(grounds, stack)


async def works(store: VectorStore) -> None:
    """What it is given is found."""
    model = a_model()
    try:
        await store.open(model)
        point = a_point()
        assert await store.put_many([point]) == 1
        found = await store.search(point.partition, point.vector, 1, point.created_at)
        assert [each.id for each in found] == [point.id]
    finally:
        await store.aclose()


async def refused(store: VectorStore) -> str:
    """What it says of a server that it does not trust."""
    try:
        with pytest.raises(VectorStoreError) as told:
            await store.open(a_model())
    finally:
        await store.aclose()
    return str(told.value)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_server_that_the_ca_file_vouches_for_is_used(
    behind: Behind, tmp_path: Path, kind: str
) -> None:
    authority = Authority(tmp_path)
    await works(behind.store(kind, authority.sign(), authority.ca_file))


async def test_sslmode_verify_full_takes_its_root_from_the_dsn(
    behind: Behind, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    mode = f"?sslmode=verify-full&sslrootcert={authority.ca_file}"
    await works(behind.store("pgvector", authority.sign(), None, mode))
    other = Authority(tmp_path, "other CA")
    mode = f"?sslmode=verify-full&sslrootcert={other.ca_file}"
    assert "certificate" in await refused(behind.store("pgvector", authority.sign(), None, mode))


@pytest.mark.parametrize("kind", KINDS)
async def test_a_server_of_another_authority_is_refused(
    behind: Behind, tmp_path: Path, kind: str
) -> None:
    certificate = Authority(tmp_path).sign()
    other = Authority(tmp_path, "other CA")
    assert "127.0.0.1" in await refused(behind.store(kind, certificate, other.ca_file))


@pytest.mark.parametrize("kind", KINDS)
async def test_a_certificate_for_another_host_is_refused(
    behind: Behind, tmp_path: Path, kind: str
) -> None:
    authority = Authority(tmp_path)
    certificate = authority.sign("elsewhere.example")
    assert "127.0.0.1" in await refused(behind.store(kind, certificate, authority.ca_file))


async def test_a_ca_file_that_is_none_is_named(behind: Behind, tmp_path: Path) -> None:
    nonsense = tmp_path / "ca.pem"
    nonsense.write_text("no certificate")
    certificate = Authority(tmp_path).sign()
    for kind in KINDS:
        assert str(nonsense) in await refused(behind.store(kind, certificate, nonsense))
