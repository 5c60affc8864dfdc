"""Who may connect to what. Only some network plugins enforce NetworkPolicies; where none does, these are
skipped, and the summary says so."""

from __future__ import annotations

import asyncio

import pytest

from tests.e2e.client import NAME as CLIENT
from tests.e2e.kubectl import Manifest
from tests.e2e.stage import NAME, Stage

PATIENCE_S = 8.0


def nothing_goes_out() -> Manifest:
    """A policy of the test's own, to see whether any is enforced."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "nothing-goes-out"},
        "spec": {"podSelector": {"matchLabels": {"app": CLIENT}}, "policyTypes": ["Egress"]},
    }


async def enforced(cache: Stage) -> bool:
    """Whether the client's pod is cut off by a policy that says so."""
    loop = asyncio.get_running_loop()
    await cache.kubectl.apply(nothing_goes_out())
    try:
        end = loop.time() + PATIENCE_S
        while loop.time() < end:
            [answer] = await cache.client.ask(
                {"url": f"{cache.url('llama')}/v1/models", "seconds": 3}
            )
            if answer.status == 0:
                return True
            await asyncio.sleep(1)
        return False
    finally:
        await cache.kubectl.run("delete", "networkpolicy", "nothing-goes-out")


async def test_only_sidecars_reach_the_stores_and_only_the_operator_the_admin_plane(
    cache: Stage,
) -> None:
    if not await enforced(cache):
        pytest.skip("NetworkPolicies: this cluster's network plugin does not enforce them")
    [pod, *_] = await cache.pods("llama")
    address = pod["status"]["podIP"]
    reached: dict[str, int] = {}
    loop = asyncio.get_running_loop()
    end = loop.time() + 60
    while not reached.get("clients"):  # until the policy of our own is gone
        assert loop.time() < end, reached
        clients, admin, vectors = await cache.client.ask(
            *[
                {"url": url, "seconds": 3}
                for url in (
                    f"http://{address}:8080/v1/models",
                    f"http://{address}:8081/admin/v1/stats",
                    f"http://{NAME}-qdrant:6333/collections",
                )
            ]
        )
        reached = {
            "clients": clients.status,
            "admin": admin.status,
            "vectors": vectors.status,
        }
    assert (reached["admin"], reached["vectors"]) == (0, 0), reached
