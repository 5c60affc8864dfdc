"""Bad days: whatever happens on the way, the cluster becomes what an undisturbed one would be.

After each of them the same is asked (`Oracle`): the same objects as a fresh create, a change changes
them, taking it back brings them back, nothing without an owner is left, and no error stands in the log.

What issue and design call bad input and bad days, and who tests it (modules of this folder):

| bad day | test |
|---|---|
| wrong manifests | test_admission, test_admission_and_models_agree (hypothesis over the schema) |
| a spec of another schema | test_health |
| the operator is killed at each step of a pass | here |
| the API server answers 409, 429, 500 to writes, 429 and 500 to reads | here |
| the API server refuses one object among others, for now or for good | here |
| the API server is slow | here |
| the API server is restarted, or hangs | test_outages |
| watches break off, or fall silent | here; test_watching in detail |
| a child is edited or deleted by hand | test_edits_by_hand; Secrets: test_secrets_come_and_go |
| a child is somebody else's | test_names_and_owners |
| the namespace is deleted | here |
| the resource is deleted while the operator is down | test_leading |
| two operators at once, a lease that is lost | test_leading |
| the CRD is upgraded, with the operator or under a running one | here |
| the CRD is missing | test_health |
| a Secret that appears later | test_secrets_come_and_go |
| a status that another writer mangles | here, test_statuses |
| a store's image skips a version, or never ran | test_upgrades_of_stores |
| another operator takes over, and back | test_upgrades |
| rights are missing | test_rights |
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cluster.control_plane import ControlPlane

from .conftest import crd, install_crd, new_namespace
from .kube import OWNED, Json, Kube, wait_for
from .manifests import engine, llmcache
from .operator_process import OperatorProcess
from .person import gpu_node
from .proxy import Proxy
from .toggles.places import State, differences, essence

CONFIG_AT_START = "llmcache.dev/config-at-start"
HEARD = "llmcache.dev/config"
KINDS = {
    "deployments": "Deployment",
    "statefulsets": "StatefulSet",
    "services": "Service",
    "configmaps": "ConfigMap",
    "serviceaccounts": "ServiceAccount",
    "persistentvolumeclaims": "PersistentVolumeClaim",
    "poddisruptionbudgets": "PodDisruptionBudget",
    "networkpolicies": "NetworkPolicy",
    "secrets": "Secret",
}
KUBERNETES_OWN = {("configmaps", "kube-root-ca.crt"), ("serviceaccounts", "default")}
NAMESPACE = "badday"

Make = Callable[..., OperatorProcess]


@dataclass(frozen=True)
class Oracle:
    """What must hold after every bad day."""

    kube: Kube
    undisturbed: State

    def create(self, namespace: str = NAMESPACE) -> None:
        """The resource, in a namespace of its own."""
        new_namespace(self.kube, namespace)
        self.kube.create("llmcaches", manifest(namespace))

    def converged(self, namespace: str = NAMESPACE) -> bool:
        """The objects are those of a fresh create; an AssertionError tells the differences."""
        found = differences(self.undisturbed, state(self.kube, namespace))
        assert found == [], found
        return True

    def holds(self, operator: OperatorProcess, namespace: str = NAMESPACE) -> None:
        """All of it."""
        wait_for("it converges", lambda: self.converged(namespace))
        operator.settled(self.kube, namespace)
        changed = {"quality": {"holdoutPercent": 3}, "network": {"policies": "Off"}}
        self.kube.patch("llmcaches", namespace, "support", {"spec": changed})
        operator.settled(self.kube, namespace)
        lines = differences(self.undisturbed, state(self.kube, namespace))
        assert any("quality.holdoutPercent = 3" in line for line in lines), lines
        assert any(line.startswith("- NetworkPolicy") for line in lines), lines
        back = dict.fromkeys(changed)
        self.kube.patch("llmcaches", namespace, "support", {"spec": back})
        operator.settled(self.kube, namespace)
        assert self.converged(namespace)
        assert leaked(self.kube, namespace) == set()
        assert operator.complaints() == []


def leaked(kube: Kube, namespace: str) -> set[tuple[str, str]]:
    """Objects that do not go with the resource."""
    return {
        (plural, item["metadata"]["name"])
        for plural in OWNED
        for item in kube.list(plural, namespace)
        if not item["metadata"].get("ownerReferences")
    } - KUBERNETES_OWN


@pytest.fixture(scope="module")
def undisturbed(
    lone_cluster: ControlPlane, lone_kube: Kube, tmp_path_factory: pytest.TempPathFactory
) -> State:
    """What there is when nothing happens."""
    new_namespace(lone_kube, "undisturbed")
    folder = tmp_path_factory.mktemp("operator")
    with OperatorProcess(lone_cluster.kubeconfig, folder=folder) as operator:
        lone_kube.create("llmcaches", manifest("undisturbed"))
        operator.settled(lone_kube, "undisturbed")
        found = state(lone_kube, "undisturbed")
    lone_kube.delete("namespaces", None, "undisturbed")
    return found


@pytest.fixture
def oracle(lone_kube: Kube, undisturbed: State) -> Iterator[Oracle]:
    """For a test that leaves no namespace behind."""
    yield Oracle(lone_kube, undisturbed)
    for item in lone_kube.list("namespaces", None):
        name = item["metadata"]["name"]
        if name.startswith(NAMESPACE):
            lone_kube.delete("namespaces", None, name)
    wait_for(
        "they are gone",
        lambda: (
            not [
                item
                for item in lone_kube.list("namespaces", None)
                if item["metadata"]["name"].startswith(NAMESPACE)
            ]
        ),
    )


@pytest.fixture
def proxy(lone_cluster: ControlPlane, tmp_path: Path) -> Iterator[Proxy]:
    """Between the test's operator and the API server."""
    with Proxy(lone_cluster, tmp_path) as standing:
        yield standing


def manifest(namespace: str) -> Json:
    return llmcache(namespace, stores={"redis": {"managed": {}}, "vectors": {"memory": {}}})


def state(kube: Kube, namespace: str) -> State:
    """All objects of the cache; of Secrets only how long their values are."""
    found: dict[tuple[str, str], Json] = {}
    for plural in OWNED:
        for item in kube.list(plural, namespace, "llmcache.dev/cache=support"):
            one = essence({"kind": KINDS[plural], **item}, "support")
            one = json.loads(
                json.dumps(one).replace(f".{namespace}.", ".NS.").replace(f'"{namespace}"', '"NS"')
            )
            if one["kind"] == "Deployment":
                # A hash over names that hold the namespace.
                one["spec"]["template"]["metadata"]["annotations"].pop(CONFIG_AT_START)
            if plural == "secrets":
                one["data"] = {key: len(value) for key, value in one["data"].items()}
            found[one["kind"], one["metadata"]["name"]] = one
    return found


def test_killed_at_each_step(oracle: Oracle, proxy: Proxy, make_operator: Make) -> None:
    """After each write in turn; the next operator finishes what the last one left."""
    operator = make_operator(kubeconfig=proxy.kubeconfig)
    steps = 0
    while True:
        steps += 1
        namespace = f"{NAMESPACE}-{steps}"
        operator.start()
        if steps > 1:
            before = f"{NAMESPACE}-{steps - 1}"
            wait_for("it is finished", lambda: oracle.converged(before))  # noqa: B023
            operator.settled(oracle.kube, before)
        limit = proxy.writes + steps

        def kill(number: int, path: str) -> None:
            if number == limit:  # noqa: B023
                operator.kill()

        proxy.passed = kill
        oracle.create(namespace)
        wait_for(
            "it is killed, or has nothing more to write",
            lambda: not operator.running or _settled(operator, oracle.kube, namespace),  # noqa: B023
        )
        proxy.passed = lambda number, path: None
        if operator.running:
            break
    oracle.holds(operator, namespace)
    assert steps > len(oracle.undisturbed)  # each object, and the status


def _settled(operator: OperatorProcess, kube: Kube, namespace: str) -> bool:
    item = kube.must("llmcaches", namespace, "support")
    seen = (item.get("status") or {}).get("observedGeneration")
    return seen == item["metadata"]["generation"] and not operator.busy


@pytest.mark.parametrize("status", [409, 429, 500])
def test_every_second_write_is_refused(
    oracle: Oracle, proxy: Proxy, make_operator: Make, status: int
) -> None:
    proxy.refuse = lambda number, path: status if number % 2 else None
    operator = make_operator(kubeconfig=proxy.kubeconfig).start()
    oracle.create()
    wait_for("it converges", oracle.converged)
    proxy.refuse = lambda number, path: None
    oracle.holds(operator)


@pytest.mark.parametrize("status", [500, 403])
def test_pods_wait_for_the_file_that_they_start_with(
    oracle: Oracle, proxy: Proxy, make_operator: Make, status: int
) -> None:
    """A new template over the old file would start pods with what nobody asked for any more, and
    what is read at the start only stays that way; a nudge is heard once; and those that run still
    use the store that went."""
    operator = make_operator(kubeconfig=proxy.kubeconfig).start()
    oracle.create()
    operator.settled(oracle.kube, NAMESPACE)
    wait_for("there is a pod", lambda: pods(oracle.kube))
    file, pod = at_start(oracle.kube), pods(oracle.kube)[0]["metadata"]["name"]
    refused: list[str] = []
    early: list[str] = []

    def refuse(number: int, path: str) -> int | None:
        if path.endswith("/configmaps/support-llama") and not refused:
            refused.append(path)
            return status
        return None

    def look(number: int, path: str) -> None:
        config, template = at_start(oracle.kube)
        live = oracle.kube.get("pods", NAMESPACE, pod)
        nudged = live is not None and HEARD in (live["metadata"].get("annotations") or {})
        redis = oracle.kube.get("statefulsets", NAMESPACE, "support-redis")
        if config == file[0] and (template != file[1] or nudged or redis is None):
            early.append(path)

    proxy.refuse, proxy.passed = refuse, look
    changed: Json = {"spec": {"stores": {"redis": None, "memory": {}}}}
    oracle.kube.patch("llmcaches", NAMESPACE, "support", changed)

    wait_for(
        "file and template are new",
        lambda: all(new != old for new, old in zip(at_start(oracle.kube), file, strict=True)),
    )
    assert refused
    assert early == []


def test_a_stranger_that_is_removed_while_others_write(
    oracle: Oracle, proxy: Proxy, make_operator: Make
) -> None:
    """The object is another edition by then: that is no refusal, and nobody has to do anything."""
    operator = make_operator(kubeconfig=proxy.kubeconfig).start()
    oracle.create()
    operator.settled(oracle.kube, NAMESPACE)
    in_between: list[str] = []

    def meanwhile(number: int, path: str) -> int | None:
        if path.endswith("/services/support-llama") and not in_between:
            in_between.append(path)
            body = {"metadata": {"annotations": {"somebody": "else"}}}
            oracle.kube.patch("services", NAMESPACE, "support-llama", body)
        return None

    proxy.refuse = meanwhile
    port = [{"op": "add", "path": "/spec/ports/-", "value": {"name": "more", "port": 9}}]
    oracle.kube.patch("services", NAMESPACE, "support-llama", port, kind="json")
    wait_for(
        "it is gone",
        lambda: len(oracle.kube.must("services", NAMESPACE, "support-llama")["spec"]["ports"]) == 1,
    )
    assert in_between
    assert "ApplyRefused" not in operator.tail(100_000)


def test_what_may_not_be_looked_at_is_in_nobodys_way(
    lone_kube: Kube, lone_namespace: str, proxy: Proxy, make_operator: Make
) -> None:
    """Pods wait for a Secret that the operator is not allowed to see: the status says so much."""
    kube, namespace = lone_kube, lone_namespace
    proxy.refuse_read = lambda number, path: 403 if path.endswith("/secrets/theirs") else None
    operator = make_operator(kubeconfig=proxy.kubeconfig).start()
    token = {"name": "theirs", "key": "k"}
    models = [{"name": "llama", "engine": engine(replicas=1, huggingFaceToken=token)}]
    with gpu_node(kube):
        kube.create("llmcaches", llmcache(namespace, models=models))

        def told() -> bool:
            status = kube.must("llmcaches", namespace, "support")["status"]
            return str(status["models"][0]["reason"]) == "PodStarting"

        wait_for("the pod is told of", told, 40)
    assert operator.complaints() == []


def pods(kube: Kube) -> list[Json]:
    return kube.list("pods", NAMESPACE, "llmcache.dev/model=llama")


def at_start(kube: Kube) -> tuple[Json, str]:
    """The sidecars' file, and the hash in the pod template of what is read at the start."""
    deployment = kube.must("deployments", NAMESPACE, "support-llama")
    annotations = deployment["spec"]["template"]["metadata"]["annotations"]
    return kube.must("configmaps", NAMESPACE, "support-llama")["data"], annotations[CONFIG_AT_START]


@pytest.mark.parametrize("status", [429, 500])
def test_one_read_in_three_is_refused(
    oracle: Oracle, proxy: Proxy, make_operator: Make, status: int
) -> None:
    """From the start on: whatever is asked first, of the cluster, the CRD or the Lease, too."""
    draws = random.Random(status)
    proxy.refuse_read = lambda number, path: status if draws.random() < 1 / 3 else None
    operator = make_operator(kubeconfig=proxy.kubeconfig).start()
    oracle.create()
    wait_for("it converges", oracle.converged)
    proxy.refuse_read = lambda number, path: None
    oracle.holds(operator)


def test_a_slow_api_server(oracle: Oracle, proxy: Proxy, make_operator: Make) -> None:
    """Each answer takes longer than most passes do."""
    proxy.pause_s = 1.0
    operator = make_operator(kubeconfig=proxy.kubeconfig).start()
    oracle.create()
    wait_for("it converges", oracle.converged)
    proxy.pause_s = 0.0
    oracle.holds(operator)


def test_watches_that_break_off(oracle: Oracle, proxy: Proxy, make_operator: Make) -> None:
    operator = make_operator(kubeconfig=proxy.kubeconfig).start()
    oracle.create()
    operator.settled(oracle.kube, NAMESPACE)
    proxy.drop_watches()
    oracle.kube.delete("services", NAMESPACE, "support-llama")
    wait_for("it is there again", lambda: oracle.kube.get("services", NAMESPACE, "support-llama"))
    oracle.holds(operator)


def test_a_watch_that_falls_silent(oracle: Oracle, proxy: Proxy, make_operator: Make) -> None:
    """What it swallows is found by listing, and /healthz says so at last, which restarts the pod."""
    operator = make_operator("--check-seconds", "1", kubeconfig=proxy.kubeconfig).start()
    proxy.silent = lambda path: path.endswith("/llmcaches")
    oracle.create()
    wait_for("it converges", oracle.converged)

    def asked_again() -> bool:
        body = {"metadata": {"annotations": {"another": str(proxy.reads)}}}
        oracle.kube.patch("llmcaches", NAMESPACE, "support", body)
        return "the watch of LLMCaches is silent" in operator.get("/healthz")[1]

    wait_for("it is not healthy", asked_again)
    operator.kill()
    proxy.silent = lambda path: False
    oracle.holds(operator.start())


def test_a_status_that_another_writer_mangles(
    oracle: Oracle, lone_kube: Kube, make_operator: Make
) -> None:
    operator = make_operator().start()
    oracle.create()
    operator.settled(lone_kube, NAMESPACE)
    before = lone_kube.must("llmcaches", NAMESPACE, "support")["status"]
    others = [{"type": "Ready", "status": "True", "reason": "X", "message": "",
               "lastTransitionTime": "2026-01-01T00:00:00Z"}]  # fmt: skip
    mangled: tuple[Json, ...] = (
        {"models": None, "conditions": others, "observedGeneration": 99},
        {"cache": {"since": "2026-01-01T00:00:00Z", "ledger": "no ledger"}, "modelsReady": "-1/x"},
        dict.fromkeys(before),
    )
    for status in mangled:
        lone_kube.patch("llmcaches", NAMESPACE, "support", {"status": status}, subresource="status")

        def mended() -> bool:
            found = lone_kube.must("llmcaches", NAMESPACE, "support")["status"]
            return _without_times(found) == _without_times(before)

        wait_for("it is mended", mended)
    oracle.holds(operator)


def _without_times(status: Json) -> Json:
    """What does not depend on when it was written."""
    conditions = [
        {name: value for name, value in one.items() if name != "lastTransitionTime"}
        for one in status["conditions"]
    ]
    return {**status, "conditions": conditions, "cache": None}


def test_a_namespace_goes_with_everything_in_it(
    oracle: Oracle, lone_kube: Kube, make_operator: Make
) -> None:
    operator = make_operator().start()
    oracle.create()
    operator.settled(lone_kube, NAMESPACE)
    lone_kube.delete("namespaces", None, NAMESPACE)
    wait_for("the namespace is gone", lambda: lone_kube.get("namespaces", None, NAMESPACE) is None)
    assert operator.complaints() == []


def older_crd() -> Json:
    """As a release before: fields of spec and status are missing."""
    found = crd()
    schema = found["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]
    del schema["spec"]["properties"]["quality"]
    del schema["status"]["properties"]["resolved"]
    return found


@pytest.mark.parametrize("running", [False, True], ids=["with the operator", "under it"])
def test_the_crd_is_upgraded_under_live_resources(
    oracle: Oracle, lone_kube: Kube, make_operator: Make, running: bool
) -> None:
    """What the older one dropped is told, and all goes on."""
    install_crd(lone_kube, older_crd())
    try:
        older = make_operator("--check-seconds", "1").start()
        oracle.create()
        older.settled(lone_kube, NAMESPACE)
        assert oracle.converged()
        (told,) = older.complaints()
        assert "is older than this operator" in told

        install_crd(lone_kube)
        operator = older
        if not running:
            older.stop()
            operator = make_operator().start()
        quality = {"spec": {"quality": {"holdoutPercent": 3}}}
        wait_for(
            "the new schema is served",
            lambda: lone_kube.patch("llmcaches", NAMESPACE, "support", quality)["spec"].get(
                "quality"
            ),
        )
        config = "quality.holdoutPercent = 3"
        wait_for(
            "the new field does something",
            lambda: config in str(differences(oracle.undisturbed, state(lone_kube, NAMESPACE))),
        )
        lone_kube.patch("llmcaches", NAMESPACE, "support", {"spec": {"quality": None}})
        wait_for("it does nothing any more", oracle.converged)
        operator.settled(lone_kube, NAMESPACE)
        assert operator.complaints() == ([told] if running else [])
        assert leaked(lone_kube, NAMESPACE) == set()
    finally:
        install_crd(lone_kube)
