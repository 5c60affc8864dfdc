"""A model wants more GPUs than there are."""

from __future__ import annotations

from tests.cluster.gpus import GPU
from tests.e2e.conftest import gpus_of_others, set_gpus
from tests.e2e.kubectl import condition
from tests.e2e.stage import KEY, Stage


async def test_a_shortage_is_told_and_heals_when_a_gpu_appears(cache: Stage) -> None:
    nodes = await cache.kubectl.list("nodes")
    node = max(nodes, key=lambda node: int(node["status"]["allocatable"].get(GPU, 0)))
    name, had = node["metadata"]["name"], int(node["status"]["allocatable"][GPU])
    others = await gpus_of_others(cache.kubectl)
    enough = max(had, others + 4)
    try:
        # Two are in use by llama, one by small.
        await set_gpus(cache.kubectl, name, others + 3)
        await cache.alter("llama", replicas=3)

        def told(found: dict[str, object]) -> bool:
            state = condition(found, "EngineReady")
            return state is not None and state["status"] == "False" and GPU in state["message"]

        short = await cache.kubectl.until("llmc", "support", told, seconds=120, what="a shortage")
        ready = condition(short, "Ready")
        assert ready is not None
        assert ready["status"] == "True", "two pods serve on"
        answer = await cache.client.chat(
            cache.url("llama"), "Is a parcel insured?", key=KEY, model="llama"
        )
        assert answer.status == 200
        described = await cache.kubectl.run("describe", "llmc", "support")
        assert GPU in described
        await set_gpus(cache.kubectl, name, enough)
        await cache.ready(seconds=240)
        assert len(await cache.pods("llama")) == 3
    finally:
        await set_gpus(cache.kubectl, name, enough)
        await cache.alter("llama", replicas=2)
    await cache.ready()
