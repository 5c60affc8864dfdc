"""From a real sidecar's admin plane into a status, over restarts of everything.

There is no kubelet: the pod's status is written by the test, and the sidecar that it speaks of runs in
this process.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TypeVar

import aiohttp
import yaml

from llmcache_api import SidecarConfig
from llmcache_sidecar.app.sidecar import Sidecar
from tests.simulator import SimConfig, Simulator

from .kube import Json, Kube, wait_for
from .manifests import engine, llmcache
from .operator_process import OperatorProcess

T = TypeVar("T")

ADDRESS = "127.77.3.8"
"""Of the pod; the admin port is the one that every pod has."""
MODEL = "org/tiny"


def pod_runs(kube: Kube, namespace: str) -> None:
    """What a kubelet would say."""
    (pod,) = kube.list("pods", namespace, "llmcache.dev/model=llama")
    up = {"ready": True, "started": True, "imageID": "", "restartCount": 0,
          "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}  # fmt: skip
    init = [{"name": "sidecar", "image": "sidecar", **up}]
    status = {
        "phase": "Running",
        "podIP": ADDRESS,
        "podIPs": [{"ip": ADDRESS}],
        "conditions": [{"type": "Ready", "status": "True"}],
        "initContainerStatuses": init,
        "containerStatuses": [{"name": "engine", "image": "engine", **up}],
    }
    name = pod["metadata"]["name"]
    kube.patch("pods", namespace, name, {"status": status}, subresource="status")


class Pod:
    """The processes in the pod."""

    def __init__(self, kube: Kube, namespace: str, folder: Path, upstream: str) -> None:
        secret = kube.must("secrets", namespace, "support-admin")["data"]["token"]
        token = folder / "token"
        token.write_bytes(base64.b64decode(secret))
        files = kube.must("configmaps", namespace, "support-llama")["data"]
        (text,) = files.values()
        self._config = SidecarConfig.parse(
            {
                "listen": "127.0.0.1:0",
                "responseCache": {"semantic": {"mode": "Off"}, "policy": {"bypass": []}},
                "upstream": {"url": upstream, "defaultTemperature": 0.5},
                "admin": {"listen": f"{ADDRESS}:8081", "tokenFile": str(token)},
                "auth": {"mode": "None"},
                "configVersion": yaml.safe_load(text)["configVersion"],
            }
        )
        self.sidecar = Sidecar(self._config)

    async def start(self) -> str:
        """Base URL of the data plane."""
        addresses = await self.sidecar.start()
        while self.sidecar.profile.state is None:
            await asyncio.sleep(0.01)
        return f"http://{addresses.data}"

    async def close(self) -> None:
        """End whatever runs."""
        await self.sidecar.aclose()

    async def restart(self) -> str:
        """The sidecar ends, and comes back with empty sums."""
        await self.sidecar.aclose()
        await asyncio.sleep(1.1)
        self.sidecar = Sidecar(self._config)
        return await self.start()


async def test_figures_outlive_sidecars_operators_and_pods(
    make_operator: Callable[..., OperatorProcess],
    lone_kube: Kube,
    lone_namespace: str,
    tmp_path: Path,
) -> None:
    kube, namespace = lone_kube, lone_namespace
    flags = ("--watch-namespace", namespace, "--poll-seconds", "1")
    process = await asyncio.to_thread(make_operator(*flags).start)
    spec = {"models": [{"name": "llama", "engine": engine(replicas=1, model=MODEL)}]}
    kube.create("llmcaches", llmcache(namespace, **spec))
    await asyncio.to_thread(process.settled, kube, namespace)
    await wait("there is a pod", lambda: kube.list("pods", namespace))

    async with AsyncExitStack() as stack, aiohttp.ClientSession() as session:
        upstream = await stack.enter_async_context(Simulator(SimConfig(model=MODEL)))
        pod = Pod(kube, namespace, tmp_path, upstream.url)
        stack.push_async_callback(pod.close)

        async def ask(url: str, times: int) -> None:
            question = [{"role": "user", "content": "How is a parcel packed? " * 30}]
            body = {"model": MODEL, "messages": question, "temperature": 0}
            for _ in range(times):
                async with session.post(f"{url}/v1/chat/completions", json=body) as response:
                    assert response.status == 200
                    await response.read()

        await ask(await pod.start(), 4)
        pod_runs(kube, namespace)
        figures = await wait("4 requests", lambda: counted(kube, namespace, 4))
        assert (figures["hits"], figures["hitRate"], figures["exactHitRate"]) == (3, "75.0", "75.0")
        assert figures["requestsSaved"] == 3
        assert figures["prefixHitRate"] == "0.0"
        applied = await wait("ConfigApplied", lambda: condition(kube, namespace, "ConfigApplied"))
        assert applied["reason"] == "EverySidecar"

        # Both start anew: the books hold what the first run of the sidecar counted.
        await ask(await pod.restart(), 2)
        await asyncio.to_thread(process.kill)
        await asyncio.to_thread(process.start)
        figures = await wait("6 requests", lambda: counted(kube, namespace, 6))
        assert (figures["hits"], figures["hitRate"]) == (4, "66.7")

    # The pod is replaced, and nobody is there to ask.
    (old,) = kube.list("pods", namespace)
    kube.delete("pods", namespace, old["metadata"]["name"])
    await wait(
        "another pod",
        lambda: [
            one
            for one in kube.list("pods", namespace)
            if one["metadata"]["uid"] != old["metadata"]["uid"]
        ],
    )
    await asyncio.to_thread(process.settled, kube, namespace)
    assert counted(kube, namespace, 6)
    await asyncio.to_thread(process.kill)
    await asyncio.to_thread(process.start)
    await asyncio.to_thread(process.settled, kube, namespace)
    assert counted(kube, namespace, 6)
    assert process.complaints() == []


async def wait(what: str, look: Callable[[], T | None]) -> T:
    """Wait without stopping the sidecar, which runs in this very process."""
    return await asyncio.to_thread(lambda: wait_for(what, look))


def counted(kube: Kube, namespace: str, requests: int) -> Json | None:
    status: Json = kube.must("llmcaches", namespace, "support").get("status") or {}
    figures: Json = status.get("cache") or {}
    return figures if figures.get("requests") == requests else None


def condition(kube: Kube, namespace: str, kind: str) -> Json | None:
    status = kube.must("llmcaches", namespace, "support")["status"]
    found: list[Json] = [
        one for one in status["conditions"] if one["type"] == kind and one["status"] == "True"
    ]
    return found[0] if found else None
