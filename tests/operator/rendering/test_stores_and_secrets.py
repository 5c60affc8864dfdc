"""Stores, managed and external, and the Secrets that are seen as files."""

from __future__ import annotations

from typing import Any

import yaml

from llmcache_operator.domain import Manifest
from llmcache_operator.rendering import Rendering

from .caches import SHORTEST, endpoint, engine, named, one, pod_of, rendered


def with_stores(**stores: Any) -> Rendering:
    return rendered({**SHORTEST, "stores": stores})


def kinds(rendering: Rendering, name: str) -> set[str]:
    return {item["kind"] for item in rendering.objects if item["metadata"]["name"] == name}


def file_of(rendering: Rendering, name: str = "support-llama") -> dict[str, Any]:
    text = one(rendering, "ConfigMap", name)["data"]["sidecar.yaml"]
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def secret_files(rendering: Rendering, name: str = "support-llama") -> dict[str, tuple[str, str]]:
    """Path below the secrets' folder -> (Secret, key)."""
    volume = named(pod_of(one(rendering, "Deployment", name))["volumes"], "secrets")
    return {
        source["secret"]["items"][0]["path"]: (
            source["secret"]["name"],
            source["secret"]["items"][0]["key"],
        )
        for source in volume["projected"]["sources"]
    }


def redis_of(rendering: Rendering) -> Manifest:
    return named(pod_of(one(rendering, "StatefulSet", "support-redis"))["containers"], "redis")


def test_the_managed_stores_are_named_in_the_file() -> None:
    rendering = rendered(SHORTEST)
    stores = file_of(rendering)["stores"]
    assert stores["redis"]["url"] == "redis://support-redis.ai.svc:6379/0"
    assert stores["redis"]["username"] == "llmcache"
    assert stores["vectors"]["qdrant"]["url"] == "http://support-qdrant.ai.svc:6333"
    files = secret_files(rendering)
    for field, path in (
        (stores["redis"]["passwordFile"], "redis/password"),
        (stores["vectors"]["qdrant"]["apiKeyFile"], "qdrant/api-key"),
        (file_of(rendering)["tenantKeyFile"], "tenants/tenant.key"),
        (file_of(rendering)["admin"]["tokenFile"], "admin/token"),
    ):
        assert field == f"/etc/llmcache/secrets/{path}"
        assert path in files
    assert files["redis/password"] == ("support-redis", "password")


def test_redis_holds_three_quarters_of_its_memory_and_evicts_what_expires() -> None:
    container = redis_of(with_stores(redis={"managed": {"memory": "4Gi"}}))
    settings = container["args"]
    assert settings[settings.index("--maxmemory") + 1] == str(3 * 2**30)
    assert settings[settings.index("--maxmemory-policy") + 1] == "volatile-lfu"
    assert container["resources"]["limits"]["memory"] == "4Gi"


def test_redis_has_a_claim_where_storage_is_asked_for() -> None:
    plain = one(rendered(SHORTEST), "StatefulSet", "support-redis")
    assert "volumeClaimTemplates" not in plain["spec"]
    kept = one(
        with_stores(redis={"managed": {"storage": "5Gi", "storageClass": "fast"}}),
        "StatefulSet",
        "support-redis",
    )
    (claim,) = kept["spec"]["volumeClaimTemplates"]
    assert claim["spec"]["resources"]["requests"]["storage"] == "5Gi"
    assert claim["spec"]["storageClassName"] == "fast"
    settings = named(pod_of(kept)["containers"], "redis")["args"]
    assert settings[settings.index("--appendonly") + 1] == "yes"


def test_external_stores_need_none_of_ours() -> None:
    key = {"name": "stores", "key": "password"}
    rendering = with_stores(
        redis={
            "external": {
                "url": "rediss://r:6379/0",
                "username": "u",
                "password": key,
                "ca": {"name": "ca", "key": "ca.crt"},
                "clientCertificate": "tls",
            },
            "deadline": "20ms",
        },
        vectors={"pgvector": {"external": {"dsn": "postgresql://u@h/d", "password": key}}},
    )
    assert not kinds(rendering, "support-redis") | kinds(rendering, "support-qdrant")
    assert [secret.name for secret in rendering.secrets] == ["support-tenants", "support-admin"]
    stores, files = file_of(rendering)["stores"], secret_files(rendering)
    assert stores["redis"]["deadline"] == "20ms"
    for field, path in (
        ("passwordFile", "redis/password"),
        ("caFile", "redis/ca.crt"),
        ("certFile", "redis/tls.crt"),
        ("keyFile", "redis/tls.key"),
    ):
        assert stores["redis"][field] == f"/etc/llmcache/secrets/{path}"
        assert path in files
    assert files["redis/tls.key"] == ("tls", "tls.key")
    assert files["pgvector/password"] == ("stores", "password")


def test_stores_in_memory_need_no_server() -> None:
    rendering = with_stores(memory={"maxSize": "64Mi"}, vectors={"memory": {}})
    stores = file_of(rendering)["stores"]
    assert stores == {"memory": {"maxSize": 64 * 2**20}}
    assert not kinds(rendering, "support-redis") | kinds(rendering, "support-qdrant")


def test_encryption_keys_keep_their_order() -> None:
    keys = [{"name": "new", "key": "k"}, {"name": "old", "key": "k"}]
    rendering = with_stores(encryption={"keys": keys})
    assert file_of(rendering)["stores"]["encryption"]["keyFiles"] == [
        "/etc/llmcache/secrets/encryption/0",
        "/etc/llmcache/secrets/encryption/1",
    ]
    assert secret_files(rendering)["encryption/0"] == ("new", "k")


def test_callers_keys_are_a_folder_of_whole_secrets() -> None:
    auth = {"mode": "Keys", "keysFrom": [{"name": "a"}, {"name": "b", "key": "k"}]}
    rendering = rendered({**SHORTEST, "auth": auth})
    assert file_of(rendering)["auth"] == {"mode": "Keys", "keysFile": "/etc/llmcache/keys"}
    pod = pod_of(one(rendering, "Deployment", "support-llama"))
    assert "items" not in named(pod["volumes"], "keys-0")["secret"]
    assert named(pod["volumes"], "keys-1")["secret"]["items"] == [{"key": "k", "path": "k"}]
    mounts = {
        mount["mountPath"] for mount in named(pod["initContainers"], "sidecar")["volumeMounts"]
    }
    assert {"/etc/llmcache/keys/0", "/etc/llmcache/keys/1"} <= mounts


def test_an_endpoints_credentials_and_authority_are_files() -> None:
    key = {"name": "other", "key": "key"}
    spec = {**endpoint(credentials=key, ca=key), "auth": {"mode": "None"}}
    rendering = rendered(spec)
    upstream = file_of(rendering, "support-there")["upstream"]
    assert upstream["apiKeyFile"] == "/etc/llmcache/secrets/upstream/api-key"
    assert upstream["caFile"] == "/etc/llmcache/secrets/upstream/ca.crt"
    assert file_of(rendering, "support-there")["readiness"] == "Self"


def test_sections_that_do_not_go_together_are_said() -> None:
    rendering = rendered(endpoint(credentials={"name": "other", "key": "key"}))
    (problem,) = rendering.problems
    assert problem.reason == "ConfigInvalid"
    assert "auth.mode Keys or None" in problem.message
    assert [workload.name for workload in rendering.untouched] == ["there"]


def test_a_file_holds_what_somebody_decided_and_nothing_else() -> None:
    plain = file_of(rendered(SHORTEST))
    assert "exact" not in plain["responseCache"]
    assert "policy" not in plain["responseCache"]
    told = {**SHORTEST, "responseCache": {"exact": {"ttl": "2h"}, "semantic": {"mode": "Off"}}}
    cache = file_of(rendered(told))["responseCache"]
    assert cache["exact"] == {"ttl": "2h"}
    assert cache["semantic"]["mode"] == "Off"


def test_what_can_be_reloaded_rolls_no_pod() -> None:
    def template(spec: dict[str, Any]) -> Any:
        return one(rendered(spec), "Deployment", "support-llama")["spec"]["template"]

    plain = template(SHORTEST)
    sections: tuple[dict[str, Any], ...] = (
        {"responseCache": {"exact": {"mode": "Off", "ttl": "5m"}}},
        {"responseCache": {"semantic": {"mode": "Observe", "threshold": 0.8}}},
        {"responseCache": {"policy": {"maxTemperature": 0.1}, "tenancy": {"scope": "Shared"}}},
        {"quality": {"holdoutPercent": 0.0, "shadowSamplePercent": 0.0}},
        {"auth": {"mode": "None"}},
        {"network": {"policies": "Off"}},
        {"monitoring": {"from": [{"namespace": "m"}], "dashboard": True}},
        {"sidecar": {"logLevel": "debug"}},
        {"stores": {"redis": {"managed": {}, "deadline": "20ms", "leaseWait": "0s"}}},
        {"stores": {"vectors": {"qdrant": {"managed": {}, "deadline": "20ms"}}}},
        {"stores": {"firstLevel": {"maxSize": "1Mi", "maxAge": "1s"}, "writeQueue": "1Mi"}},
    )
    for section in sections:
        changed = {**SHORTEST, **section}
        assert template(changed) == plain, section
        assert rendered(changed).objects != rendered(SHORTEST).objects, section
    sections = (
        {"stores": {"redis": {"external": {"url": "redis://a:6379"}}}},
        {"stores": {"vectors": {"qdrant": {"managed": {}, "quantization": "Scalar"}}}},
        {"responseCache": {"semantic": {"embedding": {"source": "Bundled"}}}},
    )
    for section in sections:
        assert template({**SHORTEST, **section}) != plain, section


def test_isolation_is_the_sidecars() -> None:
    rendering = rendered(engine(prefixCaching={"isolation": "Tenant"}))
    assert file_of(rendering)["prefixIsolation"] == "Tenant"
