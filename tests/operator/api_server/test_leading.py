"""Several operators, one of which acts; and what happens while none is there."""

from __future__ import annotations

from collections.abc import Callable

from .kube import Kube, wait_for
from .manifests import llmcache
from .operator_process import OperatorProcess


def holder(kube: Kube, lease: str) -> str:
    found = kube.get("leases", "default", lease) or {"spec": {}}
    identity: str = found["spec"].get("holderIdentity") or ""
    return identity


def test_one_of_two_acts_and_the_other_takes_over(
    make_operator: Callable[..., OperatorProcess], lone_kube: Kube, lone_namespace: str
) -> None:
    kube, namespace = lone_kube, lone_namespace
    flags = ("--watch-namespace", namespace)
    first = make_operator(*flags, lease=namespace, environment={"POD_NAME": "first"}).start()
    wait_for("the first leads", lambda: first.metric("llmcache_operator_leading") == 1)
    second = make_operator(*flags, lease=namespace, environment={"POD_NAME": "second"}).start()

    kube.create("llmcaches", llmcache(namespace))
    first.settled(kube, namespace)
    assert holder(kube, namespace).startswith("first")
    assert second.metric("llmcache_operator_leading") == 0
    assert second.writes() == 0

    first.kill()
    wait_for("the second leads", lambda: second.metric("llmcache_operator_leading") == 1)
    kube.patch("llmcaches", namespace, "support", {"spec": {"sidecar": {"logLevel": "debug"}}})
    second.settled(kube, namespace)
    assert second.complaints() == []


def test_who_ends_politely_lets_the_next_lead_at_once(
    make_operator: Callable[..., OperatorProcess], lone_kube: Kube, lone_namespace: str
) -> None:
    kube, namespace = lone_kube, lone_namespace
    first = make_operator("--watch-namespace", namespace, lease=namespace).start()
    wait_for("it leads", lambda: first.metric("llmcache_operator_leading") == 1)

    assert first.stop() == 0

    assert holder(kube, namespace) == ""


def test_who_loses_the_lease_ends_at_once(
    make_operator: Callable[..., OperatorProcess], lone_kube: Kube, lone_namespace: str
) -> None:
    kube, namespace = lone_kube, lone_namespace
    process = make_operator("--watch-namespace", namespace, lease=namespace).start()
    wait_for("it leads", lambda: process.metric("llmcache_operator_leading") == 1)

    kube.patch("leases", "default", namespace, {"spec": {"holderIdentity": "another"}})

    assert process.wait_for_end() == 1
    assert "another replica" in process.tail()


def test_a_resource_can_be_deleted_while_no_operator_is_there(
    make_operator: Callable[..., OperatorProcess], lone_kube: Kube, lone_namespace: str
) -> None:
    kube, namespace = lone_kube, lone_namespace
    process = make_operator("--watch-namespace", namespace).start()
    kube.create("llmcaches", llmcache(namespace))
    process.settled(kube, namespace)
    assert "finalizers" not in kube.must("llmcaches", namespace, "support")["metadata"]
    process.kill()

    kube.delete("llmcaches", namespace, "support")

    wait_for("it is gone", lambda: kube.get("llmcaches", namespace, "support") is None)
    wait_for("its children too", lambda: not kube.owned(namespace, "support"))


def test_a_restart_writes_nothing(
    make_operator: Callable[..., OperatorProcess], lone_kube: Kube, lone_namespace: str
) -> None:
    kube, namespace = lone_kube, lone_namespace
    first = make_operator("--watch-namespace", namespace).start()
    kube.create("llmcaches", llmcache(namespace, stores={}))
    first.settled(kube, namespace)
    first.kill()

    second = make_operator("--watch-namespace", namespace).start()
    wait_for("it has looked", lambda: second.metric("llmcache_operator_reconciles_total"))
    second.settled(kube, namespace)

    assert second.metric("llmcache_operator_actions_total") == 0
