"""(resource, rendering, observed) -> plan, without a cluster."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from llmcache_api.resource import LLMCacheSpec
from llmcache_operator.domain import (
    Claimant,
    Foreign,
    LLMCache,
    Manifest,
    ObjectKey,
    Observed,
    key_of,
)
from llmcache_operator.reconcile import (
    AnnotatePod,
    Apply,
    Create,
    Delete,
    DropForeign,
    GrowClaim,
    Plan,
    TakeOverReplicas,
    claimed,
    differences,
    lookups,
    must_wait,
    reconcile,
    stamped,
)
from llmcache_operator.rendering import Facts, Rendering, render

CACHE = LLMCache(
    "ai",
    "support",
    "uid-1",
    1,
    LLMCacheSpec.model_validate(
        {
            "models": [
                {
                    "name": "llama",
                    "engine": {"model": "m/x", "weights": {"ephemeral": {"storage": "60Gi"}}},
                }
            ]
        }
    ),
)


def changed(**sections: Any) -> LLMCache:
    """The same with other sections."""
    spec = CACHE.spec.model_dump(mode="json", by_alias=True, exclude_unset=True) | sections
    return replace(CACHE, spec=LLMCacheSpec.model_validate(spec))


def rendering(cache: LLMCache = CACHE) -> Rendering:
    return render(cache, {}, Facts("llmcache-system"))


def living(manifest: Manifest, **metadata: Any) -> Manifest:
    """As if it had been applied."""
    live = copy.deepcopy(stamped(manifest))
    live["metadata"] |= {"uid": f"uid of {key_of(manifest)}", "resourceVersion": "1"} | metadata
    return live


def applied(found: Rendering) -> dict[ObjectKey, Manifest]:
    secrets = [secret.manifest for secret in found.secrets]
    return {key_of(one): living(one) for one in (*found.objects, *secrets)}


def kinds(plan: Plan) -> list[str]:
    return [type(action).__name__ for action in plan.actions]


def test_the_first_plan_creates_everything_without_force() -> None:
    found = rendering()
    plan = reconcile(CACHE, found, Observed())
    assert kinds(plan).count("Apply") == len(found.objects)
    assert kinds(plan).count("Create") == len(found.secrets)
    assert all(action.uid is None for action in plan.actions if isinstance(action, Apply))
    assert plan.problems == ()


def test_at_rest_there_is_nothing_to_do() -> None:
    found = rendering()
    assert reconcile(CACHE, found, Observed(applied(found))).actions == ()


def test_an_edit_is_undone_by_force_and_by_uid() -> None:
    found = rendering()
    objects = applied(found)
    key = next(key for key in objects if key.kind == "Deployment")
    objects[key]["spec"]["template"]["spec"]["containers"][0]["image"] = "theirs"

    (action,) = reconcile(CACHE, found, Observed(objects)).actions

    assert isinstance(action, Apply)
    assert action.uid == objects[key]["metadata"]["uid"]
    assert "theirs" in action.why


def test_what_the_api_server_writes_otherwise_is_not_applied_again_and_again() -> None:
    found = rendering()
    objects = applied(found)
    key = next(key for key in objects if key.kind == "Service")
    objects[key]["spec"]["ports"][0]["targetPort"] = 8080
    wanted = next(one for one in found.objects if key_of(one) == key)
    settled = {key: differences(wanted, objects[key])}

    assert reconcile(CACHE, found, Observed(objects), settled).actions == ()

    objects[key]["spec"]["ports"][0]["targetPort"] = 9090
    assert kinds(reconcile(CACHE, found, Observed(objects), settled)) == ["Apply"]


def test_foreign_names_are_told_and_left_alone() -> None:
    found = rendering()
    key = key_of(found.objects[0])
    plan = reconcile(CACHE, found, Observed(foreign={key: Foreign(Claimant.STRANGER, "Job x")}))
    (problem,) = plan.problems
    assert problem.reason == "NameTaken"
    assert "Job x" in problem.message
    assert key not in {key_of(a.manifest) for a in plan.actions if isinstance(a, Apply)}
    assert not plan.awaiting


def test_what_a_former_resource_left_is_awaited() -> None:
    found = rendering()
    key = key_of(found.objects[0])
    plan = reconcile(
        CACHE, found, Observed(foreign={key: Foreign(Claimant.LEAVING, "LLMCache support")})
    )
    assert plan.awaiting
    assert [problem.reason for problem in plan.problems] == ["AwaitingDeletion"]


def test_only_what_this_very_resource_owns_is_pruned() -> None:
    found = rendering()
    objects = applied(found)
    extra = living(found.objects[0])
    for name, owners in (
        ("ours", extra["metadata"]["ownerReferences"]),
        ("unowned", []),
    ):
        one = {**extra, "metadata": {**extra["metadata"], "name": name, "ownerReferences": owners}}
        objects[key_of(one)] = one

    (action,) = reconcile(CACHE, found, Observed(objects)).actions

    assert isinstance(action, Delete)
    assert action.key.name == "ours"


def test_workloads_that_no_renderer_knows_are_not_pruned() -> None:
    found = rendering()
    unknown = render(CACHE, {"llama": type(found.newest)("v99")}, Facts("llmcache-system"))
    assert unknown.untouched

    assert reconcile(CACHE, unknown, Observed(applied(found))).actions == ()


def test_what_pods_of_a_refused_model_use_is_not_pruned() -> None:
    """They run on as they were, with the stores of before."""
    before = rendering()
    cache = changed(stores={"memory": {}, "vectors": {"memory": {}}})
    refused = render(cache, {"llama": type(before.newest)("v99")}, Facts("llmcache-system"))

    assert reconcile(cache, refused, Observed(applied(before))).actions == ()

    deleted = {
        (action.key.kind, action.key.name)
        for action in reconcile(cache, rendering(cache), Observed(applied(before))).actions
        if isinstance(action, Delete)
    }
    assert ("StatefulSet", "support-redis") in deleted
    assert ("Secret", "support-redis") in deleted


def test_what_pods_that_were_not_rolled_use_is_not_deleted() -> None:
    """Nor after the API server has refused the change that would roll them."""
    objects = applied(rendering())
    cache = changed(stores={"memory": {}, "vectors": {"memory": {}}})
    plan = reconcile(cache, rendering(cache), Observed(objects))
    (roll,) = [one for one in plan.actions if isinstance(one, Apply) and one.uid is not None
               and one.manifest["kind"] == "Deployment"]  # fmt: skip
    deletes = [action for action in plan.actions if isinstance(action, Delete)]
    assert {action.model for action in deletes} == {None}
    others = replace(deletes[0], model="a model that went")

    assert all(must_wait(action, [roll]) for action in deletes)
    assert must_wait(replace(others, model="llama"), [roll])
    assert not must_wait(others, [roll])
    assert not any(must_wait(action, []) for action in deletes)


@pytest.mark.parametrize(
    ("kind", "waits_for_a_change"),
    [("ConfigMap", True), ("PersistentVolumeClaim", False), ("ServiceAccount", False)],
)
def test_pods_wait_for_what_is_not_there_but_start_with_a_claim_that_may_not_grow(
    kind: str, waits_for_a_change: bool
) -> None:
    """A class without expansion, or a quota, refuses the claim for good: its model is rolled out."""
    weights = {"claim": {"storage": "60Gi", "accessMode": "ReadWriteMany"}}
    engine = {"model": "m/x", "weights": weights}
    cache = changed(models=[{"name": "llama", "engine": engine}])
    applies = [one for one in reconcile(cache, rendering(cache), Observed()).actions
               if isinstance(one, Apply)]  # fmt: skip
    of_model = [
        one for one in applies if "llmcache.dev/model" in one.manifest["metadata"]["labels"]
    ]
    (roll,) = [one for one in of_model if one.manifest["kind"] == "Deployment"]
    refused = next(one for one in of_model if one.manifest["kind"] == kind)

    assert must_wait(roll, [refused])
    assert must_wait(roll, [replace(refused, uid="u")]) is waits_for_a_change


def test_replicas_are_held_before_they_are_let_go() -> None:
    found = rendering()
    objects = applied(found)
    key = next(key for key in objects if key.kind == "Deployment")
    objects[key]["spec"]["replicas"] = 3

    plan = reconcile(CACHE, found, Observed(objects, replicas_owned=frozenset({key})))

    assert plan.actions == (TakeOverReplicas(key, objects[key]["metadata"]["uid"], 3),)


def test_a_pod_hears_of_a_configuration_once() -> None:
    found = rendering()
    (model,) = found.models
    objects = applied(found)
    pod: Manifest = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "p",
            "namespace": "ai",
            "uid": "u",
            "labels": dict(model.selector),
            "annotations": {"llmcache.dev/config": "older"},
        },
        "spec": {},
    }
    (action,) = reconcile(CACHE, found, Observed(objects, pods=(pod,))).actions
    assert isinstance(action, AnnotatePod)
    pod["metadata"]["annotations"] = dict(action.annotations)
    assert reconcile(CACHE, found, Observed(objects, pods=(pod,))).actions == ()
    pod["metadata"]["annotations"] = {}
    assert reconcile(CACHE, found, Observed(objects, pods=(pod,))).actions == ()


def claim_of(store: Manifest, storage: str) -> Manifest:
    """What the StatefulSet's controller made of its template."""
    metadata = store["metadata"]
    return living(
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {
                "name": f"data-{metadata['name']}-0",
                "namespace": "ai",
                "labels": metadata["labels"],
                "ownerReferences": [
                    {
                        "kind": "StatefulSet",
                        "name": metadata["name"],
                        "uid": "s",
                        "controller": True,
                    }
                ],
            },
            "spec": {"resources": {"requests": {"storage": storage}}},
        }
    )


def test_claims_of_a_store_grow_although_its_stateful_set_owns_them() -> None:
    found = rendering()
    objects = applied(found)
    store = next(key for key in objects if key.kind == "StatefulSet" and "qdrant" in key.name)
    claim = claim_of(objects[store], "5Gi")
    assert claimed(claim, CACHE, {"uid-1"}) is None
    objects[key_of(claim)] = claim
    (action,) = reconcile(CACHE, found, Observed(objects)).actions
    assert action == GrowClaim(key_of(claim), claim["metadata"]["uid"], "10Gi", store)


def test_a_larger_template_of_claims_makes_the_set_anew_around_its_pods() -> None:
    found = rendering()
    objects = applied(found)
    store = next(key for key in objects if key.kind == "StatefulSet" and "qdrant" in key.name)
    (template,) = objects[store]["spec"]["volumeClaimTemplates"]
    template["spec"]["resources"]["requests"]["storage"] = "5Gi"

    plan = reconcile(CACHE, found, Observed(objects))

    (action,) = plan.actions
    assert isinstance(action, Delete)
    assert (action.key, action.orphan) == (store, True)
    assert plan.awaiting


def test_a_smaller_template_of_claims_keeps_what_there_is_and_says_so() -> None:
    found = rendering()
    objects = applied(found)
    store = next(key for key in objects if key.kind == "StatefulSet" and "qdrant" in key.name)
    (template,) = objects[store]["spec"]["volumeClaimTemplates"]
    template["spec"]["resources"]["requests"]["storage"] = "20Gi"
    claim = claim_of(objects[store], "20Gi")
    objects[key_of(claim)] = claim

    plan = reconcile(CACHE, found, Observed(objects))

    (problem,) = plan.problems
    assert problem.reason == "ClaimCannotShrink"
    assert "Write 20Gi, or take the managed store away and bring it back" in problem.message
    (action,) = plan.actions
    assert isinstance(action, Apply)
    (kept,) = action.manifest["spec"]["volumeClaimTemplates"]
    assert kept["spec"]["resources"]["requests"]["storage"] == "20Gi"
    objects[store] = living(action.manifest)
    assert reconcile(CACHE, found, Observed(objects)).actions == ()


def test_claims_of_a_store_that_others_grew_are_nobodys_trouble() -> None:
    """By hand, or an autoscaler of volumes: the resource and the template of claims say the same."""
    found = rendering()
    objects = applied(found)
    store = next(key for key in objects if key.kind == "StatefulSet" and "qdrant" in key.name)
    claim = claim_of(objects[store], "20Gi")
    objects[key_of(claim)] = claim
    (template,) = objects[store]["spec"]["volumeClaimTemplates"]
    assert template["spec"]["resources"]["requests"]["storage"] == "10Gi"

    plan = reconcile(CACHE, found, Observed(objects))

    assert plan.problems == ()
    assert plan.actions == ()
    assert not plan.awaiting


def test_a_size_that_claims_could_not_follow_can_be_taken_back() -> None:
    """The API server refuses what their class does not allow; the template had grown before."""
    found = rendering()
    objects = applied(found)
    store = next(key for key in objects if key.kind == "StatefulSet" and "qdrant" in key.name)
    claim = claim_of(objects[store], "10Gi")
    objects[key_of(claim)] = claim
    (template,) = objects[store]["spec"]["volumeClaimTemplates"]
    template["spec"]["resources"]["requests"]["storage"] = "20Gi"

    plan = reconcile(CACHE, found, Observed(objects))

    assert plan.problems == ()
    (action,) = plan.actions
    assert isinstance(action, Delete)
    assert (action.key, action.orphan) == (store, True)


def test_a_set_is_not_made_anew_while_its_claims_are_refused_to_grow() -> None:
    found = rendering()
    objects = applied(found)
    store = next(key for key in objects if key.kind == "StatefulSet" and "qdrant" in key.name)
    claim = claim_of(objects[store], "5Gi")
    objects[key_of(claim)] = claim
    (template,) = objects[store]["spec"]["volumeClaimTemplates"]
    template["spec"]["resources"]["requests"]["storage"] = "5Gi"

    (anew,) = [one for one in reconcile(CACHE, found, Observed(objects)).actions
               if isinstance(one, Delete)]  # fmt: skip
    (grow,) = [one for one in reconcile(CACHE, found, Observed(objects)).actions
               if isinstance(one, GrowClaim)]  # fmt: skip

    assert must_wait(anew, [grow])
    assert not must_wait(anew, [replace(grow, store=replace(store, name="another"))])


def with_qdrant(image: str) -> LLMCache:
    return changed(stores={"memory": {}, "vectors": {"qdrant": {"managed": {"image": image}}}})


@pytest.mark.parametrize(
    ("runs", "wanted", "reason"),
    [
        ("qdrant/qdrant:v1.12.4", "qdrant/qdrant:v1.12.6", None),
        ("qdrant/qdrant:v1.12.4", "qdrant/qdrant:v1.13.0-unprivileged", None),
        ("qdrant/qdrant:v1.12.4", "mirror:5000/qdrant:1.14", "QdrantMinorSkipped"),
        ("qdrant/qdrant:v1.12.4", "qdrant/qdrant:v2.0.0", "QdrantMinorSkipped"),
        ("qdrant/qdrant:v1.13.0", "qdrant/qdrant:v1.12.4", None),
        ("qdrant/qdrant:v1.14.0", "qdrant/qdrant:v1.12.4", "QdrantMinorSkipped"),
        ("qdrant/qdrant:v1.12.4", "qdrant/qdrant:latest", None),
        ("mirror/ours@sha256:0", "qdrant/qdrant:v1.14.0", None),
    ],
)
def test_qdrants_minor_versions_are_not_skipped(runs: str, wanted: str, reason: str | None) -> None:
    objects = applied(rendering(with_qdrant(runs)))
    cache = with_qdrant(wanted)

    plan = reconcile(cache, rendering(cache), Observed(objects))

    (qdrant,) = [one for one in plan.wanted if one["kind"] == "StatefulSet"]
    (container,) = qdrant["spec"]["template"]["spec"]["containers"]
    assert [problem.reason for problem in plan.problems] == ([reason] if reason else [])
    assert container["image"] == (runs if reason else wanted)
    if reason and "v2" not in wanted:
        assert "to a release of 1.13" in plan.problems[0].message


def test_a_pod_whose_set_is_made_anew_keeps_its_version() -> None:
    pod = {
        "metadata": {"labels": {"app.kubernetes.io/component": "qdrant"}},
        "spec": {"containers": [{"name": "qdrant", "image": "qdrant:1.12"}]},
    }
    cache = with_qdrant("qdrant:1.14")
    plan = reconcile(cache, rendering(cache), Observed(pods=(pod,)))
    (found,) = [one for one in plan.wanted if one["kind"] == "StatefulSet"]
    assert found["spec"]["template"]["spec"]["containers"][0]["image"] == "qdrant:1.12"
    assert [problem.reason for problem in plan.problems] == ["QdrantMinorSkipped"]


def test_the_next_minor_of_qdrant_waits_until_the_one_before_has_run() -> None:
    objects = applied(rendering(with_qdrant("qdrant:1.13")))
    (live,) = [one for key, one in objects.items() if key.kind == "StatefulSet"]
    live["status"] = {"currentRevision": "of 1.12", "updateRevision": "of 1.13"}

    def images(wanted: str) -> tuple[str, list[str]]:
        cache = with_qdrant(wanted)
        plan = reconcile(cache, rendering(cache), Observed(objects))
        (found,) = [one for one in plan.wanted if one["kind"] == "StatefulSet"]
        (container,) = found["spec"]["template"]["spec"]["containers"]
        return container["image"], [problem.reason for problem in plan.problems]

    assert images("qdrant:1.14") == ("qdrant:1.13", ["QdrantUpgradeWaits"])
    assert images("qdrant:1.13.1") == ("qdrant:1.13.1", [])
    assert images("qdrant:1.12") == ("qdrant:1.12", [])
    live["status"]["currentRevision"] = "of 1.13"
    assert images("qdrant:1.14") == ("qdrant:1.14", [])


def test_items_of_strangers_are_removed_from_the_end() -> None:
    found = rendering()
    objects = applied(found)
    key = next(key for key in objects if key.kind == "Deployment")
    spec = objects[key]["spec"]["template"]["spec"]
    spec["containers"] = [{"name": "a"}, *spec["containers"], {"name": "b"}]
    last = len(spec["containers"]) - 1

    (action,) = reconcile(CACHE, found, Observed(objects)).actions

    assert isinstance(action, DropForeign)
    at = "/spec/template/spec/containers"
    assert action.pointers == (f"{at}/{last}", f"{at}/0")


def test_secrets_are_looked_up_and_made_once() -> None:
    found = rendering()
    secrets = tuple(secret.manifest for secret in found.secrets)
    assert set(lookups(secrets, Observed())) == {key_of(one) for one in secrets}
    plan = reconcile(CACHE, found, Observed(applied(found)))
    assert not [action for action in plan.actions if isinstance(action, Create)]


def test_whose_is_it() -> None:
    live = living(rendering().objects[0])
    (owner,) = live["metadata"]["ownerReferences"]

    def owned_by(**changes: Any) -> Foreign | None:
        metadata = {**live["metadata"], "ownerReferences": [{**owner, **changes}]}
        return claimed({**live, "metadata": metadata}, CACHE, {"uid-1", "uid-2"})

    assert owned_by() is None
    assert owned_by(uid="uid-2", name="b") == Foreign(Claimant.OTHER_CACHE, "LLMCache b")
    assert owned_by(uid="uid-0") == Foreign(Claimant.LEAVING, "LLMCache support")
    assert owned_by(uid="x", kind="Job", name="j") == Foreign(Claimant.STRANGER, "Job j")
    unowned = {**live, "metadata": {**live["metadata"], "ownerReferences": []}}
    assert claimed(unowned, CACHE, {"uid-1"}) is None
    unlabelled = {**unowned, "metadata": {**unowned["metadata"], "labels": {}}}
    assert claimed(unlabelled, CACHE, {"uid-1"}) == Foreign(Claimant.STRANGER)
