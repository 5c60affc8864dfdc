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
NEW_HANDS = {
    "newcomer": (0.86, 0.10),
    "latecomers": (0.93, 0.06),
    "examiners": (0.93, 0.07),
    "jurors": (0.94, 0.08),
}
"""Recall of all classes together, and the share of cacheable prompts skipped. Measured were 0.89 and
0.07, 0.95 and 0.03, 0.96 and 0.04, 0.95 and 0.05 (docs/policy.md)."""


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


@pytest.mark.parametrize("hand", NEW_HANDS)
def test_most_of_what_a_new_hand_writes_is_caught(hand: str) -> None:
    judge = make_judge()
    recall, false_skips = NEW_HANDS[hand]
    asked = [prompt for prompt in own(hand) if prompt.expected is not None]
    cacheable = [prompt for prompt in own(hand) if prompt.expected is None]
    assert share(bool(judge.judge(prompt.text)) for prompt in asked).value >= recall
    assert share(bool(judge.judge(prompt.text)) for prompt in cacheable).value <= false_skips


def test_creative_prompts_are_kept_from_the_semantic_level() -> None:
    judge = make_judge()
    works = creative()
    assert len(works) >= 60
    assert share(bool(judge.judge(text)) for text in works).value >= 0.95
