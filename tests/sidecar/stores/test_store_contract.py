"""What every store promises, whatever it is made of."""

from __future__ import annotations

import asyncio
import secrets
import time

import pytest

from llmcache_sidecar.domain.api import Api
from llmcache_sidecar.domain.entry import Entry, Form
from llmcache_sidecar.domain.ids import EntryId
from llmcache_sidecar.ports.exact_store import ExactStore
from tests.sidecar.stores.making import a_key, an_entry


@pytest.mark.parametrize(
    "entry",
    [
        an_entry(),
        an_entry(b""),
        an_entry(b"data: {}\n\n" * 500, form=Form.STREAM, api=Api.MESSAGES),
        an_entry(secrets.token_bytes(300_000), api=Api.EMBEDDINGS, tags=(), headers=()),
        an_entry(model="m" * 3000, tags=tuple(f"tag-{n}-ü" for n in range(100))),
    ],
    ids=["whole", "empty", "stream", "large", "long-metadata"],
)
async def test_an_entry_comes_back_as_it_was_put(store: ExactStore, entry: Entry) -> None:
    assert await store.get(entry.meta.key) is None
    assert await store.put(entry)
    assert await store.get(entry.meta.key) == entry
    assert await store.find(entry.meta.id) == entry.meta


async def test_the_newer_entry_replaces_the_older(store: ExactStore) -> None:
    old = an_entry(b"old")
    new = an_entry(b"new", key=old.meta.key)
    await store.put(old)
    await store.put(new)
    assert await store.get(old.meta.key) == new
    assert await store.find(old.meta.id) is None
    assert await store.find(new.meta.id) == new.meta
    assert [meta async for meta in store.scan()] == [new.meta]


async def test_an_entry_is_gone_when_it_expires(store: ExactStore) -> None:
    await store.check()
    entry = an_entry(expires_at=time.time() + 1.5)
    await store.put(entry)
    assert await store.get(entry.meta.key) == entry
    await asyncio.sleep(entry.meta.expires_at - time.time() + 0.05)
    assert await store.get(entry.meta.key) is None
    assert await store.find(entry.meta.id) is None
    assert [meta async for meta in store.scan()] == []


async def test_an_entry_that_has_expired_already_is_left_out(store: ExactStore) -> None:
    entry = an_entry(expires_at=time.time() - 1)
    assert not await store.put(entry)
    assert await store.get(entry.meta.key) is None


async def test_what_is_too_large_is_left_out_and_the_rest_is_stored(store: ExactStore) -> None:
    small = an_entry(b"small")
    huge = an_entry(b"x" * (17 << 20))
    assert await store.put_many([small, huge]) == 1
    assert not await store.put(huge)
    assert await store.get(huge.meta.key) is None
    assert await store.get(small.meta.key) == small


async def test_many_are_stored_at_once(store: ExactStore) -> None:
    entries = [an_entry(b"%d" % n) for n in range(200)]
    assert await store.put_many(entries) == 200
    assert await store.put_many([]) == 0
    found = await asyncio.gather(*(store.get(entry.meta.key) for entry in entries))
    assert found == entries


async def test_many_ask_for_different_and_for_the_same_at_once(store: ExactStore) -> None:
    one, other = an_entry(b"one"), an_entry(b"other")
    await store.put_many([one, other])
    keys = [one.meta.key, other.meta.key, a_key()] * 50
    found = await asyncio.gather(*(store.get(key) for key in keys))
    assert found == [one, other, None] * 50


async def test_one_who_stops_waiting_does_not_disturb_the_others(store: ExactStore) -> None:
    entries = [an_entry(b"%d" % n) for n in range(10)]
    await store.put_many(entries)
    tasks = [asyncio.create_task(store.get(entry.meta.key)) for entry in entries]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    for entry, result in zip(entries[1::2], found[1::2], strict=True):
        assert result == entry
    assert await store.get(entries[0].meta.key) == entries[0]


async def test_deleting_removes_entry_and_id(store: ExactStore) -> None:
    entry, other = an_entry(), an_entry()
    await store.put_many([entry, other])
    assert await store.delete(entry.meta.key)
    assert not await store.delete(entry.meta.key)
    assert await store.get(entry.meta.key) is None
    assert await store.find(entry.meta.id) is None
    assert await store.get(other.meta.key) == other


@pytest.mark.parametrize("wrong", ["another", "", "x" * 300])
async def test_deleting_only_a_certain_entry_leaves_another(store: ExactStore, wrong: str) -> None:
    entry = an_entry()
    await store.put(entry)
    assert not await store.delete(entry.meta.key, only=EntryId(wrong))
    assert not await store.delete(entry.meta.key, only=EntryId(entry.meta.id[:-1]))
    assert not await store.delete(entry.meta.key, only=EntryId(entry.meta.id + "0"))
    assert await store.get(entry.meta.key) == entry
    assert await store.delete(entry.meta.key, only=entry.meta.id)
    assert await store.get(entry.meta.key) is None


async def test_deleting_what_was_replaced_leaves_the_newer_entry(store: ExactStore) -> None:
    old = an_entry(b"old")
    new = an_entry(b"new", key=old.meta.key)
    await store.put(old)
    await store.put(new)
    assert not await store.delete(old.meta.key, only=old.meta.id)
    assert await store.get(new.meta.key) == new


async def test_an_unknown_id_is_nothing(store: ExactStore) -> None:
    for entry_id in ("0" * 32, "", "ü*?[x]", "\ud800"):
        assert await store.find(EntryId(entry_id)) is None


async def test_a_scan_shows_every_entry_without_bodies(store: ExactStore) -> None:
    entries = [an_entry(b"%d" % n, model="m" * (5 * n)) for n in range(500)]
    await store.put_many(entries)
    seen = {meta.id: meta async for meta in store.scan()}
    assert seen == {entry.meta.id: entry.meta for entry in entries}


async def test_a_scan_of_nothing_shows_nothing(store: ExactStore) -> None:
    assert [meta async for meta in store.scan()] == []


async def test_deleting_while_scanning_is_allowed(store: ExactStore) -> None:
    entries = [an_entry() for _ in range(300)]
    await store.put_many(entries)
    removed = 0
    async for meta in store.scan():
        removed += await store.delete(meta.key, only=meta.id)
    assert removed == 300
    assert [meta async for meta in store.scan()] == []


async def test_a_healthy_store_says_so(store: ExactStore) -> None:
    await store.check()


async def test_closing_twice_is_allowed(store: ExactStore) -> None:
    await store.put(an_entry())
    await store.aclose()
    await store.aclose()
