"""Pods of engines and gateways: weights, embedding models, drain, scheduling, who may connect."""

from __future__ import annotations

from typing import Any

import pytest

from llmcache_operator.rendering import Rendering

from .caches import SHORTEST, endpoint, engine, named, one, pod_of, rendered


def deployment(**fields: Any) -> dict[str, Any]:
    return one(rendered(engine(**fields)), "Deployment", "support-llama")


def pod(**fields: Any) -> dict[str, Any]:
    return pod_of(deployment(**fields))


def vllm(**fields: Any) -> dict[str, Any]:
    return named(pod(**fields)["containers"], "engine")


def environment(**fields: Any) -> dict[str, Any]:
    return {item["name"]: item.get("value") for item in vllm(**fields)["env"]}


# Weights.


def test_weights_are_downloaded_by_one_container_that_has_the_token() -> None:
    found = pod(huggingFaceToken={"name": "hf", "key": "token"}, revision="abc")
    weights = named(found["initContainers"], "weights")
    assert weights["args"][:2] == ["download-weights", "org/llama"]
    assert "--revision" in weights["args"]
    assert "--token-file" in weights["args"]
    assert named(found["volumes"], "hub-token")["secret"]["secretName"] == "hf"
    mount = named(named(found["containers"], "engine")["volumeMounts"], "weights")
    assert mount["readOnly"] is True
    assert named(found["volumes"], "weights")["emptyDir"] == {"sizeLimit": "100Gi"}
    assert environment()["HF_HUB_OFFLINE"] == "1"


def test_the_sidecar_is_up_before_the_download_begins() -> None:
    assert [item["name"] for item in pod()["initContainers"]] == ["sidecar", "weights"]


def test_a_claim_outlives_the_resource_unless_it_is_told_not_to() -> None:
    claim = {"storage": "60Gi", "accessMode": "ReadWriteMany"}
    for retain, owned in ((None, False), (True, False), (False, True)):
        weights = {"claim": claim} if retain is None else {"claim": claim, "retain": retain}
        made = one(
            rendered(engine(weights=weights)), "PersistentVolumeClaim", "support-llama-weights"
        )
        assert ("ownerReferences" in made["metadata"]) is owned
        assert made["metadata"]["labels"]["llmcache.dev/model"] == "llama"


def test_compiled_kernels_are_kept_by_gpu_and_version() -> None:
    claim = {"claim": {"storage": "60Gi", "accessMode": "ReadWriteMany"}}
    h100 = {"nodeSelector": {"nvidia.com/gpu.product": "NVIDIA-H100"}}
    paths = {
        mount["mountPath"]: mount.get("subPath")
        for mount in vllm(weights=claim, scheduling=h100)["volumeMounts"]
    }
    assert paths["/var/cache/vllm"] == "compiled/NVIDIA-H100/0.33.0"
    assert environment(weights=claim)["VLLM_CACHE_ROOT"] == "/var/cache/vllm/vllm"


@pytest.mark.parametrize(
    ("weights", "argument", "cache"),
    [
        ({"existingClaim": {"name": "models"}}, "org/llama", "/weights"),
        ({"existingClaim": {"name": "models", "path": "llama"}}, "/weights/llama", None),
        ({"image": {"reference": "r/m:1"}}, "/weights", None),
        ({"image": {"reference": "r/m:1", "path": "llama"}}, "/weights/llama", None),
    ],
)
def test_weights_that_are_there_already_are_only_mounted(
    weights: dict[str, Any], argument: str, cache: str | None
) -> None:
    found = pod(weights=weights)
    assert [item["name"] for item in found["initContainers"]] == ["sidecar"]
    container = named(found["containers"], "engine")
    assert container["args"][0] == argument
    assert environment(weights=weights).get("HF_HUB_CACHE") == cache
    assert container["args"][container["args"].index("--served-model-name") + 1] == "org/llama"


def test_a_model_that_is_a_path_is_in_the_image() -> None:
    found = pod(model="/models/llama")
    assert [item["name"] for item in found["initContainers"]] == ["sidecar"]
    assert "weights" not in [volume["name"] for volume in found["volumes"]]


# The embedding model.


def with_embedding(**embedding: Any) -> Rendering:
    cache = {"semantic": {"embedding": embedding}}
    return rendered({**SHORTEST, "responseCache": cache})


@pytest.mark.parametrize(
    ("embedding", "memory", "cache"),
    [
        ({"source": "Bundled"}, "384Mi", "256Mi"),
        ({"source": "Hub"}, "2Gi", "4Gi"),
        ({"source": "Hub", "cache": "1Gi"}, "2Gi", "1Gi"),
        ({"source": "Image", "path": "/models/e5"}, "2Gi", "256Mi"),
        ({"source": "Claim", "claim": {"name": "c", "path": "e5"}}, "2Gi", "256Mi"),
        ({"source": "Endpoint", "url": "http://e:80", "model": "e5"}, "384Mi", "256Mi"),
    ],
)
def test_the_sidecar_is_as_large_as_its_embedding_model(
    embedding: dict[str, Any], memory: str, cache: str
) -> None:
    found = pod_of(one(with_embedding(**embedding), "Deployment", "support-llama"))
    sidecar = named(found["initContainers"], "sidecar")
    assert sidecar["resources"]["requests"]["memory"] == memory
    assert named(found["volumes"], "sidecar-cache")["emptyDir"]["sizeLimit"] == cache


def test_a_claim_with_an_embedding_model_is_mounted_read_only() -> None:
    rendering = with_embedding(source="Claim", claim={"name": "c", "path": "e5"})
    found = pod_of(one(rendering, "Deployment", "support-llama"))
    mount = named(named(found["initContainers"], "sidecar")["volumeMounts"], "embedding-model")
    assert (mount["subPath"], mount["readOnly"]) == ("e5", True)
    file = one(rendering, "ConfigMap", "support-llama")["data"]["sidecar.yaml"]
    assert mount["mountPath"] in file


def test_resources_of_the_sidecar_can_be_set() -> None:
    own = {"resources": {"requests": {"memory": "5Gi"}}}
    found = pod_of(one(rendered({**SHORTEST, "sidecar": own}), "Deployment", "support-llama"))
    assert named(found["initContainers"], "sidecar")["resources"] == own["resources"]


# Coming and going.


def test_one_number_gives_every_time_of_a_drain() -> None:
    found = pod(drainSeconds=100)
    assert found["terminationGracePeriodSeconds"] == 15 + 100 + 10 + 15
    container = named(found["containers"], "engine")
    assert container["lifecycle"]["preStop"]["exec"]["command"] == ["sleep", "15"]
    assert container["args"][container["args"].index("--shutdown-timeout") + 1] == "100"
    sidecar = named(found["initContainers"], "sidecar")
    assert sidecar["lifecycle"]["preStop"]["exec"]["command"][:2] == ["llmcache-sidecar", "drain"]


def test_starting_may_take_hours() -> None:
    found = deployment(startupTimeout="4h")
    container = named(pod_of(found)["containers"], "engine")
    probe = container["startupProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] == 4 * 3600
    assert found["spec"]["progressDeadlineSeconds"] > 4 * 3600
    sidecar = named(pod_of(found)["initContainers"], "sidecar")
    assert sidecar["startupProbe"]["httpGet"]["path"] == "/livez"


@pytest.mark.parametrize(
    ("rollout", "surge", "missing"),
    [
        ({}, 0, 1),
        ({"maxSurge": 2}, 2, 1),
        ({"maxUnavailable": 3}, 0, 3),
        ({"maxUnavailable": 0}, 1, 0),
        ({"maxSurge": 0}, 0, 1),
    ],
)
def test_a_rollout_needs_no_spare_gpu_and_never_stands_still(
    rollout: dict[str, int], surge: int, missing: int
) -> None:
    strategy = deployment(rollout=rollout)["spec"]["strategy"]["rollingUpdate"]
    assert strategy == {"maxSurge": surge, "maxUnavailable": missing}


def test_gpus_are_limits_and_offloaded_blocks_count_as_memory() -> None:
    found = vllm(
        gpu={"count": 2, "resource": "amd.com/gpu"},
        resources={"requests": {"memory": "8Gi"}, "limits": {"memory": "10Gi"}},
        prefixCaching={"cpuOffload": {"sizeGi": 2}},
    )["resources"]
    assert found["limits"] == {"memory": "12288Mi", "amd.com/gpu": "2"}
    assert found["requests"] == {"memory": "10240Mi", "amd.com/gpu": "2"}
    assert "amd.com/gpu" in [
        item["key"] for item in pod(gpu={"resource": "amd.com/gpu"})["tolerations"]
    ]
    assert "nvidia.com/gpu" not in str(vllm(gpu={"count": 0})["resources"])


def test_another_engine_is_another_fingerprint_and_another_number_of_pods_is_not() -> None:
    def fingerprint(**fields: Any) -> str:
        arguments: list[str] = named(pod(**fields)["initContainers"], "sidecar")["args"]
        return arguments[arguments.index("--engine-revision") + 1]

    plain = fingerprint()
    exporter = {"name": "exporter", "image": "e", "volumeMounts": [mount("x")]}
    for same in (
        {"replicas": 3},
        {"gpu": {"count": 2}},
        {"drainSeconds": 1},
        overlay(containers=[exporter], volumes=[volume("x", "1")]),
        overlay(containers=[{"name": "engine", "resources": {"limits": {"cpu": "9"}}}]),
        overlay(initContainers=[{"name": "sidecar", "env": [{"name": "A", "value": "b"}]}]),
    ):
        assert fingerprint(**same) == plain
    for other in (
        {"revision": "abc"},
        {"image": "vllm/vllm-openai:v0.32.0"},
        {"dtype": "float16"},
        {"quantization": "fp8"},
        {"lora": {"adapters": [{"name": "a", "path": "org/a"}]}},
        {"chatTemplate": {"name": "t", "key": "k"}},
        {"toolCallParser": "hermes"},
        {"defaultTemperature": 0.5},
        {"extraArgs": ["--seed=1"]},
        {"env": [{"name": "A", "value": "b"}]},
        {"weights": {"existingClaim": {"name": "other"}}},
        overlay(containers=[{"name": "engine", "env": [{"name": "A", "value": "b"}]}]),
        overlay(initContainers=[{"name": "weights", "env": [{"name": "A", "value": "b"}]}]),
        overlay(initContainers=[{"name": "fetch", "image": "fetcher:2"}]),
    ):
        assert fingerprint(**other) != plain, other
    mounted = [{"name": "engine", "volumeMounts": [mount("x")]}]
    made = {
        fingerprint(**overlay(containers=mounted, volumes=[volume("x", claim)]))
        for claim in ("1", "2")
    }
    assert len(made | {plain}) == 3


def overlay(**spec: Any) -> dict[str, Any]:
    return {"podTemplate": {"spec": spec}}


def mount(name: str) -> dict[str, Any]:
    return {"name": name, "mountPath": f"/{name}"}


def volume(name: str, claim: str) -> dict[str, Any]:
    return {"name": name, "persistentVolumeClaim": {"claimName": claim}}


def test_a_gateway_is_the_sidecar_alone_and_drains_by_itself() -> None:
    rendering = rendered(endpoint(revision="v3", drainSeconds=20))
    found = pod_of(one(rendering, "Deployment", "support-there"))
    (sidecar,) = found["containers"]
    assert sidecar["name"] == "sidecar"
    assert "restartPolicy" not in sidecar
    assert sidecar["args"][-2:] == ["--engine-revision", "v3"]
    file = one(rendering, "ConfigMap", "support-there")["data"]["sidecar.yaml"]
    assert "propagation: 15s" in file
    assert "timeout: 30s" in file
    assert found["terminationGracePeriodSeconds"] == 15 + 20 + 10 + 15


# Who may connect.


def policy(name: str, **spec: Any) -> dict[str, Any]:
    found: dict[str, Any] = one(rendered({**SHORTEST, **spec}), "NetworkPolicy", name)["spec"]
    return found


def test_clients_reach_the_data_plane_and_the_operator_the_admin_plane() -> None:
    data, admin = policy("support-llama")["ingress"]
    assert data == {"ports": [{"port": 8080, "protocol": "TCP"}]}
    assert [port["port"] for port in admin["ports"]] == [8081]
    (operator,) = admin["from"]
    assert operator["namespaceSelector"]["matchLabels"] == {
        "kubernetes.io/metadata.name": "llmcache-system"
    }


def test_clients_can_be_named_and_scrapers_are() -> None:
    data, admin = policy(
        "support-llama",
        network={"clients": [{"namespace": "web", "podLabels": {"app": "bot"}}]},
        monitoring={"from": [{"namespace": "monitoring"}]},
    )["ingress"]
    (client,) = data["from"]
    assert client["podSelector"] == {"matchLabels": {"app": "bot"}}
    assert len(admin["from"]) == 2
    only_admin = policy("support-llama", network={"clients": []})["ingress"]
    assert [rule["ports"][0]["port"] for rule in only_admin] == [8081]


def test_only_sidecars_reach_the_stores() -> None:
    for name in ("support-redis", "support-qdrant"):
        (rule,) = policy(name)["ingress"]
        (peer,) = rule["from"]
        assert set(peer) == {"podSelector"}
        assert peer["podSelector"]["matchExpressions"] == [
            {"key": "llmcache.dev/model", "operator": "Exists"}
        ]


def test_policies_name_ports_by_number() -> None:
    """A plugin that looks names up among `containers` finds no port of a native sidecar."""
    for name in ("support-llama", "support-redis", "support-qdrant"):
        for rule in policy(name)["ingress"]:
            assert all(isinstance(port["port"], int) for port in rule["ports"]), name


def test_policies_can_be_switched_off() -> None:
    rendering = rendered({**SHORTEST, "network": {"policies": "Off"}})
    assert not [item for item in rendering.objects if item["kind"] == "NetworkPolicy"]
