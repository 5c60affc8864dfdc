"""What examples/ holds, without a cluster."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from llmcache_api.resource import GROUP, KIND, VERSION, LLMCacheSpec
from llmcache_operator.domain import LLMCache
from llmcache_operator.rendering import Facts, render
from tests.charts.examples import FILES, WORKLOADS, manifest
from tests.charts.helm import ROOT


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_example_is_one_valid_resource_with_a_comment_on_top(path: Path) -> None:
    assert path.read_text().startswith("# ")
    document = manifest(path.stem)
    assert (document["apiVersion"], document["kind"]) == (f"{GROUP}/{VERSION}", KIND)
    LLMCacheSpec.model_validate(document["spec"])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_example_renders_without_a_problem(path: Path) -> None:
    document = manifest(path.stem)
    spec = LLMCacheSpec.model_validate(document["spec"])
    cache = LLMCache("ai", document["metadata"]["name"], "uid", 1, spec)
    rendering = render(cache, {}, Facts("llmcache-system", kubernetes_minor=29))
    assert rendering.problems == ()


def test_the_lists_of_examples_are_complete() -> None:
    listed = re.findall(r"\]\(([a-z-]+\.yaml)\)", (ROOT / "examples" / "README.md").read_text())
    assert listed
    assert sorted(listed) == [path.name for path in FILES]
    assert sorted(WORKLOADS) == [path.stem for path in FILES]
