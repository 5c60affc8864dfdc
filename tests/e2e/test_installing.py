"""What a user sees after `helm install`."""

from __future__ import annotations

import json

import pytest

from tests.cluster.kubectl import KubectlError
from tests.e2e.kubectl import AsyncKubectl
from tests.e2e.resources import engine, llmcache
from tests.e2e.stage import Stage


async def test_the_operator_is_available_and_complains_about_nothing(
    installed: AsyncKubectl,
) -> None:
    found = await installed.get("deployment", "llmcache")
    assert found["status"]["availableReplicas"] == 1
    log = await installed.run("logs", "deployment/llmcache")
    lines = [line for line in log.splitlines() if '"level": "error"' in line or "Traceback" in line]
    # The API server's word in the first moments after a CRD was installed; kopf asks again.
    assert not [line for line in lines if "storage is (re)initializing" not in line]


async def test_the_resource_explains_itself(installed: AsyncKubectl) -> None:
    text = await installed.run("explain", "llmcaches.spec.models.engine")
    assert "vLLM, run by the operator" in text
    assert "prefixCaching" in text


async def test_a_wrong_resource_is_refused_with_what_is_wrong(stage: Stage) -> None:
    wrong = llmcache(
        stage.settings, "wrong", [{"name": "m", "engine": engine(stage.settings, "m")}]
    )
    wrong["spec"]["models"][0]["engine"]["extraArgs"] = ["--host=0.0.0.0"]
    with pytest.raises(KubectlError, match="keep vLLM behind the sidecar"):
        await stage.kubectl.run("apply", "-f", "-", stdin=json.dumps(wrong))


async def test_the_list_shows_what_matters(cache: Stage) -> None:
    head, row = (await cache.kubectl.run("get", "llmc", "support")).splitlines()
    shown = dict(zip(head.split(), row.split(), strict=False))
    assert shown["NAME"] == "support"
    assert shown["READY"] == "True"
    assert "2/2" in row
