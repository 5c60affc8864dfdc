"""The labelled prompts, by language. What is in `TAUGHT` was learnt from, the others were not
(docs/policy.md)."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from llmcache_sidecar.policy.content import CACHEABLE, ContentClass

FOLDER: Final = Path(__file__).parent / "prompts"
TAUGHT: Final = {"dev": 5, "hands": 40}
"""Folders that the word model is trained on, and how often each prompt comes among the samples: `dev` is
by the hand of the phrases, `hands` by eleven who had not seen them."""
SHARED: Final = Path(__file__).resolve().parents[4] / "shared" / "data"


@dataclass(frozen=True)
class Prompt:
    text: str
    expected: ContentClass | None
    language: str


def own(part: str) -> list[Prompt]:
    """One folder of `prompts`: [class] sections, one file a language, one prompt a line; \\n stands
    for a new line in it."""
    return [
        prompt
        for path in sorted((FOLDER / part).glob("*.txt"))
        for prompt in _read(path.stem, path.read_text("utf-8"))
    ]


def _read(language: str, text: str) -> Iterator[Prompt]:
    expected: ContentClass | None = None
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("["):
            name = line[1:-1]
            expected = None if name == CACHEABLE else ContentClass(name)
        elif line:
            yield Prompt(line.replace("\\n", "\n"), expected, language)


def creative() -> list[str]:
    """The creative workload: every prompt wants an answer of its own."""
    text = (FOLDER / "creative.txt").read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def public(folder: Path, split: str) -> list[Prompt]:
    """Public prompts (BANKING77, CLINC150, MBPP) from a folder beside the repository, if there."""
    labels = {"none": None, "financial": ContentClass.FINANCIAL, "code": ContentClass.CODE}
    path = folder / "policy_dev.jsonl.gz"
    if not path.exists():
        return []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        Prompt(row["prompt"], labels[row["category"]], "en")
        for row in rows
        if row["split"] == split
    ]


def workload(folder: Path) -> list[tuple[str, str]]:
    """(prompt, intent) of the FAQ stream beside the repository, if there, in order of arrival."""
    path = folder / "workload_dev.jsonl.gz"
    if not path.exists():
        return []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [(row["prompt"], row["intent"]) for row in rows]
