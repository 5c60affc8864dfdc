"""An upgrade of the operator rolls no pod, until somebody accepts it."""

from __future__ import annotations

import pytest

from llmcache_operator.domain.labels import ACCEPT_ANNOTATION
from llmcache_operator.rendering import NEWEST, RENDERERS, RendererId, Rendering, render

from .caches import FACTS, cache, one

OLD = RendererId("v0")
UNKNOWN = RendererId("v99")
SPEC = {
    "models": [
        {"name": "llama", "engine": {"model": "org/llama"}},
        {"name": "qwen", "engine": {"model": "org/qwen"}},
    ]
}
ALL_OLD = dict.fromkeys(["llama", "qwen", "redis", "qdrant"], OLD)


def under(pins: dict[str, RendererId], accept: str = "") -> Rendering:
    annotations = {ACCEPT_ANNOTATION: accept} if accept else {}
    return render(cache(SPEC, annotations=annotations), pins, FACTS)


def made_by(rendering: Rendering) -> dict[str, str]:
    return {
        item["metadata"]["name"]: item["metadata"]["annotations"]["llmcache.dev/renderer"]
        for item in rendering.objects
        if item["kind"] in ("Deployment", "StatefulSet")
    }


def test_new_workloads_get_the_newest() -> None:
    rendering = under({})
    assert set(made_by(rendering).values()) == {NEWEST}
    assert rendering.outdated == ()


def test_live_workloads_keep_theirs_down_to_the_byte() -> None:
    rendering = under(ALL_OLD)
    assert set(made_by(rendering).values()) == {OLD}
    assert rendering.outdated == ("redis", "qdrant", "llama", "qwen")
    deployment = one(rendering, "Deployment", "support-llama")
    newer = one(under({}), "Deployment", "support-llama")
    assert deployment["spec"]["template"] != newer["spec"]["template"]
    configuration = one(rendering, "ConfigMap", "support-llama")
    assert configuration != one(under({}), "ConfigMap", "support-llama")


def test_a_model_that_joins_gets_the_newest_beside_older_ones() -> None:
    rendering = under({"llama": OLD, "redis": OLD, "qdrant": OLD})
    assert made_by(rendering)["support-qwen"] == NEWEST
    assert made_by(rendering)["support-llama"] == OLD


@pytest.mark.parametrize(
    ("accept", "newest"),
    [
        ("*", {"support-llama", "support-qwen", "support-redis", "support-qdrant"}),
        (NEWEST, {"support-llama", "support-qwen", "support-redis", "support-qdrant"}),
        (f"llama={NEWEST}", {"support-llama"}),
        ("llama=*", {"support-llama"}),
        (f" llama = {NEWEST} , redis=* ", {"support-llama", "support-redis"}),
        ("nobody=*", set()),
    ],
)
def test_accepting_is_for_all_or_for_one(accept: str, newest: set[str]) -> None:
    made = made_by(under(ALL_OLD, accept))
    assert {name for name, renderer in made.items() if renderer == NEWEST} == newest


def test_accepting_an_older_one_goes_back() -> None:
    pins = dict.fromkeys(ALL_OLD, NEWEST)
    assert set(made_by(under(pins, OLD)).values()) == {OLD}
    assert under(pins, OLD).objects == under(ALL_OLD).objects


def test_what_an_unknown_renderer_made_is_left_alone() -> None:
    rendering = under({"llama": UNKNOWN, "redis": UNKNOWN})
    assert [problem.reason for problem in rendering.problems] == ["RendererUnknown"] * 2
    assert "support-llama" not in made_by(rendering)
    assert "support-redis" not in made_by(rendering)
    assert "support-qwen" in made_by(rendering)
    for item in under({}).objects:
        name = item["metadata"]["name"]
        assert rendering.keeps(item) == (name in ("support-llama", "support-redis"))
    (llama, _) = rendering.models
    assert (llama.renderer, llama.config_version) == (None, None)


def test_an_unknown_renderer_can_be_replaced_by_accepting_a_known_one() -> None:
    rendering = under(dict.fromkeys(ALL_OLD, UNKNOWN), "*")
    assert not rendering.problems
    assert set(made_by(rendering).values()) == {NEWEST}
    wrong = under({}, UNKNOWN)
    assert {problem.reason for problem in wrong.problems} == {"RendererUnknown"}
    for problem in wrong.problems:  # nobody made anything: it is the annotation that is wrong
        assert f"(it has {', '.join(RENDERERS)})" in problem.message
        assert "annotation llmcache.dev/accept-update names it by mistake" in problem.message
