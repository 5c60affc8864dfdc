"""Labelled data: the folder that LLMCACHE_QUALITY_DATA names, where there is one."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "data"

PAIRS = "qqp:"
"""How the intents of question pairs begin, in a stream of FAQ and pairs: a pair has one of its own."""


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """Two questions, and whether one answer fits both."""

    a: str
    b: str
    same: bool
    group: str
    lang: str
    split: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """A prompt of a stream; prompts of one intent may be served from one answer."""

    prompt: str
    intent: str


def folder() -> Path | None:
    """Where the labelled data is, if it is anywhere."""
    path = Path(os.environ.get("LLMCACHE_QUALITY_DATA", DEFAULT))
    return path if (path / "pairs_dev.jsonl.gz").exists() else None


def _lines(path: Path) -> Iterator[dict[str, object]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def pairs(path: Path) -> list[LabelledPair]:
    """Question pairs."""
    return [
        LabelledPair(
            str(row["a"]),
            str(row["b"]),
            bool(row["same"]),
            str(row["set"]),
            str(row["lang"]),
            str(row["split"]),
        )
        for row in _lines(path / "pairs_dev.jsonl.gz")
    ]


def workload(path: Path) -> list[Arrival]:
    """A stream of requests in order of arrival."""
    return [
        Arrival(str(row["prompt"]), str(row["intent"]))
        for row in _lines(path / "workload_dev.jsonl.gz")
    ]
