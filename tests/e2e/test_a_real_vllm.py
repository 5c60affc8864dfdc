"""A real vLLM (for CPUs, with a tiny model) under the real operator: both levels of cache, as the
resource's status tells them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.e2e.client import chat
from tests.e2e.resources import llmcache
from tests.e2e.stage import KEY, Stage, eventually

NAME, MODEL = "real", "tiny"
ASKED = "How long does a shop keep my letter?"
ASKED_OTHERWISE = "For how long will the shop keep my letter?"
SYSTEM = "You are the help desk of a parcel service and answer from the rule book. " * 8
QUESTIONS = (
    "How long does a shop keep my parcel?",
    "Which stamps are valid abroad?",
    "Where can I drop a letter?",
    "Who may sign for a parcel?",
)


def vllm(image: str) -> dict[str, Any]:
    """The engine: what a CPU needs said, and no GPU."""
    return {
        "model": "/models/tiny",
        "servedNames": [MODEL],
        "image": image,
        "replicas": 1,
        "gpu": {"count": 0},
        "dtype": "bfloat16",
        "maxModelLen": 2048,
        "defaultTemperature": 0,
        "resources": {"requests": {"cpu": "100m", "memory": "1Gi"}},
        # A CPU's blocks have 32 tokens at least; shorter prompts never hit.
        "extraArgs": ["--block-size=32", "--enforce-eager", "--max-num-seqs=16"],
    }


async def test_both_levels_are_measured(stage: Stage) -> None:
    image = stage.settings.vllm_image
    if image is None:
        pytest.skip("LLMCACHE_E2E_VLLM_IMAGE is not set (tests/e2e/settings.py)")
    models = [{"name": MODEL, "engine": vllm(image)}]
    stores: dict[str, Any] = {"memory": {}, "vectors": {"memory": {}}}
    await stage.kubectl.apply(llmcache(stage.settings, NAME, models, stores=stores))
    try:
        await stage.ready(NAME, seconds=600)
        await stage.reached(MODEL, cache=NAME)
        url = stage.url(MODEL, NAME)
        for question in QUESTIONS:
            messages = [
                {"role": "system", "content": SYSTEM},
                {"role": "user", "content": question},
            ]
            asked = chat(url, messages, key=KEY, model=MODEL, max_tokens=16)
            first, second = await stage.client.ask(asked, asked)
            assert first.cache_status.startswith("fwd=miss"), first.text
            assert "detail=exact" in second.cache_status
            assert first.content == second.content
        await eventually(_means_the_same(stage), what="a semantic hit")

        async def told() -> bool:
            status = (await stage.kubectl.get("llmc", NAME))["status"]
            cache, [model] = status.get("cache") or {}, status["models"]
            return (
                cache.get("hits", 0) > len(QUESTIONS)
                and _percent(cache.get("exactHitRate")) > 20
                and _percent(cache.get("semanticHitRate")) > 0
                # Three of four prompts begin as the first did.
                and _percent(model.get("prefixHitRate")) > 40
                and _percent(cache.get("savedBothLevels")) > 50
            )

        await eventually(told, seconds=240, what="both levels' figures in the status")
        status = (await stage.kubectl.get("llmc", NAME))["status"]
        stage.figures.note("a real vLLM", **status["cache"])
    finally:
        await stage.kubectl.run("delete", "llmc", NAME, "--wait=false")


def _means_the_same(stage: Stage) -> Callable[[], Awaitable[bool]]:
    url = stage.url(MODEL, NAME)
    # A random model goes on for ever, and an answer that was cut answers only the same request.
    fields: dict[str, Any] = {"key": KEY, "model": MODEL, "max_tokens": 64, "stop": [" "]}

    async def asked() -> bool:
        # A partition's vectors are stored in the background, from its second sighting on.
        fresh = {"Cache-Control": "no-cache"}
        await stage.client.chat(url, ASKED, headers=fresh, **fields)
        # Not to be computed where it is not there: it would be an exact hit from then on.
        cached = {"Cache-Control": "only-if-cached"}
        answer = await stage.client.chat(url, ASKED_OTHERWISE, headers=cached, **fields)
        assert answer.status in (200, 504), answer
        return "detail=semantic" in answer.cache_status

    return asked


def _percent(text: str | None) -> float:
    return float(text.rstrip(" %")) if text else 0.0
