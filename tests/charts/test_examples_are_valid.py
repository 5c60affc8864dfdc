"""What examples/ holds, without a cluster."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from llmcache_api.resource import GROUP, KIND, VERSION, LLMCacheSpec
from tests.charts.helm import ROOT

EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_one_valid_resource_with_a_comment_on_top(path: Path) -> None:
    text = path.read_text()
    assert text.startswith("# ")
    [document] = yaml.safe_load_all(text)
    assert (document["apiVersion"], document["kind"]) == (f"{GROUP}/{VERSION}", KIND)
    LLMCacheSpec.model_validate(document["spec"])


def test_the_list_of_examples_is_complete() -> None:
    listed = re.findall(r"\]\(([a-z-]+\.yaml)\)", (ROOT / "examples" / "README.md").read_text())
    assert listed
    assert sorted(listed) == [path.name for path in EXAMPLES]
