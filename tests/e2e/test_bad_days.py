"""Things die while requests go on."""

from __future__ import annotations

import pytest

from tests.cluster.kubectl import KubectlError, Manifest
from tests.e2e.node import NodeShell
from tests.e2e.stage import NAME, Stage, eventually, nothing_failed


@pytest.mark.parametrize("store", ["redis", "qdrant"])
async def test_a_store_that_dies_fails_no_request(cache: Stage, store: str) -> None:
    before = await cache.identities("llama")

    async def kill() -> None:
        pod = f"{NAME}-{store}-0"
        had = (await cache.kubectl.get("pod", pod))["metadata"]["uid"]
        await cache.kubectl.run("delete", "pod", pod, "--grace-period=0", "--force", "--wait=false")
        await cache.kubectl.until(
            "pod",
            pod,
            lambda found: found["metadata"]["uid"] != had and _is_ready(found),
            what="a new pod",
        )
        await cache.ready()

    nothing_failed(await cache.under_load(f"{store} killed", kill))
    assert await cache.identities("llama") == before


async def test_the_cache_comes_back_after_its_redis_died(cache: Stage) -> None:
    async def hit() -> bool:
        answers = [
            await cache.client.chat(
                cache.url("llama"),
                "How does a courier fold a label?",
                key="key-of-team-a",
                model="llama",
            )
            for _ in range(2)
        ]
        assert {answer.status for answer in answers} == {200}
        return "detail=exact" in answers[1].cache_status

    await eventually(hit, what="a hit")


async def test_a_drained_node_fails_no_request(cache: Stage) -> None:
    """Only the model's pods are moved. On a cluster with one node the budget lets one of them go."""
    [first, *_] = await cache.pods("llama")
    node = first["spec"]["nodeName"]
    before = await cache.identities("llama")

    async def drain() -> None:
        selector = f"llmcache.dev/cache={NAME},llmcache.dev/model=llama"
        refused = ""
        try:
            await cache.kubectl.run(
                "drain", node, f"--pod-selector={selector}", "--delete-emptydir-data",
                "--ignore-daemonsets", "--timeout=60s", seconds=150,
            )  # fmt: skip
        except KubectlError as error:
            refused = str(error)
        finally:
            await cache.kubectl.run("uncordon", node)
        assert not refused or "disruption budget" in refused or "timeout" in refused
        await cache.rolled("llama")
        await cache.ready()

    nothing_failed(await cache.under_load("node drained", drain))
    # Which of them it evicts first is kubectl's to say.
    assert before.keys() - await cache.identities("llama"), "no pod was moved"


@pytest.mark.parametrize("container", ["sidecar", "engine"])
async def test_a_killed_container_fails_only_what_was_on_it(
    cache: Stage, node_shell: NodeShell, container: str
) -> None:
    [pod, *_] = await cache.pods("llama")
    name = pod["metadata"]["name"]
    restarts = _restarts(pod)

    async def kill() -> None:
        await node_shell.kill(pod, container)
        await cache.kubectl.until(
            "pod",
            name,
            lambda found: _restarts(found)[container] > restarts[container] and _is_ready(found),
            what="the container's next life",
        )
        await cache.ready()

    summary = await cache.under_load(f"{container} of one pod killed with SIGKILL", kill)
    # Those in flight on that pod, and those sent to it until its endpoint was gone. With a sidecar
    # that is the time of one restart; with an engine the sidecar has to be asked for its readiness.
    assert summary["failed"] < summary["requests"] / 4, summary
    after = _restarts(await cache.kubectl.get("pod", name))
    other = {"sidecar": "engine", "engine": "sidecar"}[container]
    assert after[other] == restarts[other], "the other container was left alone"


def _is_ready(pod: Manifest) -> bool:
    return any(
        found["type"] == "Ready" and found["status"] == "True"
        for found in pod["status"].get("conditions", ())
    )


def _restarts(pod: Manifest) -> dict[str, int]:
    return {
        status["name"]: status["restartCount"]
        for group in ("containerStatuses", "initContainerStatuses")
        for status in pod["status"].get(group, ())
    }
