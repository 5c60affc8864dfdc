"""An entry is dead when a purge that names it lies strictly after the entry's position."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmcache_sidecar.domain.entry import EntryMeta
from llmcache_sidecar.domain.ids import EntryId, TenantId
from llmcache_sidecar.domain.purge import LogPosition, LogSlice, Purge, PurgeRecord, PurgeScope
from llmcache_sidecar.purging import PurgeIndex
from tests.sidecar.stores.making import an_entry

START = LogPosition(1000, 0)
EVERYTHING = Purge(PurgeScope.ALL)


def meta_at(position: LogPosition, **fields: Any) -> EntryMeta:
    return an_entry(position=position, **fields).meta


def record(milliseconds: int, purge: Purge = EVERYTHING, sequence: int = 0) -> PurgeRecord:
    return PurgeRecord(purge, LogPosition(milliseconds, sequence))


def reading(
    *records: PurgeRecord,
    epoch: str = "one",
    floor: LogPosition = START,
    head: LogPosition | None = None,
) -> LogSlice:
    newest = max((r.position for r in records), default=floor)
    return LogSlice(epoch, floor, head or newest, records)


@pytest.fixture
def index() -> PurgeIndex:
    index = PurgeIndex()
    index.apply(reading())
    return index


def test_an_inference_before_the_purge_is_dead_and_one_after_its_reading_lives(
    index: PurgeIndex,
) -> None:
    before = meta_at(index.head)
    index.apply(reading(record(2000)))
    after = meta_at(index.head)

    assert after.position == LogPosition(2000)
    assert index.is_purged(before)
    assert not index.is_purged(after)


def test_an_inference_between_the_purge_and_its_reading_is_dead_too(index: PurgeIndex) -> None:
    written = record(2000)
    between = meta_at(index.head)
    index.apply(reading(written))
    assert index.is_purged(between)


def test_a_later_purge_does_not_depend_on_an_earlier_one_of_the_same_millisecond(
    index: PurgeIndex,
) -> None:
    index.apply(reading(record(2000, sequence=0)))
    between = meta_at(index.head)
    assert not index.is_purged(between)
    index.apply(reading(record(2000, sequence=1)))
    assert index.is_purged(between)
    assert not index.is_purged(meta_at(index.head))


@pytest.mark.parametrize(
    ("purge", "named", "other"),
    [
        (
            Purge(PurgeScope.ENTRY, "e1"),
            {"id": EntryId("e1")},
            {"id": EntryId("e2")},
        ),
        (Purge(PurgeScope.TAG, "b"), {"tags": ("a", "b")}, {"tags": ("a", "c")}),
        (Purge(PurgeScope.TAG, "b"), {"tags": ("b",)}, {"tags": ()}),
        (
            Purge(PurgeScope.TENANT, "t1"),
            {"tenant": TenantId("t1")},
            {"tenant": TenantId("t2")},
        ),
        (Purge(PurgeScope.MODEL, "m1"), {"model": "m1"}, {"model": "m2"}),
    ],
)
def test_a_purge_concerns_what_it_names(
    index: PurgeIndex, purge: Purge, named: dict[str, Any], other: dict[str, Any]
) -> None:
    dead, alive = meta_at(START, **named), meta_at(START, **other)
    index.apply(reading(record(2000, purge)))
    assert index.is_purged(dead)
    assert not index.is_purged(alive)
    assert not index.is_purged(replace(dead, position=index.head))


def test_a_value_of_one_scope_is_nothing_in_another(index: PurgeIndex) -> None:
    index.apply(reading(record(2000, Purge(PurgeScope.TAG, "x"))))
    assert not index.is_purged(
        meta_at(START, id=EntryId("x"), tenant=TenantId("x"), model="x", tags=())
    )


def test_another_replica_that_reads_faster_stores_entries_from_ahead_of_this_head(
    index: PurgeIndex,
) -> None:
    ahead = meta_at(LogPosition(5000))
    assert not index.is_purged(ahead)
    index.apply(reading(record(2000)))
    assert not index.is_purged(ahead)


def test_a_noted_purge_works_at_once_and_leaves_the_head(index: PurgeIndex) -> None:
    entry = meta_at(index.head)
    index.note(record(2000))
    assert index.is_purged(entry)
    assert index.head == START
    version = index.version
    index.apply(reading(record(1500, Purge(PurgeScope.TAG, "docs")), record(2000)))
    assert index.head == LogPosition(2000)
    assert index.version == version, "what everything-purged already covers kills nothing more"


def test_a_noted_purge_may_lie_after_others_that_are_read_later(index: PurgeIndex) -> None:
    index.note(record(2000, Purge(PurgeScope.TAG, "b")))
    index.apply(
        reading(record(1500, Purge(PurgeScope.TAG, "a")), record(2000, Purge(PurgeScope.TAG, "b")))
    )
    assert index.is_purged(meta_at(LogPosition(1400), tags=("a",)))
    assert not index.is_purged(meta_at(LogPosition(1600), tags=("a",)))
    assert index.is_purged(meta_at(LogPosition(1600), tags=("b",)))


def test_an_older_purge_of_a_name_never_replaces_the_newer(index: PurgeIndex) -> None:
    index.note(record(3000, Purge(PurgeScope.TAG, "a")))
    index.note(record(2000, Purge(PurgeScope.TAG, "a")))
    assert index.is_purged(meta_at(LogPosition(2500), tags=("a",)))


def test_an_entry_older_than_the_floor_cannot_be_judged_and_is_dead(index: PurgeIndex) -> None:
    at_floor, older = meta_at(LogPosition(1500)), meta_at(LogPosition(1499, 9))
    index.apply(reading(floor=LogPosition(1500)))
    assert index.floor == LogPosition(1500)
    assert index.is_purged(older)
    assert not index.is_purged(at_floor)


def test_a_floor_that_passed_the_head_unread_is_a_gap_and_kills_what_is_older(
    index: PurgeIndex,
) -> None:
    held = meta_at(index.head)
    index.apply(reading(floor=LogPosition(9000)))
    assert index.is_purged(held)
    assert not index.is_purged(meta_at(index.head))


def test_an_entry_of_before_the_first_reading_is_dead_after_it() -> None:
    index = PurgeIndex()
    blind = meta_at(index.head)
    index.apply(reading())
    assert index.is_purged(blind)
    assert index.generation == 0, "there was nothing to lose"


def test_another_epoch_makes_another_generation_and_kills_what_is_older(
    index: PurgeIndex,
) -> None:
    index.apply(reading(record(2000, Purge(PurgeScope.TAG, "a"))))
    held = meta_at(index.head)
    index.apply(reading(epoch="two", floor=LogPosition(3000)))
    assert index.generation == 1
    assert index.epoch == "two"
    assert index.is_purged(held)
    assert not index.is_purged(meta_at(index.head))


def test_a_head_that_goes_back_makes_another_generation_and_unpurges_nothing(
    index: PurgeIndex,
) -> None:
    doomed = meta_at(LogPosition(1500), tags=("a",))
    index.apply(reading(record(2000, Purge(PurgeScope.TAG, "a"))))
    index.apply(reading(head=LogPosition(1500)))
    assert index.generation == 1
    assert index.head == LogPosition(1500)
    assert index.floor == LogPosition(1500)
    assert index.is_purged(doomed)
    assert not index.is_purged(meta_at(index.head))


def test_reading_the_same_again_changes_nothing(index: PurgeIndex) -> None:
    piece = reading(record(2000, Purge(PurgeScope.TAG, "a")), record(3000))
    index.apply(piece)
    before = (index.version, index.generation, index.head, index.floor, len(index))
    index.apply(piece)
    assert (index.version, index.generation, index.head, index.floor, len(index)) == before


def test_the_version_grows_with_all_that_can_kill_and_only_then(index: PurgeIndex) -> None:
    versions = [index.version]
    for piece in (
        reading(record(2000, Purge(PurgeScope.TAG, "a"))),
        reading(record(2001)),
        reading(floor=LogPosition(2002), head=LogPosition(2002)),
        reading(epoch="two", floor=LogPosition(2003), head=LogPosition(2003)),
    ):
        index.apply(piece)
        versions.append(index.version)
    assert versions == sorted(set(versions))
    index.apply(reading(epoch="two", floor=LogPosition(2003), head=LogPosition(2003)))
    assert index.version == versions[-1]


def test_a_purge_of_everything_makes_older_names_superfluous(index: PurgeIndex) -> None:
    index.apply(reading(*(record(2000 + n, Purge(PurgeScope.TAG, str(n))) for n in range(50))))
    assert len(index) == 50
    index.apply(reading(record(2040)))
    assert len(index) == 9
    index.apply(reading(floor=LogPosition(9000)))
    assert len(index) == 0


def test_one_name_purged_often_takes_one_place(index: PurgeIndex) -> None:
    for n in range(1000):
        index.note(record(2000 + n, Purge(PurgeScope.TAG, "a")))
    assert len(index) == 1


def test_more_names_than_the_cap_raise_the_floor_instead_of_growing() -> None:
    index = PurgeIndex(max_records=10)
    index.apply(reading(*(record(2000 + n, Purge(PurgeScope.TENANT, str(n))) for n in range(25))))
    assert len(index) == 10
    assert index.floor == LogPosition(2014)
    assert index.is_purged(meta_at(LogPosition(2013), tenant=TenantId("never purged")))
    assert not index.is_purged(meta_at(LogPosition(2014), tenant=TenantId("never purged")))


def test_forgetting_the_old_raises_the_floor_to_the_newest_forgotten(index: PurgeIndex) -> None:
    index.apply(
        reading(
            record(2000, Purge(PurgeScope.TAG, "a")),
            record(2500, Purge(PurgeScope.MODEL, "m")),
            record(3000, Purge(PurgeScope.TAG, "b")),
        )
    )
    index.forget_before(2600)
    assert len(index) == 1
    assert index.floor == LogPosition(2500)
    assert index.is_purged(meta_at(LogPosition(2499)))
    assert not index.is_purged(meta_at(LogPosition(2500), tags=()))
    index.forget_before(2600)
    assert index.floor == LogPosition(2500)


PURGES = st.one_of(
    st.builds(
        Purge,
        st.sampled_from([PurgeScope.ENTRY, PurgeScope.TAG, PurgeScope.TENANT, PurgeScope.MODEL]),
        st.sampled_from("abc"),
    ),
    st.just(EVERYTHING),
)


def concerns(purge: Purge, meta: EntryMeta) -> bool:
    return {
        PurgeScope.ENTRY: purge.value == meta.id,
        PurgeScope.TAG: purge.value in meta.tags,
        PurgeScope.TENANT: purge.value == meta.tenant,
        PurgeScope.MODEL: purge.value == meta.model,
        PurgeScope.ALL: True,
    }[purge.scope]


@settings(deadline=None, max_examples=200)
@given(
    purges=st.lists(PURGES, max_size=30),
    cuts=st.lists(st.integers(0, 30), max_size=5),
    at=st.integers(0, 31),
    names=st.tuples(*[st.sampled_from("abc")] * 4),
    cap=st.integers(1, 40),
)
def test_however_it_is_read_the_index_agrees_with_the_plain_rule(
    purges: list[Purge], cuts: list[int], at: int, names: tuple[str, ...], cap: int
) -> None:
    index = PurgeIndex(max_records=cap)
    records = [record(1001 + n, purge) for n, purge in enumerate(purges)]
    start = 0
    for cut in [*sorted(cuts), len(records)]:
        index.apply(reading(*records[start:cut], head=LogPosition(1000 + max(start, cut))))
        start = max(start, cut)
    meta = meta_at(
        LogPosition(1000 + at),
        id=EntryId(names[0]),
        tags=(names[1],),
        tenant=TenantId(names[2]),
        model=names[3],
    )
    dead = any(meta.position < r.position and concerns(r.purge, meta) for r in records)
    if meta.position < index.floor:
        assert index.is_purged(meta)
    else:
        assert index.is_purged(meta) == dead
    assert len(index) <= cap
