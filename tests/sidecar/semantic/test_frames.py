"""What all questions of a partition share is cut away; what only some share is not."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from llmcache_sidecar.domain.vectors import PartitionId
from llmcache_sidecar.pipeline.semantic.frames import Frames

HERE = PartitionId(b"h" * 32)
THERE = PartitionId(b"t" * 32)
OPENING = "Classify the mood of the following review: "
END = " Answer in one word only, please."
NAMES = [
    "amber", "brick", "cedar", "delta", "ember", "flint", "grove", "haven", "ivory", "joint",
    "kayak", "lemon", "mango", "night", "olive", "piano", "quilt", "river", "sugar", "tiger",
]  # fmt: skip


def test_a_frame_is_cut_once_enough_questions_share_it() -> None:
    frames = Frames()
    seen = [frames.cut(HERE, f"{OPENING}{name} lamp{END}") for name in NAMES]
    assert seen[0] == (HERE, f"{OPENING}amber lamp{END}")
    partition, text = seen[-1]
    assert text == "tiger"  # "lamp" is shared by all as well
    assert partition != HERE
    assert frames.cut(HERE, f"{OPENING}zebra lamp{END}") == (partition, "zebra")


def test_another_partition_has_another_frame() -> None:
    frames = Frames()
    for name in NAMES:
        frames.cut(HERE, f"{OPENING}{name}{END}")
    assert frames.cut(THERE, f"{OPENING}amber{END}") == (THERE, f"{OPENING}amber{END}")


def test_a_question_without_it_ends_the_frame() -> None:
    frames = Frames()
    for name in NAMES:
        frames.cut(HERE, f"{OPENING}{name}{END}")
    assert frames.cut(HERE, "Something else?") == (HERE, "Something else?")
    assert frames.cut(HERE, f"{OPENING}amber{END}") == (HERE, f"{OPENING}amber{END}")


def test_a_usual_beginning_is_no_frame() -> None:
    frames = Frames()
    for name in NAMES * 2:
        question = f"How do I {name} it?"
        assert frames.cut(HERE, question) == (HERE, question)


def test_one_question_again_and_again_is_no_frame() -> None:
    frames = Frames()
    question = f"{OPENING}amber{END}"
    for _ in range(50):
        assert frames.cut(HERE, question) == (HERE, question)


def test_two_questions_again_and_again_are_no_frame() -> None:
    frames = Frames()
    for name in NAMES[:2] * 25:
        question = f"{OPENING}{name}{END}"
        assert frames.cut(HERE, question) == (HERE, question)


def test_memory_is_bounded() -> None:
    frames = Frames(partitions=3)
    for number in range(10):
        frames.cut(PartitionId(bytes([number]) * 32), "text")
    assert len(frames._seen) == 3


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(alphabet="ab \n", min_size=1, max_size=40), min_size=20, max_size=40))
def test_what_is_left_is_part_of_the_question_and_never_nothing(texts: list[str]) -> None:
    frames = Frames()
    for text in texts:
        partition, inner = frames.cut(HERE, OPENING + text + END)
        assert inner.strip()
        assert inner in OPENING + text + END
        assert (partition == HERE) == (inner == OPENING + text + END)
