"""The last of all: the release goes, first without its resources, then with them."""

from __future__ import annotations

import pytest

from tests.charts.helm import CHART, Helm
from tests.cluster.installing import SYSTEM
from tests.cluster.kubectl import KubectlError
from tests.e2e.conftest import values
from tests.e2e.kubectl import AsyncKubectl
from tests.e2e.stage import KEY, NAME, Stage

CRD = "llmcaches.llmcache.dev"


async def test_uninstalling_keeps_the_resources_and_what_they_run(
    cache: Stage, installed: AsyncKubectl, helm: Helm
) -> None:
    before = await cache.identities("llama")
    helm.run("uninstall", "llmcache", "--namespace", SYSTEM, "--wait", "--timeout", "3m")
    with pytest.raises(KubectlError, match="NotFound"):
        await installed.get("deployment", "llmcache")
    assert (await cache.kubectl.get("llmc", NAME))["spec"]["models"]
    assert await cache.identities("llama") == before
    answer = await cache.client.chat(
        cache.url("llama"), "Is it still there?", key=KEY, model="llama"
    )
    assert answer.status == 200
    # And a new release finds them again.
    helm.run(
        "install", "llmcache", str(CHART), "--namespace", SYSTEM, "--wait", "--timeout", "4m",
        "--take-ownership", values=values(cache.settings), seconds=300,
    )  # fmt: skip
    await cache.ready()
    assert await cache.identities("llama") == before


async def test_uninstalling_removes_everything_when_asked(
    cache: Stage, installed: AsyncKubectl, helm: Helm
) -> None:
    helm.run(
        "upgrade", "llmcache", str(CHART), "--namespace", SYSTEM, "--wait", "--timeout", "4m",
        values={**values(cache.settings), "crds": {"keep": False}}, seconds=300,
    )  # fmt: skip
    helm.run(
        "uninstall", "llmcache", "--namespace", SYSTEM, "--wait", "--timeout", "5m", seconds=400
    )
    with pytest.raises(KubectlError, match="NotFound"):
        await installed.get("crd", CRD)
    selector = f"llmcache.dev/cache={NAME}"
    for kind in ("deployments", "statefulsets", "services", "configmaps", "pods", "secrets"):
        await cache.kubectl.gone(kind, selector, seconds=240)
