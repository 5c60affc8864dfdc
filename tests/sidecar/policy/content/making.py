"""A judge with the package's own knowledge, read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from llmcache_sidecar.policy.content import (
    ContentClass,
    ContentJudge,
    ContentSettings,
    Knowledge,
    read_knowledge,
)
from llmcache_sidecar.policy.content import judge as judge_module

FOLDER = Path(judge_module.__file__).parent


@cache
def knowledge() -> Knowledge:
    return read_knowledge(lambda name: (FOLDER / name).read_text("utf-8"))


def make_judge(settings: ContentSettings | None = None) -> ContentJudge:
    return ContentJudge(knowledge(), settings)


def classes(text: str, settings: ContentSettings | None = None) -> set[ContentClass | str]:
    return {finding.content_class for finding in make_judge(settings).judge(text)}
