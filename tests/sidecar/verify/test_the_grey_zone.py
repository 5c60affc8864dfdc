"""What a cross-encoder may turn, and what it may not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmcache_sidecar.verify import Chain, GreyZone, Judgement, Threshold, read, threshold_of
from llmcache_sidecar.verify.chain import CROSS_ENCODER, SIMILARITY, VERIFIER, is_close
from llmcache_sidecar.verify.grey_zone import Opinion

from .judging import chain as shipped

ZONE = GreyZone(-0.8, 0.9, 0.98, 0.4, 0.0, 0.4, 0.0, 0.2, 0.7)
ASKED = "How can I lower my electricity bill?"
STORED = "What are good ways to spend less on power at home?"


def with_zone(threshold: Threshold | None = None) -> Chain:
    chain = replace(shipped(), grey_zone=ZONE)
    return chain if threshold is None else replace(chain, threshold=threshold)


def test_what_is_not_near_enough_may_be_told_by_a_cross_encoder() -> None:
    chain = with_zone()
    judgement = chain.judge(read(ASKED), read(STORED), 0.75)
    assert (judgement.accepted, judgement.gate, judgement.grey) == (False, SIMILARITY, True)
    accepted = chain.compared(judgement, 0.75, 6.0)
    assert (accepted.accepted, accepted.gate, accepted.grey) == (True, CROSS_ENCODER, False)
    assert accepted.score == chain.threshold.score
    assert not is_close(accepted, 0.99, chain.threshold)
    assert not chain.compared(judgement, 0.75, -6.0).accepted


def test_without_a_zone_nothing_is_grey() -> None:
    assert not shipped().judge(read(ASKED), read(STORED), 0.75).grey


@pytest.mark.parametrize("similarity", [0.4, 0.6])
def test_what_is_far_away_is_not_compared(similarity: float) -> None:
    assert not with_zone().judge(read(ASKED), read(STORED), similarity).grey


def test_what_a_gate_refuses_is_not_compared() -> None:
    judgement = with_zone().judge(
        read("How do I turn on the alarm?"), read("How do I turn off the alarm?"), 0.95
    )
    assert not judgement.accepted
    assert not judgement.grey


@pytest.mark.parametrize("floor", [0.78, 0.83, 0.9])
def test_a_users_own_threshold_holds_for_all(floor: float) -> None:
    chain = with_zone(threshold_of("all-MiniLM-L6-v2", floor))
    below = chain.judge(read(ASKED), read(STORED), floor - 0.01)
    assert not below.accepted
    assert not below.grey
    above = chain.judge(read(ASKED), read(STORED), max(floor, 0.83) + 0.01)
    assert above.accepted or above.grey
    layout = "How do I reset my password?", "Please, how can I reset my passwords?"
    assert shipped().judge(read(layout[0]), read(layout[1]), floor - 0.01).accepted
    assert not chain.judge(read(layout[0]), read(layout[1]), floor - 0.01).accepted


@pytest.mark.parametrize("similarity", [0.8, 0.89, 0.91])
def test_nothing_is_compared_below_the_threshold_of_a_model_that_nobody_measured(
    similarity: float,
) -> None:
    chain = with_zone(threshold_of("somebody/unknown"))
    assert not chain.judge(read(ASKED), read(STORED), similarity).grey
    same_words = "How can I lower the bill for electricity?", "How can I lower electricity bills?"
    assert not chain.judge(read(same_words[0]), read(same_words[1]), similarity).grey


def test_texts_that_no_table_reads_are_not_compared_below_the_threshold() -> None:
    asked = "hur kan jag byta mitt gamla lösenord"
    stored = "vad gör jag för att förnya lösenordet"
    assert not with_zone().judge(read(asked), read(stored), 0.8).grey


def test_the_verifier_is_asked_again_where_it_is_not_sure() -> None:
    chain = with_zone()
    judged = [chain.judge(read(ASKED), read(STORED), at / 100) for at in range(83, 100)]
    by_verifier = [found for found in judged if found.gate == VERIFIER]
    assert by_verifier
    assert all(found.grey == (found.score < ZONE.sure) for found in by_verifier)


def test_what_the_verifier_accepts_is_refused_by_a_strong_doubt_only() -> None:
    chain = with_zone()
    unsure = Judgement(True, VERIFIER, "", 0.9, grey=True)
    assert chain.compared(unsure, 0.9, 2.0) == replace(unsure, grey=False)
    refused = chain.compared(unsure, 0.9, -8.0)
    assert (refused.accepted, refused.gate) == (False, CROSS_ENCODER)


finite = st.floats(-50, 50)


@given(finite, finite, st.floats(-3, 1), st.floats(0, 1))
def test_more_agreement_never_makes_it_less_likely(
    one: float, other: float, similarity: float, score: float
) -> None:
    opinion = Opinion(similarity, score)
    low, high = sorted((one, other))
    assert ZONE.probability(opinion, low) <= ZONE.probability(opinion, high)
    assert 0.0 <= ZONE.probability(opinion, low) <= 1.0


def test_the_file_says_all_of_it() -> None:
    assert GreyZone.from_json(ZONE.to_json()) == ZONE
    with pytest.raises(ValueError, match="another version"):
        GreyZone.from_json(ZONE.to_json().replace('"version": 1', '"version": 0'))
