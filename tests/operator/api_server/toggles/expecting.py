"""expected.yaml: what each row of the table changes in the cluster, for people to read.

`python -m tests.operator.api_server.toggles` writes it from the pure rendering, `--check` compares. A
live operator is held to it by test_every_field.py.
"""

from __future__ import annotations

import sys

import yaml

from llmcache_api.resource import LLMCacheSpec
from llmcache_operator.domain import LLMCache
from llmcache_operator.rendering import Facts, render

from ..kube import Json
from .places import State, differences, essence
from .table import FOLDER, Row, rows

EXPECTED = FOLDER / "expected.yaml"
NAMESPACE = "toggles"
FACTS = Facts(operator_namespace="default", kubernetes_minor=35, pod_monitor=True)
HEAD = (
    "# What setting each field changes in the cluster. Written by\n"
    "# python -m tests.operator.api_server.toggles; see rows.yaml.\n"
)


def expected() -> dict[str, list[str]]:
    """The lines of each leaf."""
    found: dict[str, list[str]] = yaml.safe_load(EXPECTED.read_text("utf-8"))
    return found


def from_rendering(row: Row) -> list[str]:
    """The lines as the pure rendering has them."""
    return differences(_rendered(row.start), _rendered(row.set))


def _rendered(spec: Json) -> State:
    cache = LLMCache(NAMESPACE, "t000", "uid", 1, LLMCacheSpec.model_validate(spec))
    rendering = render(cache, {}, FACTS)
    assert not rendering.problems, rendering.problems
    objects = [*rendering.objects, *(secret.manifest for secret in rendering.secrets)]
    essences = [essence(dict(item), cache.name) for item in objects]
    return {(item["kind"], item["metadata"]["name"]): item for item in essences}


def page() -> str:
    """The file."""
    lines = {leaf: from_rendering(row) for leaf, row in rows().items()}
    return HEAD + yaml.safe_dump(lines, sort_keys=False, width=200, allow_unicode=True)


def main(arguments: list[str]) -> int:
    """Write or compare; the exit code."""
    text = page()
    if "--check" not in arguments:
        EXPECTED.write_text(text, "utf-8")
    elif not EXPECTED.exists() or EXPECTED.read_text("utf-8") != text:
        sys.stderr.write(
            f"{EXPECTED.name} is not what is rendered; run python -m "
            "tests.operator.api_server.toggles, and read the difference\n"
        )
        return 1
    return 0
