"""What was judged of a pair of questions is not judged again."""

from __future__ import annotations

import asyncio
from typing import cast

from llmcache_sidecar.domain.vectors import EmbeddingModel, PartitionId
from llmcache_sidecar.pipeline.semantic.verification import Verification
from llmcache_sidecar.verify.chain import IDENTICAL, Judgement
from llmcache_sidecar.verify.learned import Verifier
from llmcache_sidecar.verify.pair import Pair
from tests.turns import turns

MODEL = EmbeddingModel("bundled", "one", 384, 256)
OURS, THEIRS = PartitionId(b"a" * 32), PartitionId(b"b" * 32)
ASKED = "How can I reset my router to factory settings?"
STORED = "How do I reset my router to its factory settings?"


class Learned:
    """A last gate that counts who asks."""

    def __init__(self) -> None:
        self.asked = 0
        self.says = 1.0
        self.fails = False

    def score(self, pair: Pair) -> float:
        self.asked += 1
        if self.fails:
            raise ValueError("no")
        return self.says


def by(learned: Learned) -> Verification:
    return Verification(cast(Verifier, learned))


async def judged(
    verification: Verification,
    *,
    similarity: float = 0.93,
    partition: PartitionId = OURS,
    floor: float | None = None,
    asked: str = ASKED,
) -> Judgement:
    chain = verification.chain(MODEL, floor)
    return await verification.judge(chain, partition, asked, STORED, similarity)


async def test_the_same_pair_is_judged_once() -> None:
    learned = Learned()
    verification = by(learned)
    first = await judged(verification)
    assert first.accepted
    assert await judged(verification) == first
    assert learned.asked == 1


async def test_a_refusal_is_remembered_too() -> None:
    learned = Learned()
    learned.says = 0.0
    verification = by(learned)
    asked = "How do I set up my router with its factory settings?"
    first = await judged(verification, asked=asked)
    assert not first.accepted
    count = learned.asked
    assert await judged(verification, asked=asked) == first
    assert learned.asked == count


async def test_another_similarity_partition_or_threshold_is_judged_anew() -> None:
    learned = Learned()
    verification = by(learned)
    await judged(verification)
    await judged(verification, similarity=0.94)
    assert learned.asked == 2
    await judged(verification, partition=THEIRS)
    assert learned.asked == 3
    await judged(verification, floor=0.9)
    assert learned.asked == 4
    await judged(verification)
    assert learned.asked == 5, "what was judged under other thresholds is forgotten"


async def test_where_texts_end_counts() -> None:
    verification = by(Learned())
    chain = verification.chain(MODEL, None)
    same = await verification.judge(chain, OURS, "reset it", "reset it", 1.0)
    other = await verification.judge(chain, OURS, "reset itreset ", "it", 1.0)
    assert same.gate == IDENTICAL
    assert other.gate != IDENTICAL


async def test_what_failed_is_tried_again() -> None:
    learned = Learned()
    learned.fails = True
    verification = by(learned)
    assert not (await judged(verification)).accepted
    learned.fails = False
    assert (await judged(verification)).accepted


async def test_others_run_while_a_pair_is_judged_and_not_before_what_is_remembered() -> None:
    verification = by(Learned())
    async with turns() as taken:
        await judged(verification)
        judging = taken()
        assert judging >= 2
        await judged(verification)
        assert taken() == judging


async def test_what_is_asked_may_be_read_ahead_and_is_judged_alike() -> None:
    async with asyncio.timeout(30):
        verification = by(Learned())
        ahead = verification.read_ahead(OURS, ASKED)
        while ahead.wanted:
            await asyncio.sleep(0.001)
        assert await judged(verification) == await judged(by(Learned()))
