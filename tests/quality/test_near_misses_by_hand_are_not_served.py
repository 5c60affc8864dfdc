"""Pairs written by hand, judged at their own cosine: near misses, and the same in other words.

They come from no frame of ours. Classes of words and gates were mended by them, so they guard what
was mended and are no measurement.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from llmcache_sidecar.verify import threshold_of

from .deciding import with_cross_encoder
from .embedding import BundledModel

pytestmark = pytest.mark.quality

HERE = Path(__file__).parent
ANY_COSINE = 0.95
"""As near as a model of many languages finds what the bundled one does not."""
LEAST = 0.65
"""Of the pairs in other words, how many are served; most of the others are too far from each other."""


@pytest.fixture(scope="module")
def model() -> BundledModel:
    return BundledModel()


def served(name: str, model: BundledModel) -> Iterator[tuple[str, bool]]:
    decider = with_cross_encoder(threshold_of("all-MiniLM-L6-v2"))
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        asked, stored = line.split("|")
        similarity = float(model.embed(asked) @ model.embed(stored))
        yield line, decider.decide(asked, [(stored, similarity)]) is not None


def test_near_misses_by_hand_are_not_served(model: BundledModel) -> None:
    assert [line for line, hit in served("near_misses_by_hand.txt", model) if hit] == []


def test_in_other_languages_they_are_not_served_however_near() -> None:
    decider = with_cross_encoder(threshold_of("all-MiniLM-L6-v2"))
    text = (HERE / "near_misses_of_any_cosine_by_hand.txt").read_text(encoding="utf-8")
    pairs = [line.split("|") for line in text.splitlines()]
    assert [
        (asked, stored)
        for asked, stored in pairs
        if decider.decide(asked, [(stored, ANY_COSINE)]) is not None
    ] == []


def test_the_same_in_other_words_is_served_mostly(model: BundledModel) -> None:
    hits = [hit for _, hit in served("paraphrases_by_hand.txt", model)]
    assert sum(hits) >= LEAST * len(hits)
