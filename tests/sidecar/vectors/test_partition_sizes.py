"""How often a partition is counted, and what is remembered of it."""

from __future__ import annotations

from llmcache_sidecar.adapters.vectors.partition_sizes import PartitionSizes
from tests.sidecar.vectors.making import a_partition


class Now:
    """A monotonic clock that is set."""

    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_a_partition_that_was_counted_empty_is_counted_again_before_long() -> None:
    now = Now()
    sizes, partition = PartitionSizes(5_000, now), a_partition()
    assert sizes.begin_count(partition)
    sizes.counted(partition, 0)
    assert not sizes.begin_count(partition)
    now.seconds += 5.0
    assert sizes.begin_count(partition)
    sizes.counted(partition, 5_001)
    assert sizes.is_large(partition)


def test_the_nearer_to_large_the_sooner_it_is_counted_again() -> None:
    now = Now()
    sizes = PartitionSizes(5_000, now)
    waits = []
    for points in (0, 2_000, 4_999):
        partition = a_partition()
        sizes.counted(partition, points)
        began = now.seconds
        while not sizes.begin_count(partition):
            now.seconds += 0.5
        waits.append(now.seconds - began)
    assert waits == [5.0, 3.0, 1.0]


def test_two_do_not_count_the_same_at_once() -> None:
    sizes, partition = PartitionSizes(5_000, Now()), a_partition()
    assert sizes.begin_count(partition)
    assert not sizes.begin_count(partition)
    assert sizes.begin_count(a_partition())


def test_a_large_partition_is_not_counted_until_it_has_shrunk() -> None:
    sizes, partition = PartitionSizes(5_000, Now()), a_partition()
    sizes.counted(partition, 5_001)
    assert not sizes.begin_count(partition)
    sizes.shrank(partition)
    sizes.shrank(partition)
    assert not sizes.is_large(partition)
    assert sizes.begin_count(partition)


def test_without_a_bound_for_small_ones_all_are_large() -> None:
    sizes = PartitionSizes(0, Now())
    assert sizes.is_large(a_partition())


def test_what_is_remembered_is_bounded() -> None:
    sizes = PartitionSizes(1, Now())
    first, second = a_partition(), a_partition()
    sizes.counted(first, 2)
    sizes.counted(second, 0)
    for _ in range(10_000):
        sizes.counted(a_partition(), 2)
        sizes.counted(a_partition(), 0)
    assert not sizes.is_large(first)
    assert sizes.begin_count(second)
