"""The API server over HTTP: JSON in, JSON out.

The official client brings the connection (kubeconfig, service account, certificates, renewed tokens);
objects stay JSON, because models of every kind would cost more time and memory than all we do here.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Mapping
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote, urlencode

import aiohttp
from kubernetes.aio import config as kubernetes_config
from kubernetes.aio.client import ApiClient, Configuration
from kubernetes.aio.client.rest import RESTResponse
from kubernetes.aio.config.config_exception import ConfigException

from ..domain import FIELD_MANAGER, Manifest, ObjectKey, key_of
from .errors import ClusterError, Expired, NotFound, Unavailable, error_from
from .kinds import Kind, kind_of

DEADLINE_S: Final = 30.0
CONNECT_S: Final = 10.0
WATCH_S: Final = 300
"""A watch is opened anew after this time, by the server."""

WATCH_SILENCE_S: Final = 90.0
"""The API server sends a bookmark a minute; a watch that is silent for longer is dead."""

AT_ONCE: Final = 32
"""Requests in flight."""

TRIES: Final = 5
FIRST_PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 2.0
"""Of a read that the API server has no time for."""


class PatchType(StrEnum):
    """How a patch is written."""

    APPLY = "application/apply-patch+yaml"
    JSON = "application/json-patch+json"
    MERGE = "application/merge-patch+json"


async def load_configuration() -> Configuration:
    """The service account of the pod, or else the kubeconfig (KUBECONFIG, ~/.kube/config).

    Raises:
        Unavailable: there is neither.
    """
    configuration = Configuration()
    try:
        kubernetes_config.load_incluster_config(  # type: ignore[no-untyped-call]
            client_configuration=configuration
        )
    except ConfigException:
        try:
            await kubernetes_config.load_kube_config(  # type: ignore[no-untyped-call]
                client_configuration=configuration
            )
        except (ConfigException, OSError) as error:
            raise Unavailable(
                0,
                "NoConfiguration",
                "there is no service account (outside a pod) and no kubeconfig "
                f"(set KUBECONFIG): {error}",
            ) from error
    # Our own semaphore bounds requests; watches keep their connections beside them.
    configuration.connection_pool_maxsize = 0
    return configuration


class Api:
    """The verbs that we use. Raises `ClusterError`s, and nothing else."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self._client = ApiClient(configuration)
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()  # type: ignore[no-untyped-call]

    async def get(self, key: ObjectKey) -> Manifest:
        """One object, as the API server's cache has it: no older than what its watches tell."""
        return await self.call("GET", _object_path(key), {"resourceVersion": "0"})

    async def get_latest(self, key: ObjectKey) -> Manifest:
        """One object, as it is stored right now."""
        return await self.call("GET", _object_path(key))

    async def get_metadata(self, key: ObjectKey) -> Manifest:
        """apiVersion, kind and metadata of one object; its content never gets here."""
        partial = await self.call(
            "GET",
            _object_path(key),
            accept="application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
        )
        return {
            "apiVersion": key.api_version,
            "kind": key.kind,
            "metadata": partial["metadata"],
        }

    async def create(self, manifest: Manifest) -> Manifest:
        """Create an object that must not exist."""
        key = key_of(manifest)
        path = kind_of(key).path(key.namespace)
        return await self.call("POST", path, {"fieldManager": FIELD_MANAGER}, manifest)

    async def apply(
        self,
        manifest: Manifest,
        *,
        force: bool,
        manager: str = FIELD_MANAGER,
        dry_run: bool = False,
    ) -> Manifest:
        """Server-side apply."""
        query = {"fieldManager": manager, "force": str(force).lower()}
        if dry_run:
            query["dryRun"] = "All"
        return await self.call(
            "PATCH", _object_path(key_of(manifest)), query, manifest, patch=PatchType.APPLY
        )

    async def patch(
        self, key: ObjectKey, body: Any, patch: PatchType, *, subresource: str = ""
    ) -> Manifest:
        """Any other patch."""
        path = _object_path(key) + (f"/{subresource}" if subresource else "")
        return await self.call("PATCH", path, {"fieldManager": FIELD_MANAGER}, body, patch=patch)

    async def replace(self, manifest: Manifest) -> Manifest:
        """Replace an object; with metadata.resourceVersion only if it is still that edition."""
        return await self.call("PUT", _object_path(key_of(manifest)), body=manifest)

    async def delete(self, key: ObjectKey, uid: str, *, orphan: bool = False) -> None:
        """Delete the object with this uid."""
        await self.call(
            "DELETE",
            _object_path(key),
            body={
                "preconditions": {"uid": uid},
                "propagationPolicy": "Orphan" if orphan else "Background",
            },
        )

    async def list(
        self, kind: Kind, namespace: str | None, selector: str = ""
    ) -> tuple[list[Manifest], str]:
        """All objects of a kind, in pages, and the resourceVersion that a watch starts from."""
        items: list[Manifest] = []
        query = {"limit": "500"} | ({"labelSelector": selector} if selector else {})
        while True:
            page = await self.call("GET", kind.path(namespace), query)
            items += (
                {"apiVersion": kind.api_version, "kind": kind.kind, **item}
                for item in page["items"]
            )
            metadata = page["metadata"]
            if not metadata.get("continue"):
                return items, str(metadata["resourceVersion"])
            query["continue"] = metadata["continue"]

    async def watch(
        self, kind: Kind, namespace: str | None, resource_version: str, selector: str = ""
    ) -> AsyncIterator[tuple[str, Manifest]]:
        """Changes since `resource_version`, until the server or silence ends the stream."""
        query = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": resource_version,
            "timeoutSeconds": str(WATCH_S),
        } | ({"labelSelector": selector} if selector else {})
        timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=CONNECT_S, sock_read=WATCH_SILENCE_S
        )
        response = await self._send("GET", kind.path(namespace), query, timeout=timeout)
        try:
            if response.status >= 400:
                raise error_from(response.status, await response.response.read())
            while line := await response.response.content.readline():
                event = json.loads(line)
                if event["type"] == "ERROR":
                    status = event["object"]
                    raise error_from(int(status.get("code") or 500), json.dumps(status).encode())
                yield event["type"], event["object"]
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise Unavailable(0, "WatchEnded", f"the watch ended: {error!r}") from error
        finally:
            response.response.close()

    async def call(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        *,
        patch: PatchType | None = None,
        accept: str = "application/json",
        tries: int = TRIES,
    ) -> Manifest:
        """One request, one JSON object as the answer.

        A read that is refused for the moment (429, 5xx) is tried again: what needs ten of them would
        hardly ever get through where one in three is refused. Writes are the caller's to repeat.

        Args:
            tries: of a read, at most.
        """
        for number in range(1, tries if method == "GET" else 1):
            try:
                return await self._once(method, path, query, body, patch, accept)
            except Unavailable as error:
                if not error.status:
                    raise  # no answer at all: that took long enough
                wait = error.retry_after or FIRST_PAUSE_S * 2**number
                await asyncio.sleep(min(wait, LONGEST_PAUSE_S) * random.uniform(0.5, 1.0))
        return await self._once(method, path, query, body, patch, accept)

    async def _once(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        body: Any,
        patch: PatchType | None,
        accept: str,
    ) -> Manifest:
        timeout = aiohttp.ClientTimeout(total=DEADLINE_S, sock_connect=CONNECT_S)
        try:
            async with self._slots:
                response = await self._send(
                    method,
                    path,
                    query,
                    body,
                    content_type=patch.value if patch is not None else "application/json",
                    accept=accept,
                    timeout=timeout,
                )
                content = await response.response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unavailable(0, "NoAnswer", f"{method} {path}: {error!r}") from error
        if response.status >= 400:
            raise error_from(response.status, content, response.headers.get("Retry-After"))
        answer: Manifest = json.loads(content)
        return answer

    async def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        *,
        content_type: str = "application/json",
        accept: str = "application/json",
        timeout: aiohttp.ClientTimeout,
    ) -> RESTResponse:
        url = f"{self.configuration.host}{path}"
        if query:
            url += "?" + urlencode(query)
        headers = {"Accept": accept, "Content-Type": content_type}
        token = await self.configuration.get_api_key_with_prefix("BearerToken")
        if token:
            headers["Authorization"] = token
        try:
            return await self._client.call_api(method, url, headers, body, _request_timeout=timeout)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unavailable(0, "NoAnswer", f"{method} {path}: {error!r}") from error


def _object_path(key: ObjectKey) -> str:
    """Raises NotFound for what can't be a name: pods may refer to anything, and some of it would lead
    to another object."""
    if key.name in {"", ".", ".."} or "/" in key.name or "%" in key.name:
        raise NotFound(404, "NotFound", f"{key}: there can't be an object of that name")
    return f"{kind_of(key).path(key.namespace)}/{quote(key.name)}"


__all__ = ["Api", "ClusterError", "Expired", "PatchType", "load_configuration"]
