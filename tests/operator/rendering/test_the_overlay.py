"""podTemplate adds to our pods; it can't undo what makes them safe."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from llmcache_operator.rendering.overlay.merging import MergeError, merge

from .caches import endpoint, engine, named, one, pod_of, rendered


def laid_over(overlay: dict[str, Any]) -> dict[str, Any]:
    rendering = rendered(engine(podTemplate=overlay))
    assert not rendering.problems
    template: dict[str, Any] = one(rendering, "Deployment", "support-llama")["spec"]["template"]
    return template


def refused(overlay: dict[str, Any]) -> str:
    rendering = rendered(engine(podTemplate=overlay))
    (problem,) = rendering.problems
    assert problem.reason == "PodTemplateInvalid"
    assert [workload.name for workload in rendering.untouched] == ["llama"]
    assert not any(item["metadata"]["name"] == "support-llama" for item in rendering.objects)
    return problem.message


def test_labels_annotations_containers_and_volumes_can_be_added() -> None:
    template = laid_over(
        {
            "metadata": {"labels": {"team": "a"}, "annotations": {"note": "b"}},
            "spec": {
                "containers": [{"name": "exporter", "image": "dcgm:1"}],
                "volumes": [{"name": "more", "emptyDir": {}}],
                "dnsPolicy": "Default",
            },
        }
    )
    assert template["metadata"]["labels"]["team"] == "a"
    assert template["metadata"]["labels"]["llmcache.dev/model"] == "llama"
    assert template["metadata"]["annotations"]["note"] == "b"
    assert [item["name"] for item in template["spec"]["containers"]] == ["engine", "exporter"]
    assert named(template["spec"]["volumes"], "more") == {"name": "more", "emptyDir": {}}
    assert template["spec"]["dnsPolicy"] == "Default"


def test_our_containers_can_be_given_more() -> None:
    template = laid_over(
        {
            "spec": {
                "containers": [
                    {
                        "name": "engine",
                        "env": [{"name": "NCCL_DEBUG", "value": "INFO"}],
                        "resources": {"limits": {"memory": "64Gi"}},
                    }
                ]
            }
        }
    )
    vllm = named(template["spec"]["containers"], "engine")
    assert named(vllm["env"], "NCCL_DEBUG")["value"] == "INFO"
    assert named(vllm["env"], "VLLM_HOST_IP")["value"] == "127.0.0.1"
    assert vllm["resources"]["limits"] == {"nvidia.com/gpu": "1", "memory": "64Gi"}


def test_a_gateway_has_one_too() -> None:
    overlay = {"metadata": {"labels": {"team": "a"}}}
    rendering = rendered(endpoint(podTemplate=overlay))
    deployment = one(rendering, "Deployment", "support-there")
    assert deployment["spec"]["template"]["metadata"]["labels"]["team"] == "a"


@pytest.mark.parametrize(
    ("overlay", "says"),
    [
        ({"spec": {"hostNetwork": True}}, "hostNetwork"),
        ({"spec": {"hostPID": True}}, "hostPID"),
        ({"spec": {"hostIPC": True}}, "hostIPC"),
        ({"spec": {"shareProcessNamespace": True}}, "shareProcessNamespace"),
        ({"spec": {"terminationGracePeriodSeconds": 1}}, "drainSeconds"),
        ({"spec": {"restartPolicy": "Never"}}, "restartPolicy"),
        ({"spec": {"securityContext": {"runAsNonRoot": False}}}, "runAsNonRoot"),
        ({"spec": {"$patch": "replace"}}, "$patch"),
        ({"spec": {"containers": [{"name": "engine", "$patch": "delete"}]}}, "$patch"),
        ({"spec": {"initContainers": None}}, "takes nothing away"),
        ({"spec": {"initContainers": [{"name": "sidecar", "restartPolicy": None}]}}, "nothing away"),
        ({"spec": {"initContainers": [{"name": "sidecar", "image": "x"}]}}, "sidecar].image"),
        ({"spec": {"initContainers": [{"name": "sidecar", "restartPolicy": "Never"}]}}, "sidecar"),
        ({"spec": {"initContainers": [{"name": "engine", "image": "x"}]}}, "choose another"),
        ({"spec": {"containers": [{"name": "engine", "args": ["x"]}]}}, "engine].args"),
        ({"spec": {"containers": [{"name": "engine", "command": ["x"]}]}}, "engine].command"),
        ({"spec": {"containers": [{"name": "engine", "ports": [{"containerPort": 8000}]}]}}, "ports"),
        ({"spec": {"containers": [{"name": "engine", "livenessProbe": {"periodSeconds": 1}}]}},
         "livenessProbe"),
        ({"spec": {"containers": [{"name": "engine", "startupProbe": {"periodSeconds": 1}}]}},
         "startupProbe"),
        ({"spec": {"containers": [{"name": "engine", "lifecycle": {"postStart": {}}}]}}, "lifecycle"),
        ({"spec": {"containers": [{"name": "engine", "securityContext": {"runAsUser": 0}}]}},
         "securityContext"),
        ({"spec": {"containers": [{"name": "engine", "env": [{"name": "VLLM_HOST_IP", "value": "x"}]}]}},
         "VLLM_HOST_IP"),
        ({"spec": {"containers": [{"name": "engine", "env": [{"name": "VLLM_PORT", "value": "x"}]}]}},
         "VLLM_PORT"),
        ({"spec": {"containers": [{"name": "engine", "env": [{"name": "HF_TOKEN", "value": "x"}]}]}},
         "huggingFaceToken"),
        ({"spec": {"containers": [{"name": "p", "ports": [{"containerPort": 9, "hostPort": 9}]}]}},
         "hostPort"),
        ({"spec": {"containers": [{"name": "p", "ports": [{"containerPort": 9, "name": "http"}]}]}},
         "sidecar's"),
        ({"spec": {"containers": [{"name": "p", "ports": [{"containerPort": 8080}]}]}}, "sidecar's"),
        ({"spec": {"volumes": [{"name": "config", "emptyDir": {}}]}}, "volumes[config]"),
        ({"spec": {"initContainers": [{"name": "sidecar", "volumeMounts": [
            {"mountPath": "/etc/llmcache/config", "name": "mine"}]}]}}, "volumeMounts"),
        ({"metadata": {"labels": {"llmcache.dev/model": "other"}}}, "llmcache.dev/model"),
        ({"metadata": {"name": "other"}}, "metadata.name"),
        ({"status": {}}, "metadata and spec"),
        ({"spec": []}, ""),
        ({"spec": {"containers": "x"}}, ""),
        ({"spec": {"containers": [3]}}, "takes items with name"),
        ({"spec": {"containers": [{"name": ["x"]}]}}, "takes items with name"),
        ({"spec": {"containers": [{"name": "a"}, {"name": "a"}]}}, "twice"),
        ({"metadata": "x"}, ""),
        ({"metadata": {"labels": [1]}}, ""),
    ],
)  # fmt: skip
def test_what_would_undo_ours_is_refused_in_words(overlay: dict[str, Any], says: str) -> None:
    assert says in refused(overlay)


def test_neither_side_of_a_merge_is_changed() -> None:
    base = {"containers": [{"name": "a", "env": [{"name": "x", "value": "1"}]}], "m": {"a": 1}}
    over = {"containers": [{"name": "a", "env": [{"name": "y", "value": "2"}]}], "m": {"b": 2}}
    before = copy.deepcopy((base, over))
    merged = merge(base, over)
    assert (base, over) == before
    assert [item["name"] for item in merged["containers"][0]["env"]] == ["x", "y"]
    assert merged["m"] == {"a": 1, "b": 2}


def test_lists_without_identity_and_atomic_maps_are_replaced() -> None:
    base = {"tolerations": [{"key": "a"}], "nodeSelector": {"a": "1"}}
    over = {"tolerations": [{"key": "b"}], "nodeSelector": {"b": "2"}}
    assert merge(base, over) == over


def test_two_ports_of_one_number_differ_by_protocol() -> None:
    base = {"ports": [{"containerPort": 1}]}
    merged = merge(base, {"ports": [{"containerPort": 1, "protocol": "UDP"}]})
    assert len(merged["ports"]) == 2
    assert len(merge(base, {"ports": [{"containerPort": 1, "protocol": "TCP"}]})["ports"]) == 1


def test_null_inside_a_new_list_is_refused_too() -> None:
    with pytest.raises(MergeError, match="takes nothing away"):
        merge({}, {"tolerations": [{"key": None}]})


def test_the_pod_of_before_is_not_touched_by_a_wrong_overlay() -> None:
    plain = pod_of(one(rendered(engine()), "Deployment", "support-llama"))
    refused({"spec": {"hostNetwork": True}})
    assert pod_of(one(rendered(engine()), "Deployment", "support-llama")) == plain
