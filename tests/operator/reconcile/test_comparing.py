"""When does a live object differ from what is wanted?"""

from __future__ import annotations

import copy
from typing import Any

import pytest

from llmcache_operator.reconcile import differences, rendered_hash, stamped
from llmcache_operator.reconcile.quantities import less, same_quantity


def deployment() -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "a", "namespace": "n", "labels": {"x": "y"}},
        "spec": {
            "template": {
                "spec": {
                    "hostNetwork": False,
                    "containers": [
                        {
                            "name": "engine",
                            "image": "i:1",
                            "args": ["--a", "1"],
                            "env": [{"name": "A", "value": ""}],
                            "ports": [{"name": "http", "containerPort": 8080}],
                            "resources": {"limits": {"memory": "1024Mi", "cpu": "1000m"}},
                        }
                    ],
                    "volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": "1Gi"}}],
                    "tolerations": [{"key": "gpu", "operator": "Exists"}],
                }
            }
        },
    }


def live(**changes: Any) -> dict[str, Any]:
    """What the API server makes of it: defaults, canonical quantities, nothing that is false."""
    found = copy.deepcopy(deployment())
    found["metadata"] |= {"uid": "u", "resourceVersion": "7"}
    spec = found["spec"]["template"]["spec"]
    del spec["hostNetwork"]
    (engine,) = spec["containers"]
    engine["env"] = [{"name": "A"}]
    engine["ports"][0]["protocol"] = "TCP"
    engine["resources"] = {"limits": {"memory": "1Gi", "cpu": "1"}}
    engine["imagePullPolicy"] = "Always"
    spec["restartPolicy"] = "Always"
    found["status"] = {"replicas": 1}
    engine |= changes
    return found


def test_defaults_and_other_words_for_the_same_are_no_difference() -> None:
    assert differences(deployment(), live()) == frozenset()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"image": "i:2"}, 'image is "i:2"'),
        ({"args": ["--a", "2"]}, 'args[1] is "2"'),
        ({"args": ["--a"]}, 'args has ["--a"]'),
        ({"env": []}, "env[A] is missing"),
        ({"ports": []}, "ports[8080,TCP] is missing"),
        ({"resources": {"limits": {"memory": "2Gi", "cpu": "1"}}}, 'memory is "2Gi"'),
        ({"resources": {}}, "limits is missing"),
    ],
)
def test_each_edit_is_a_difference(change: dict[str, Any], told: str) -> None:
    (found,) = differences(deployment(), live(**change))
    assert found.endswith(told)


def test_items_that_others_added_are_not_ours_to_compare() -> None:
    found = live(env=[{"name": "A"}, {"name": "B", "value": "theirs"}])
    found["spec"]["template"]["spec"]["containers"].insert(0, {"name": "spy"})
    assert differences(deployment(), found) == frozenset()


def test_a_list_without_keys_is_one_value() -> None:
    found = live()
    found["spec"]["template"]["spec"]["tolerations"].append({"key": "other"})
    assert len(differences(deployment(), found)) == 1


def test_false_is_missed_where_its_absence_means_something_else() -> None:
    wanted = deployment()
    wanted["spec"]["template"]["spec"]["automountServiceAccountToken"] = False
    assert differences(wanted, live()) == {
        "spec.template.spec.automountServiceAccountToken is missing"
    }


def test_init_containers_keep_their_order() -> None:
    wanted, found = deployment(), live()
    wanted["spec"]["template"]["spec"]["initContainers"] = [{"name": "a"}, {"name": "b"}]
    found["spec"]["template"]["spec"]["initContainers"] = [{"name": "b"}, {"name": "a"}]
    assert "another order" in next(iter(differences(wanted, found)))


@pytest.mark.parametrize(
    ("one", "other"),
    [("1Gi", "1024Mi"), ("1000m", 1), ("0.5", "500m"), ("1k", 1000), ("1e3", "1k"), ("0", "0Gi")],
)
def test_quantities_of_one_value_are_the_same(one: object, other: object) -> None:
    assert same_quantity(one, other)
    assert not less(one, other)


@pytest.mark.parametrize(("one", "other"), [("1G", "1Gi"), ("999m", "1"), ("60Gi", "0.1Ti")])
def test_the_smaller_quantity_is_less(one: str, other: str) -> None:
    assert less(one, other)
    assert not less(other, one)


@pytest.mark.parametrize("text", ["", "Gi", "x1", "1GiB", True, None, [], "NaN", "Infinity"])
def test_what_is_no_quantity_equals_nothing(text: object) -> None:
    assert not same_quantity(text, text)
    assert not less(text, "1")


def test_the_hash_tells_renderings_apart_and_ignores_itself() -> None:
    first, second = deployment(), deployment()
    second["spec"]["template"]["spec"]["containers"][0]["image"] = "i:2"
    assert rendered_hash(first) != rendered_hash(second)
    assert rendered_hash(stamped(first)) == rendered_hash(first)


def test_what_others_add_to_a_selector_or_a_rule_is_a_difference() -> None:
    """It changes what ours means: a Service with one label more in its selector finds no pod."""
    ours: dict[str, Any] = {
        "kind": "NetworkPolicy",
        "spec": {
            "podSelector": {"matchLabels": {"a": "b"}},
            "ingress": [{"ports": [{"port": 8080, "protocol": "TCP"}]}],
        },
    }
    theirs = copy.deepcopy(ours)
    theirs["spec"] |= {"policyTypes": ["Ingress"]}
    assert differences(ours, theirs) == frozenset()

    theirs["spec"]["podSelector"]["matchLabels"]["c"] = "d"
    theirs["spec"]["ingress"][0]["ports"][0]["endPort"] = 9000
    assert differences(ours, theirs) == {
        'spec.podSelector.matchLabels.c is "d"',
        "spec.ingress[0].ports[0].endPort is 9000",
    }
