"""Floors under what was measured on prompts that were not tuned on (words and rules alone)."""

from __future__ import annotations

import pytest

from llmcache_sidecar.policy.content import ContentClass

from .measuring import Figures, make_judge, measure, share
from .prompts import creative, own

RECALL = dict.fromkeys(ContentClass, 0.9)
RECALL[ContentClass.CONTEXTUAL] = 0.8
"""The goal is 0.9. Of one held-out set 0.84 is caught by words alone, of the other 0.95
(docs/policy.md)."""
FALSE_SKIPS = 0.05
NEWCOMER = 0.85
"""Of all classes together; 0.91 was measured, and 0.85 before others of their kind were learnt from."""
NEWCOMERS_LOOK_ALIKES = 0.2
"""Cacheable prompts chosen to look like a class: 0.15 of 120 are skipped. The goal is 0.05."""


@pytest.fixture(scope="module", params=["heldout", "unseen", "strangers fresh"])
def held_out(request: pytest.FixtureRequest) -> Figures:
    """Two halves of sets are measured as one: a class of one alone is 15 prompts."""
    prompts = [prompt for part in request.param.split() for prompt in own(part)]
    return measure(prompts, make_judge().judge)


@pytest.mark.parametrize("one", list(ContentClass))
def test_most_of_each_class_is_caught(one: ContentClass, held_out: Figures) -> None:
    assert held_out.classes[one].skipped.value >= RECALL[one]


def test_one_in_twenty_cacheable_prompts_is_skipped_at_most(held_out: Figures) -> None:
    assert held_out.false_skips.value <= FALSE_SKIPS


def test_most_of_what_a_newcomer_writes_is_caught() -> None:
    judge = make_judge()
    asked = [prompt for prompt in own("newcomer") if prompt.expected is not None]
    assert share(bool(judge.judge(prompt.text)) for prompt in asked).value >= NEWCOMER


def test_one_in_five_of_a_newcomers_look_alikes_is_skipped_at_most() -> None:
    judge = make_judge()
    cacheable = [prompt for prompt in own("newcomer") if prompt.expected is None]
    skipped = share(bool(judge.judge(prompt.text)) for prompt in cacheable)
    assert skipped.value <= NEWCOMERS_LOOK_ALIKES


def test_creative_prompts_are_kept_from_the_semantic_level() -> None:
    judge = make_judge()
    works = creative()
    assert len(works) >= 60
    assert share(bool(judge.judge(text)) for text in works).value >= 0.95
