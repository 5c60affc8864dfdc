"""A real vLLM, with a tiny model on CPUs, under the real operator: both levels of cache measured from
the resource's status. Without LLMCACHE_E2E_VLLM_IMAGE (`python -m tests.e2e --real-vllm` builds it) it
is skipped."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.e2e.client import chat
from tests.e2e.kubectl import Manifest, holds
from tests.e2e.resources import llmcache
from tests.e2e.stage import KEY, Stage

IMAGE = os.environ.get("LLMCACHE_E2E_VLLM_IMAGE")
NAME = "real"
SYSTEM = "You are the help desk of a parcel service. " + "Answer from the rule book. " * 20

pytestmark = pytest.mark.skipif(not IMAGE, reason="LLMCACHE_E2E_VLLM_IMAGE is not set")


def engine() -> Manifest:
    """vLLM as it runs on CPUs: no GPU, and blocks of 32 tokens."""
    return {
        "model": "/models/tiny",
        "servedNames": ["tiny"],
        "image": IMAGE,
        "replicas": 1,
        "gpu": {"count": 0},
        "dtype": "bfloat16",
        "maxModelLen": 2048,
        "defaultTemperature": 0,
        "extraArgs": ["--block-size=32", "--enforce-eager", "--max-num-seqs=16"],
        "resources": {"requests": {"cpu": "500m", "memory": "2Gi"}},
    }


async def test_a_real_vllm_saves_by_both_levels(stage: Stage) -> None:
    resource = llmcache(
        stage.settings,
        NAME,
        [{"name": "tiny", "engine": engine()}],
        stores={"memory": {}, "vectors": {"memory": {}}},
    )
    await stage.kubectl.apply(resource)
    try:
        await stage.kubectl.until("llmc", NAME, holds("Ready"), seconds=900, what="Ready")
        url = stage.url("tiny", NAME)
        requests = [
            chat(
                url,
                [
                    {"role": "system", "content": SYSTEM},
                    {"role": "user", "content": f"What does rule {number} of the book say?"},
                ],
                key=KEY,
                model="tiny",
                max_tokens=8,
            )
            for number in (1, 2, 3, 4, 1, 2, 3, 4)
        ]
        answers = await stage.client.ask(*requests)
        assert {answer.status for answer in answers} == {200}, answers
        assert all("detail=exact" in answer.cache_status for answer in answers[4:])
        assert [a.content for a in answers[:4]] == [a.content for a in answers[4:]]
        # The engine was asked four times, and had the beginning of three prompts already.
        cached = [a.json["usage"]["prompt_tokens_details"]["cached_tokens"] for a in answers[:4]]
        assert all(tokens > 0 for tokens in cached[1:])

        found = await stage.kubectl.until("llmc", NAME, _told, seconds=240, what="figures")
        figures = found["status"]["cache"]
        stage.figures.note(
            "a real vLLM",
            hit_rate=figures["hitRate"],
            prefix_hit_rate=figures["prefixHitRate"],
            saved_both_levels=figures["savedBothLevels"],
        )
        assert float(figures["exactHitRate"]) == 50.0
    finally:
        await stage.kubectl.run("delete", "llmc", NAME)


def _told(found: dict[str, Any]) -> bool:
    figures = found["status"].get("cache") or {}
    return bool(figures.get("hits", 0) >= 4 and float(figures.get("prefixHitRate") or 0) > 0)
