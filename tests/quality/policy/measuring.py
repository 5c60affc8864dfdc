"""Precision and recall per class and language, with 95 % intervals (Wilson)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from llmcache_sidecar.policy.content import (
    ContentClass,
    ContentFinding,
    ContentJudge,
    ContentSettings,
    judge,
    read_knowledge,
)
from llmcache_sidecar.quality.shares import interval

from .prompts import Prompt

FOLDER: Final = Path(judge.__file__).parent

Judge = Callable[[str], tuple[ContentFinding, ...]]


def make_judge(settings: ContentSettings | None = None) -> ContentJudge:
    return ContentJudge(read_knowledge(lambda name: (FOLDER / name).read_text("utf-8")), settings)


@dataclass(frozen=True)
class Share:
    """Some of n, and between what the true share lies."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        return self.hits / self.of if self.of else float("nan")

    def interval(self) -> tuple[float, float]:
        return interval(self.hits, self.of)

    def __str__(self) -> str:
        low, high = self.interval()
        return f"{self.value:.1%} [{low:.1%}, {high:.1%}] n={self.of}"


@dataclass(frozen=True)
class ClassFigures:
    """Of one class: skipped for any reason, named as what it is, and how many named are right."""

    skipped: Share
    named: Share
    precision: Share


@dataclass(frozen=True)
class Figures:
    classes: dict[ContentClass, ClassFigures]
    languages: dict[str, tuple[Share, Share]]
    """Recall (any class) and false skips by language."""
    false_skips: Share


def share(flags: Iterable[bool]) -> Share:
    found = list(flags)
    return Share(sum(found), len(found))


def measure(prompts: list[Prompt], judged: Judge) -> Figures:
    verdicts = [
        (prompt, {finding.content_class for finding in judged(prompt.text)}) for prompt in prompts
    ]
    classes = {}
    for one in ContentClass:
        of_class = [found for prompt, found in verdicts if prompt.expected is one]
        if of_class:
            classes[one] = ClassFigures(
                share(bool(found) for found in of_class),
                share(one in found for found in of_class),
                share(prompt.expected is one for prompt, found in verdicts if one in found),
            )
    languages = {}
    for language in sorted({prompt.language for prompt in prompts}):
        mine = [(prompt, found) for prompt, found in verdicts if prompt.language == language]
        languages[language] = (
            share(bool(found) for prompt, found in mine if prompt.expected is not None),
            share(bool(found) for prompt, found in mine if prompt.expected is None),
        )
    return Figures(
        classes,
        languages,
        share(bool(found) for prompt, found in verdicts if prompt.expected is None),
    )
