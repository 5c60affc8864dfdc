"""The first level gives back what was just served, within its bytes and its age."""

from __future__ import annotations

from dataclasses import replace

from llmcache_sidecar.adapters.first_level import FirstLevel
from llmcache_sidecar.domain.ids import EntryId
from tests.sidecar.stores.making import a_key, an_entry

MIB = 1 << 20


def test_what_was_put_comes_back_with_what_was_prepared_from_it() -> None:
    level = FirstLevel(MIB)
    entry = an_entry()
    slot = level.put(entry, now=0.0)
    assert slot.held
    assert slot.rendition("whole") is None
    assert level.add_rendition(slot, "whole", b"template", 8)
    again = level.get(entry.meta.key, now=1e9)
    assert again is slot
    assert again.entry is entry
    assert again.meta is entry.meta
    assert again.rendition("whole") == b"template"
    assert again.judged == -1
    assert level.get(a_key(), now=0.0) is None


def test_a_slot_serves_no_more_when_it_has_been_here_too_long_however_often_it_is_used() -> None:
    level = FirstLevel(MIB, max_age_s=10.0)
    entry = an_entry()
    slot = level.put(entry, now=100.0)
    assert level.get(entry.meta.key, now=109.9) is slot
    assert level.get(entry.meta.key, now=110.0) is None


def test_with_an_age_of_nothing_every_answer_is_read_again_and_keeps_what_was_prepared() -> None:
    level = FirstLevel(MIB, max_age_s=0.0)
    entry = an_entry()
    level.add_rendition(level.put(entry, now=100.0), "whole", b"one", 3)
    assert level.get(entry.meta.key, now=100.0) is None
    assert not level.serves
    assert level.put(replace(entry), now=100.0).rendition("whole") == b"one"
    level.rebound(MIB, 10.0)
    assert level.serves


def test_the_same_entry_read_again_keeps_what_was_prepared_from_it() -> None:
    level = FirstLevel(MIB, max_age_s=10.0)
    entry = an_entry()
    slot = level.put(entry, now=100.0)
    level.add_rendition(slot, "whole", b"one", 3)
    slot.admitted, slot.judged = "p1", 7
    assert level.get(entry.meta.key, now=111.0) is None
    again = level.put(replace(entry), now=111.0)
    assert level.get(entry.meta.key, now=120.9) is again
    assert again.rendition("whole") == b"one"
    assert (again.admitted, again.judged) == ("", -1)
    assert level.bytes == again.nbytes


def test_the_same_id_with_another_body_starts_without_renditions() -> None:
    level = FirstLevel(MIB)
    entry = an_entry()
    level.add_rendition(level.put(entry, 0.0), "whole", b"one", 3)
    assert level.put(replace(entry, body=b"{}"), 0.0).rendition("whole") is None


def test_another_entry_under_the_key_starts_without_renditions() -> None:
    level = FirstLevel(MIB)
    first = an_entry()
    second = an_entry(key=first.meta.key)
    old = level.put(first, 0.0)
    level.add_rendition(old, "whole", b"one", 3)
    new = level.put(second, 0.0)
    assert not old.held
    assert new.rendition("whole") is None
    assert len(level) == 1
    assert level.bytes == new.nbytes


def test_the_least_recently_used_leaves_first_and_renditions_count() -> None:
    entries = [an_entry(b"x" * 1000) for _ in range(4)]
    one = FirstLevel(MIB).put(entries[0], 0.0).nbytes
    level = FirstLevel(5 * one)
    slots = [level.put(entry, 0.0) for entry in entries]
    assert all(slot.held for slot in slots)
    level.get(entries[0].meta.key, 0.0)
    size = one + one // 2
    assert level.add_rendition(slots[2], "whole", b"y" * size, size)
    assert level.bytes <= 5 * one
    assert [slot.held for slot in slots] == [True, False, True, True]


def test_a_rendition_never_pushes_its_own_slot_out() -> None:
    level = FirstLevel(9_000)
    first, second = level.put(an_entry(), 0.0), level.put(an_entry(), 0.0)
    assert level.add_rendition(first, "whole", b"y" * 6000, 6000)
    assert first.held
    assert not second.held
    assert not level.add_rendition(first, "stream", b"y" * 6000, 6000)
    assert first.held
    assert first.rendition("stream") is None


def test_the_first_rendition_under_a_name_stays() -> None:
    level = FirstLevel(MIB)
    slot = level.put(an_entry(), 0.0)
    level.add_rendition(slot, "whole", b"one", 3)
    before = level.bytes
    assert level.add_rendition(slot, "whole", b"two", 3)
    assert slot.rendition("whole") == b"one"
    assert level.bytes == before


def test_a_slot_that_has_left_can_be_served_but_keeps_nothing_more() -> None:
    level = FirstLevel(MIB)
    entry = an_entry()
    slot = level.put(entry, 0.0)
    level.clear()
    assert not slot.held
    assert slot.entry is entry
    assert not level.add_rendition(slot, "whole", b"one", 3)
    assert level.bytes == 0
    assert len(level) == 0


def test_what_is_too_large_comes_back_in_a_slot_that_is_not_held() -> None:
    level = FirstLevel(3_000)
    small = an_entry()
    level.put(small, 0.0)
    big = an_entry(b"x" * 5_000)
    slot = level.put(big, 0.0)
    assert not slot.held
    assert slot.entry is big
    assert level.get(big.meta.key, 0.0) is None
    assert level.get(small.meta.key, 0.0) is not None


def test_dropping_only_a_certain_entry_leaves_another() -> None:
    level = FirstLevel(MIB)
    entry = an_entry()
    level.put(entry, 0.0)
    assert not level.drop(entry.meta.key, only=EntryId("another"))
    assert level.drop(entry.meta.key, only=entry.meta.id)
    assert not level.drop(entry.meta.key)
    assert level.bytes == 0
