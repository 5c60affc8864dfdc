"""`status.resolved`: what the resource leaves unsaid, in words."""

from __future__ import annotations

import yaml

from llmcache_api.resource.cache import QualitySpec
from llmcache_operator.rendering import Facts, ImageOverrides, render

from .caches import SHORTEST, cache, endpoint, engine, one, pod_of, rendered


def test_the_shortest_manifest_says_everything() -> None:
    found = rendered(SHORTEST).resolved
    assert found.embedding == "Hub, sentence-transformers/paraphrase-multilingual-mpnet-base-v2"
    assert found.redis == "Managed, redis:8.2-alpine"
    assert found.vectors == "Managed, qdrant/qdrant:v1.19.1-unprivileged"
    assert found.tenancy == "APIKey"
    (model,) = found.models
    assert (model.image, model.gpus) == ("vllm/vllm-openai:v0.33.0", "1 nvidia.com/gpu")


def test_an_engine_that_asks_nobody_for_a_key_is_said_out_loud() -> None:
    assert rendered(SHORTEST).resolved.auth == (
        "Upstream, and an engine without VLLM_API_KEY asks nobody"
    )
    key = {"name": "VLLM_API_KEY", "secretKey": {"name": "engine", "key": "key"}}
    assert rendered(engine(env=[key])).resolved.auth == "Upstream"
    assert rendered(endpoint()).resolved.auth == "Upstream"
    assert rendered({**SHORTEST, "auth": {"mode": "None"}}).resolved.auth == "None"


def test_addresses_of_external_stores_hold_no_password() -> None:
    stores = {
        "redis": {"external": {"url": "redis://r:6379/0"}},
        "vectors": {"pgvector": {"external": {"dsn": "postgresql://u@h/d"}}},
    }
    found = rendered({**SHORTEST, "stores": stores}).resolved
    assert found.redis == "External, redis://r:6379/0"
    assert found.vectors == "External, postgresql://u@h/d"


def test_what_is_longer_than_the_status_has_room_for_is_cut() -> None:
    stores = {
        "redis": {"managed": {"image": "r" * 512}},
        "vectors": {"qdrant": {"managed": {"image": "q" * 512}}},
    }
    resource = f"{'example.' * 25}com/gpu"
    found = rendered({**engine(gpu={"resource": resource}), "stores": stores}).resolved
    assert found.redis == f"Managed, {'r' * 503}"
    assert found.vectors == f"Managed, {'q' * 503}"
    assert found.models[0].gpus == f"1 {resource}"[:128]


def test_an_installations_images_take_the_renderers_place_and_the_resources_own_win() -> None:
    mirror = Facts(
        "llmcache-system", images=ImageOverrides(engine="m/vllm:v0.33.0", sidecar="m/s:1")
    )
    resolved = render(cache(SHORTEST), {}, mirror).resolved.models[0]
    assert (resolved.image, resolved.sidecar_image) == ("m/vllm:v0.33.0", "m/s:1")
    rendering = render(cache(engine(image="mine:v0.33.0")), {}, mirror)
    assert rendering.resolved.models[0].image == "mine:v0.33.0"
    pod = pod_of(one(rendering, "Deployment", "support-llama"))
    assert pod["containers"][0]["image"] == "mine:v0.33.0"
    assert pod["initContainers"][0]["image"] == "m/s:1"


def test_samples_are_taken_as_the_fields_texts_say() -> None:
    unset, texts = one(rendered(SHORTEST), "ConfigMap", "support-llama"), QualitySpec()
    quality = yaml.safe_load(unset["data"]["sidecar.yaml"])["quality"]
    assert quality == {
        "holdoutPercent": texts.holdout_percent,
        "shadowSamplePercent": texts.shadow_sample_percent,
    }
