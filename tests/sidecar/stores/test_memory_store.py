"""The in-process store stays within its bytes, and lets the right ones go."""

from __future__ import annotations

import gc
import secrets
import tracemalloc

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from llmcache_sidecar.adapters.first_level import FirstLevel
from llmcache_sidecar.adapters.memory_store import MemoryStore
from llmcache_sidecar.domain.entry import Entry
from llmcache_sidecar.domain.ids import EntryId, ExactKey, Fingerprint, TenantId
from llmcache_sidecar.domain.purge import LogPosition
from tests.sidecar.stores.making import HandClock, an_entry


def an_unshared_entry(number: int, body_bytes: int) -> Entry:
    """One whose every field is an object of its own: the worst case."""
    return an_entry(
        secrets.token_bytes(body_bytes),
        tenant=TenantId(secrets.token_hex(16)),
        model=f"model-{number}",
        fingerprint=Fingerprint(secrets.token_hex(16)),
        position=LogPosition(10**12 + number, 1000 + number),
        tags=(f"a{number}", f"b{number}"),
        body_bytes=10**6 + number,
        policy_version=f"policy-{number}",
        headers=((f"name-{number}", f"value-{number}"),),
    )


@pytest.mark.parametrize("body_bytes", [1, 2000])
@pytest.mark.parametrize("kind", ["store", "first level"])
def test_the_accounted_bytes_are_what_python_really_takes(kind: str, body_bytes: int) -> None:
    number = 3000
    gc.collect()
    tracemalloc.start()
    try:
        holder: MemoryStore | FirstLevel
        if kind == "store":
            holder = MemoryStore(1 << 40)
            for n in range(number):
                holder.put_now(an_unshared_entry(n, body_bytes))
        else:
            holder = FirstLevel(1 << 40)
            for n in range(number):
                slot = holder.put(an_unshared_entry(n, body_bytes), 0.0)
                value = secrets.token_bytes(500)
                holder.add_rendition(slot, "whole", value, len(value))
        gc.collect()
        real = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert len(holder) == number
    assert real <= holder.bytes <= real * 1.4


def test_the_least_recently_used_leaves_first() -> None:
    size = MemoryStore(1 << 30)
    entries = [an_entry(b"x" * 1000) for _ in range(4)]
    size.put_now(entries[0])
    store = MemoryStore(3 * size.bytes)
    for entry in entries[:3]:
        assert store.put_now(entry)
    assert store.get_now(entries[0].meta.key) is entries[0]
    assert store.put_now(entries[3])
    assert store.get_now(entries[1].meta.key) is None
    assert store.find_now(entries[1].meta.id) is None
    assert all(store.get_now(entries[n].meta.key) for n in (0, 2, 3))


def test_a_reading_of_metadata_is_no_use() -> None:
    size = MemoryStore(1 << 30)
    first, second, third = (an_entry(b"x" * 1000) for _ in range(3))
    size.put_now(first)
    store = MemoryStore(2 * size.bytes)
    store.put_now(first)
    store.put_now(second)
    assert store.find_now(first.meta.id) == first.meta
    store.put_now(third)
    assert store.get_now(first.meta.key) is None


def test_what_is_larger_than_the_bound_is_refused_and_pushes_nobody_out() -> None:
    store = MemoryStore(4000)
    small = an_entry(b"x")
    assert store.put_now(small)
    assert not store.put_now(an_entry(b"x" * 4000))
    assert store.get_now(small.meta.key) is small


def test_an_entry_is_gone_when_it_expires() -> None:
    clock = HandClock()
    store = MemoryStore(1 << 20, clock)
    entry = an_entry(expires_at=clock.time() + 10)
    store.put_now(entry)
    clock.pass_by(9.9)
    assert store.get_now(entry.meta.key) is entry
    clock.pass_by(0.1)
    assert store.find_now(entry.meta.id) is None
    assert not store.delete_now(entry.meta.key)
    assert store.get_now(entry.meta.key) is None
    assert store.bytes == 0


def test_expired_entries_that_nobody_asks_for_leave_as_others_come() -> None:
    clock = HandClock()
    store = MemoryStore(1 << 30, clock)
    for _ in range(100):
        store.put_now(an_entry(expires_at=clock.time() + 10))
    clock.pass_by(11)
    for _ in range(25):
        store.put_now(an_entry(expires_at=clock.time() + 10))
    assert len(store) == 25


def test_rewriting_one_key_for_ever_does_not_grow_the_bookkeeping() -> None:
    store = MemoryStore(1 << 30)
    key = ExactKey(b"k" * 32)
    for _ in range(2000):
        store.put_now(an_entry(key=key))
    assert len(store) == 1
    assert len(store._expiries) < 600
    assert len(store._keys) == 1


class Bookkeeping(RuleBasedStateMachine):
    """Whatever happens, the bytes add up, the bound holds, and the indexes agree."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = HandClock()
        self.store = MemoryStore(12_000, self.clock)
        self.newest: dict[bytes, Entry] = {}

    @rule(key=st.sampled_from("abcdef"), size=st.integers(0, 9000), life=st.integers(-1, 30))
    def put(self, key: str, size: int, life: int) -> None:
        entry = an_entry(
            b"x" * size, key=ExactKey(key.encode()), expires_at=self.clock.time() + life
        )
        if self.store.put_now(entry):
            self.newest[entry.meta.key] = entry
        elif life > 0:
            assert size > 8000

    @rule(key=st.sampled_from("abcdef"))
    def get(self, key: str) -> None:
        found = self.store.get_now(ExactKey(key.encode()))
        if found is not None:
            assert found is self.newest[found.meta.key]
            assert found.meta.expires_at > self.clock.time()

    @rule(key=st.sampled_from("abcdef"), right=st.booleans())
    def delete(self, key: str, right: bool) -> None:
        there = self.newest.get(key.encode())
        only = there.meta.id if there and right else EntryId("another")
        if self.store.delete_now(ExactKey(key.encode()), only):
            assert right

    @rule(seconds=st.integers(1, 20))
    def wait(self, seconds: int) -> None:
        self.clock.pass_by(seconds)

    @invariant()
    def adds_up(self) -> None:
        held = self.store._held
        assert self.store.bytes == sum(h.nbytes for h in held.values()) <= 12_000
        assert {h.entry.meta.id: k for k, h in held.items()} == self.store._keys


Bookkeeping.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestBookkeeping = Bookkeeping.TestCase
