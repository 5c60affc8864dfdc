"""The operator is killed, upgraded and rolled back; models neither notice nor restart."""

from __future__ import annotations

from tests.charts.helm import CHART, Helm
from tests.cluster.installing import SYSTEM
from tests.e2e.conftest import values
from tests.e2e.kubectl import AsyncKubectl
from tests.e2e.stage import NAME, Stage, nothing_failed

_OPERATOR = "app.kubernetes.io/name=llmcache-operator"


async def _settled(system: AsyncKubectl, cache: Stage) -> None:
    await system.run("rollout", "status", "deployment/llmcache", "--timeout=180s", seconds=200)
    await cache.ready()


async def test_a_killed_operator_is_missed_by_nobody(cache: Stage, installed: AsyncKubectl) -> None:
    before = await cache.identities("llama")

    async def kill() -> None:
        await installed.run(
            "delete", "pods", "--selector", _OPERATOR, "--grace-period=0", "--force"
        )
        await _settled(installed, cache)

    nothing_failed(await cache.under_load("operator killed", kill))
    assert await cache.identities("llama") == before


async def test_an_upgrade_and_a_rollback_roll_no_model(
    cache: Stage, installed: AsyncKubectl, helm: Helm
) -> None:
    models = {model: await cache.identities(model) for model in ("llama", "small")}
    stores = [await cache.kubectl.get("pod", f"{NAME}-{store}-0") for store in ("redis", "qdrant")]
    given = values(cache.settings)

    async def upgrade() -> None:
        changed = {**given, "logLevel": "debug", "podAnnotations": {"edition": "next"}}
        helm.run(
            "upgrade", "llmcache", str(CHART), "--namespace", SYSTEM, "--wait", "--timeout", "4m",
            values=changed, seconds=300,
        )  # fmt: skip
        await _settled(installed, cache)
        found = await installed.get("deployment", "llmcache")
        assert found["spec"]["template"]["metadata"]["annotations"]["edition"] == "next"
        helm.run("rollback", "llmcache", "--namespace", SYSTEM, "--wait", "--timeout", "4m")
        await _settled(installed, cache)

    nothing_failed(await cache.under_load("operator upgraded and rolled back", upgrade))
    assert {model: await cache.identities(model) for model in models} == models
    for store in stores:
        now = await cache.kubectl.get("pod", store["metadata"]["name"])
        assert now["metadata"]["uid"] == store["metadata"]["uid"]


async def test_a_change_made_while_the_operator_is_away_is_caught_up(
    cache: Stage, installed: AsyncKubectl
) -> None:
    await installed.run("scale", "deployment/llmcache", "--replicas=0")
    await installed.gone("pods", _OPERATOR)
    try:
        await cache.change({"responseCache": {"exact": {"ttl": "2h"}}})
    finally:
        await installed.run("scale", "deployment/llmcache", "--replicas=1")
    await _settled(installed, cache)
    await cache.change({"responseCache": {"exact": {"ttl": "1h"}}})
    await cache.ready()
