"""Specs of every shape, for hypothesis: what the API server would let in."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Spec = dict[str, Any]

NAME = st.from_regex(r"[a-z]([-a-z0-9]{0,10}[a-z0-9])?", fullmatch=True).filter(
    lambda name: name not in ("redis", "qdrant", "metrics", "config", "tenants", "admin")
)
SWITCH = st.sampled_from(["On", "Off"])
MODE = st.sampled_from(["Serve", "Observe", "Off"])
TTL = st.sampled_from(["1s", "30m", "1h", "7d"])
SECRET = st.fixed_dictionaries({"name": NAME, "key": NAME})
AMOUNTS = st.fixed_dictionaries(
    {},
    optional={
        "requests": st.dictionaries(
            st.sampled_from(["cpu", "memory"]), st.sampled_from(["1", "1500m"])
        ),
        "limits": st.dictionaries(
            st.sampled_from(["cpu", "memory"]), st.sampled_from(["2", "2Gi"])
        ),
    },
)
"""Requests are never above limits."""


def section(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Spec]:
    """A section whose fields may all be unset."""
    return st.fixed_dictionaries({}, optional=fields)


ROLLOUT = section(maxSurge=st.integers(0, 3), maxUnavailable=st.integers(0, 3)).filter(
    lambda value: value != {"maxSurge": 0, "maxUnavailable": 0}
)
SCHEDULING = section(
    nodeSelector=st.just({"nvidia.com/gpu.product": "NVIDIA-H100"}),
    tolerations=st.just([{"key": "spot", "operator": "Exists"}]),
    spread=SWITCH,
    priorityClass=NAME,
    runtimeClass=NAME,
)
WEIGHTS = st.one_of(
    st.builds(
        lambda retain: {
            "claim": {"storage": "60Gi", "accessMode": "ReadWriteMany"},
            **({} if retain is None else {"retain": retain}),
        },
        st.sampled_from([None, True, False]),
    ),
    st.just({"ephemeral": {"storage": "10Gi"}}),
    st.just({"existingClaim": {"name": "models"}}),
    st.just({"existingClaim": {"name": "models", "path": "llama"}}),
    st.just({"image": {"reference": "registry/llama:1", "path": "model"}}),
)
ENGINE = st.fixed_dictionaries(
    {"model": st.sampled_from(["org/llama", "/models/llama"])},
    optional={
        "revision": st.just("5f0b02c"),
        "servedNames": st.just(["llama", "chat"]),
        "image": st.sampled_from(["vllm/vllm-openai:v0.32.0", "mirror/vllm@sha256:00"]),
        "replicas": st.integers(0, 3),
        "gpu": section(count=st.integers(0, 8), resource=st.just("amd.com/gpu")),
        "prefixCaching": section(
            mode=SWITCH,
            hashAlgorithm=st.sampled_from(["sha256", "xxhash"]),
            isolation=st.sampled_from(["Shared", "Tenant"]),
            cpuOffload=st.fixed_dictionaries({"sizeGi": st.integers(1, 64)}),
            events=st.fixed_dictionaries({"mode": SWITCH}),
        ),
        "maxModelLen": st.integers(1, 32768),
        "dtype": st.just("bfloat16"),
        "quantization": st.just("fp8"),
        "lora": st.just({"adapters": [{"name": "a", "path": "org/a"}]}),
        "chatTemplate": st.just({"name": "templates", "key": "chat.jinja"}),
        "toolCallParser": st.just("hermes"),
        "reasoningParser": st.just("qwen3"),
        "defaultTemperature": st.sampled_from([0.0, 0.7]),
        "extraArgs": st.just(["--max-num-seqs=64"]),
        "env": st.builds(
            lambda key: [{"name": "A", "value": "b"}, {"name": "C", "secretKey": key}], SECRET
        ),
        "resources": AMOUNTS,
        "weights": WEIGHTS,
        "huggingFaceToken": SECRET,
        "startupTimeout": st.sampled_from(["1m", "4h"]),
        "drainSeconds": st.integers(0, 600),
        "rollout": ROLLOUT,
        "scheduling": SCHEDULING,
        "podTemplate": st.just({"metadata": {"labels": {"team": "a"}}}),
    },
)
ENDPOINT = st.fixed_dictionaries(
    {"url": st.sampled_from(["http://vllm.other:8000", "https://vllm.example/base"])},
    optional={
        "revision": st.just("v3"),
        "ca": SECRET,
        "defaultTemperature": st.just(0.5),
        "responsesStore": st.booleans(),
        "replicas": st.integers(0, 3),
        "drainSeconds": st.integers(0, 600),
        "rollout": ROLLOUT,
        "scheduling": SCHEDULING,
    },
)
MODELS = st.lists(
    st.builds(
        lambda name, kind: {"name": name, **kind},
        NAME,
        st.one_of(
            ENGINE.map(lambda engine: {"engine": engine}),
            ENDPOINT.map(lambda endpoint: {"endpoint": endpoint}),
        ),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda model: model["name"],
)
EMBEDDING = st.sampled_from(
    [
        {"source": "Bundled"},
        {"source": "Hub"},
        {"source": "Hub", "model": "intfloat/e5", "cache": "2Gi", "threads": 2},
        {"source": "Image", "path": "/models/e5"},
        {"source": "Claim", "claim": {"name": "embeddings", "path": "e5"}},
        {"source": "Endpoint", "url": "http://embed:80", "model": "e5",
         "apiKey": {"name": "embed", "key": "key"}},
    ]
)  # fmt: skip
RESPONSE_CACHE = section(
    exact=section(mode=MODE, ttl=TTL),
    semantic=section(
        mode=MODE, ttl=TTL, threshold=st.just(0.9), candidates=st.integers(1, 8),
        embedding=EMBEDDING,
    ),
    policy=section(maxTemperature=st.sampled_from([0.0, 1.0]), bypass=st.just(["Personal"])),
    tenancy=st.sampled_from([{"scope": "Shared"}, {"scope": "Header", "header": "X-Team"}]),
    limits=section(cacheableBody=st.just("1Mi")),
)  # fmt: skip
REDIS = st.one_of(
    section(memory=st.just("2Gi"), storage=st.just("5Gi"), storageClass=NAME).map(
        lambda managed: {"managed": managed}
    ),
    st.builds(
        lambda password: {
            "external": {"url": "rediss://redis:6379/0", "username": "u", "password": password,
                         "ca": password, "clientCertificate": "tls"},
            "deadline": "20ms",
        },
        SECRET,
    ),
)  # fmt: skip
VECTORS = st.one_of(
    section(storage=st.just("20Gi"), resources=AMOUNTS).map(
        lambda managed: {"qdrant": {"managed": managed, "quantization": "Scalar"}}
    ),
    st.builds(
        lambda key: {"qdrant": {"external": {"url": "https://q:6333", "apiKey": key, "ca": key}}},
        SECRET,
    ),
    st.builds(
        lambda key: {"pgvector": {"external": {"dsn": "postgresql://u@h/d", "password": key}}},
        SECRET,
    ),
    st.just({"memory": {"maxSize": "64Mi"}}),
)
STORES = st.builds(
    lambda entries, rest: {**entries, **rest},
    st.one_of(st.just({}), st.just({"memory": {}}), REDIS.map(lambda redis: {"redis": redis})),
    section(
        vectors=VECTORS,
        firstLevel=section(maxSize=st.just("8Mi")),
        encryption=st.builds(lambda key: {"keys": [key]}, SECRET),
        writeQueue=st.just("8Mi"),
    ),
)
PEER = section(namespace=NAME, podLabels=st.just({"app": "client"}))
SPECS: st.SearchStrategy[Spec] = st.fixed_dictionaries(
    {"models": MODELS},
    optional={
        "responseCache": RESPONSE_CACHE,
        "auth": st.one_of(
            st.sampled_from([{"mode": "Upstream"}, {"mode": "None"}]),
            st.builds(
                lambda name: {"mode": "Keys", "keysFrom": [{"name": name}, {"name": name, "key": "k"}]},
                NAME,
            ),
        ),
        "quality": section(
            holdoutPercent=st.sampled_from([0.0, 2.5]), shadowSamplePercent=st.just(0.0)
        ),
        "stores": STORES,
        "sidecar": section(image=st.just("mirror/sidecar:1"), resources=AMOUNTS,
                           logLevel=st.just("debug")),
        "images": section(pullPolicy=st.just("Never"), pullSecrets=st.just(["registry"])),
        "network": section(policies=SWITCH, clients=st.lists(PEER, max_size=2)),
        "monitoring": section(podMonitor=st.booleans(), dashboard=st.booleans()) ,
    },
)  # fmt: skip
