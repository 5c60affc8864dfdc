"""Entries are listed, shown and forgotten; what a purge means for inferences under way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from llmcache_sidecar.adapters.memory_purge_log import MemoryPurgeLog
from llmcache_sidecar.adapters.memory_store import MemoryStore
from llmcache_sidecar.app.sidecar import Sidecar
from llmcache_sidecar.domain.entry import EntryMeta
from llmcache_sidecar.domain.purge import LogPosition, LogSlice, Purge, PurgeRecord, PurgeScope
from llmcache_sidecar.pipeline.stored.purges import Purges
from llmcache_sidecar.ports.clock import SystemClock
from llmcache_sidecar.ports.exact_store import StoreError

from .conftest import Running, Start, chat_body, until


class Log(MemoryPurgeLog):
    """A log that can fail, and that counts."""

    def __init__(self) -> None:
        super().__init__()
        self.fails = False
        self.hangs = False
        self.appended = 0

    async def append(self, purge: Purge) -> PurgeRecord:
        if self.hangs:
            await asyncio.sleep(60)
        if self.fails:
            raise StoreError("Redis at redis://cache: connection refused")
        self.appended += 1
        return await super().append(purge)


@pytest.fixture
async def log() -> Log:
    return Log()


@pytest.fixture
async def sidecar(start: Start, log: Log) -> Running:
    def change(sidecar: Sidecar) -> None:
        sidecar.purges._log = log

    return await start(change=change)


async def delete(sidecar: Running, path: str) -> dict[str, Any]:
    status, body, _ = await sidecar.call("DELETE", f"/admin/v1/entries{path}")
    assert status == 200, body
    report: dict[str, Any] = body
    return report


async def test_an_entry_is_listed_and_shown_without_its_prompt(sidecar: Running) -> None:
    await sidecar.chat("secret prompt", {"LLMCache-Tags": "docs-v3, faq"})
    (entry,) = await sidecar.entries()
    _, response = await sidecar.chat("secret prompt")
    assert entry["id"] == response.headers["LLMCache-Entry"]
    assert entry == await sidecar.get(f"/admin/v1/entries/{entry['id']}")
    assert entry["tags"] == ["docs-v3", "faq"]
    assert (entry["api"], entry["model"], entry["form"]) == ("chat", "llama", "whole")
    assert (entry["promptTokens"], entry["completionTokens"]) == (10, 5)
    assert "secret" not in str(entry)
    assert "answer" not in str(entry)


async def test_lists_take_the_same_names_as_purges(sidecar: Running) -> None:
    await sidecar.chat("a", {"LLMCache-Tags": "red", "Authorization": "Bearer one"})
    await sidecar.chat("b", {"LLMCache-Tags": "red", "Authorization": "Bearer two"})
    await sidecar.chat("c", {"LLMCache-Tags": "blue"})
    assert len(await sidecar.entries()) == 3
    assert len(await sidecar.entries("?tag=red")) == 2
    assert len(await sidecar.entries("?model=llama")) == 3
    assert await sidecar.entries("?model=other") == []
    tenants = {entry["tenant"] for entry in await sidecar.entries()}
    assert len(tenants) == 3
    for tenant in tenants:
        assert len(await sidecar.entries(f"?tenant={tenant}")) == 1
    page = await sidecar.get("/admin/v1/entries?limit=2")
    assert (len(page["entries"]), page["complete"]) == (2, False)
    assert (await sidecar.get("/admin/v1/entries"))["complete"] is True


@pytest.mark.parametrize("by", ["id", "tag", "tenant", "model", "all"])
async def test_a_purge_forgets_what_it_names_and_a_dry_run_nothing(
    sidecar: Running, log: Log, by: str
) -> None:
    await sidecar.chat("a", {"LLMCache-Tags": "red"})
    (entry,) = await sidecar.entries()
    path = {
        "id": f"/{entry['id']}",
        "tag": "?tag=red",
        "tenant": f"?tenant={entry['tenant']}",
        "model": "?model=llama",
        "all": "?all=true",
    }[by]
    dry = await delete(sidecar, f"{path}{'&' if '?' in path else '?'}dryRun=true")
    assert dry == {
        "scope": "entry" if by == "id" else by,
        "value": {"id": entry["id"], "all": "", "tag": "red", "model": "llama"}.get(
            by, entry["tenant"]
        ),
        "dryRun": True,
        "matched": 1,
        "examined": 1,
        "complete": True,
        "removed": 0,
        "position": None,
    }
    assert log.appended == 0
    assert len(await sidecar.entries()) == 1
    assert (await sidecar.chat("a"))[1].headers["Cache-Status"].startswith("llmcache; hit")
    assert "purges" not in (await sidecar.stats())["events"]

    real = await delete(sidecar, path)
    assert (real["dryRun"], real["matched"], real["removed"]) == (False, 1, 1)
    assert log.appended == 1
    assert await sidecar.entries() == []
    status, body, _ = await sidecar.call("GET", f"/admin/v1/entries/{entry['id']}")
    assert (status, body["error"]["code"]) == (404, 404)
    stats = await sidecar.stats()
    assert stats["stores"]["memoryEntries"] == stats["stores"]["firstLevelEntries"] == 0
    assert stats["events"]["purges"] == 1
    assert (await sidecar.chat("a"))[0] == "answer 2"


async def test_a_purge_leaves_others_alone(sidecar: Running) -> None:
    await sidecar.chat("a", {"LLMCache-Tags": "red"})
    await sidecar.chat("b", {"LLMCache-Tags": "blue"})
    report = await delete(sidecar, "?tag=red")
    assert (report["matched"], report["examined"]) == (1, 2)
    assert (
        (await sidecar.chat("b", {"LLMCache-Tags": "blue"}))[1]
        .headers["Cache-Status"]
        .startswith("llmcache; hit")
    )


async def test_a_dry_run_does_not_count_what_is_dead_already(sidecar: Running) -> None:
    await sidecar.chat("a", {"LLMCache-Tags": "red"})
    # Written by another replica: this one knows of it, and has not swept.
    await sidecar.sidecar.purges._log.append(Purge(PurgeScope.TAG, "red"))
    await sidecar.sidecar.purges.read_once()
    assert (await delete(sidecar, "?all=true&dryRun=true"))["matched"] == 0
    assert await sidecar.entries() == []
    assert (await delete(sidecar, "?all=true"))["removed"] == 1


async def test_an_inference_that_began_before_a_purge_is_not_stored(sidecar: Running) -> None:
    sidecar.engine.hold = True
    early = asyncio.create_task(sidecar.chat("a", {"LLMCache-Tags": "red"}))
    await until(lambda: len(sidecar.engine.asked) == 1)
    await delete(sidecar, "?tag=red")
    sidecar.engine.release.set()
    text, response = await early
    assert text == "answer 1", "its own client gets it"
    assert response.headers["Cache-Status"] == "llmcache; fwd=miss"
    assert await sidecar.entries() == []
    assert (await sidecar.stats())["notStored"] == {"purged": 1}

    assert (await sidecar.chat("a", {"LLMCache-Tags": "red"}))[0] == "answer 2"
    assert (await sidecar.chat("a", {"LLMCache-Tags": "red"}))[0] == "answer 2", "began after it"
    assert (await delete(sidecar, "?tag=red"))["matched"] == 1


async def test_purges_that_come_between_do_not_concern_others(sidecar: Running) -> None:
    sidecar.engine.hold = True
    early = asyncio.create_task(sidecar.chat("a", {"LLMCache-Tags": "blue"}))
    await until(lambda: len(sidecar.engine.asked) == 1)
    await delete(sidecar, "?tag=red")
    sidecar.engine.release.set()
    assert (await early)[1].headers["Cache-Status"] == "llmcache; fwd=miss; stored"


@pytest.mark.parametrize("path", ["?all=true", "/0123456789abcdef"])
async def test_a_purge_that_cannot_be_written_promises_nothing(
    sidecar: Running, log: Log, path: str
) -> None:
    await sidecar.chat("a")
    log.fails = True
    status, body, _ = await sidecar.call("DELETE", f"/admin/v1/entries{path}")
    assert status == 503
    assert "connection refused" in body["error"]["message"]
    assert len(await sidecar.entries()) == 1
    assert "purges" not in (await sidecar.stats())["events"]
    status, _, _ = await sidecar.call("POST", "/admin/v1/feedback", json={"entry": "abc"})
    assert status == 503
    log.fails = False
    assert (await delete(sidecar, "?all=true"))["removed"] == 1


async def test_a_log_that_hangs_is_a_503(
    sidecar: Running, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llmcache_sidecar.pipeline.stored.purges._LOG_S", 0.05)
    log.hangs = True
    status, body, _ = await sidecar.call("DELETE", "/admin/v1/entries?all=true")
    assert status == 503
    assert "did not answer" in body["error"]["message"]


async def test_feedback_forgets_the_entry_and_is_counted_once(sidecar: Running) -> None:
    await sidecar.chat("a")
    (entry,) = await sidecar.entries()
    given = {"entry": entry["id"], "verdict": "wrong"}
    status, body, _ = await sidecar.call("POST", "/admin/v1/feedback", json=given)
    assert (status, body["matched"], body["removed"]) == (200, 1, 1)
    assert await sidecar.entries() == []
    status, body, _ = await sidecar.call("POST", "/admin/v1/feedback", json=given)
    assert (status, body["matched"]) == (200, 0)
    assert (await sidecar.stats())["events"]["feedback_wrong"] == 1
    assert (await sidecar.chat("a"))[0] == "answer 2"


class Meddled(MemoryStore):
    """A store whose scan fails half-way."""

    def __init__(self) -> None:
        super().__init__(1024**2)
        self.closed = 0

    async def scan(self) -> AsyncIterator[EntryMeta]:
        try:
            async for meta in super().scan():
                yield meta
                raise StoreError("gone")
        finally:
            self.closed += 1


async def test_a_purge_holds_even_when_the_sweep_breaks_off(sidecar: Running) -> None:
    await sidecar.chat("a")
    await sidecar.chat("b")
    store = Meddled()
    for held in list(sidecar.sidecar.stores.reader._held.values()):  # type: ignore[attr-defined]
        await store.put(held.entry)
    sidecar.sidecar.purges._store = store
    report = await delete(sidecar, "?all=true")
    assert (report["complete"], report["removed"]) == (False, 1)
    assert report["position"] is not None
    assert store.closed == 1
    assert (await sidecar.chat("a"))[0] == "answer 3"
    assert (await sidecar.chat("b"))[0] == "answer 4"


async def test_a_sweep_is_bounded(start: Start) -> None:
    def change(sidecar: Sidecar) -> None:
        sidecar.purges._sweep_limit = 2

    sidecar = await start(change=change)
    for question in "abc":
        await sidecar.chat(question)
    report = await delete(sidecar, "?all=true")
    assert (report["examined"], report["removed"], report["complete"]) == (2, 2, False)
    assert await sidecar.entries() == [], "what was not looked at is not served any more either"


class SlowLog(MemoryPurgeLog):
    """Its first reading is overtaken by later ones."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()
        self.slow = True

    async def read(self, after: LogPosition) -> LogSlice:
        piece = await super().read(after)
        if self.slow:
            self.slow = False
            await self.go.wait()
        return piece


async def test_readings_of_the_log_never_overtake_each_other() -> None:
    """A slice from before the newest one would look like a log that lost its end."""
    clock, log = SystemClock(), SlowLog()

    class Hot:
        cleared = 0

        def clear(self) -> None:
            self.cleared += 1

    hot = Hot()
    purges = Purges(
        log,
        MemoryStore(1024),
        hot,  # type: ignore[arg-type]
        clock,
        shared=True,
        longest_life=lambda: 3600.0,
        patience=lambda: 0.05,
    )
    following = asyncio.create_task(purges.read_once())
    await asyncio.sleep(0)
    purging = asyncio.create_task(purges.purge(Purge(PurgeScope.TAG, "red")))
    await asyncio.sleep(0.02)
    log.go.set()
    await asyncio.gather(following, purging)
    assert hot.cleared == 0
    assert purges.position == (await log.read(LogPosition())).head


@pytest.mark.parametrize(
    ("method", "path", "says"),
    [
        ("DELETE", "", "name exactly one of tag=, tenant=, model= or all=true"),
        ("DELETE", "?dryRun=true", "name exactly one of"),
        ("DELETE", "?all=false", "name exactly one of"),
        ("DELETE", "?tag=a&all=true", "name exactly one of"),
        ("DELETE", "?tag=a&tag=b", "`tag` is given more than once"),
        ("DELETE", "?tag=", "takes a tag as LLMCache-Tags has it"),
        ("DELETE", "?tag=not%20a%20tag", "got 'not a tag'; takes a tag"),
        ("DELETE", "?tenant=../../x", "takes a tenant id"),
        ("DELETE", "?model=%00", "takes a model's name"),
        ("DELETE", "?all=true&dryRun=perhaps", "`dryRun`: got 'perhaps'; takes true or false"),
        ("DELETE", "?all=true&dryrun=true", "there is no `dryrun` here; takes tag, tenant, model"),
        ("DELETE", "?all=yes", "`all`: got 'yes'; takes true or false"),
        ("GET", "?limit=0", "`limit`: got '0'; takes a number from 1 to 10000"),
        ("GET", "?limit=-1", "`limit`: got '-1'"),
        ("GET", "?limit=99999999999999999999", "takes a number from 1"),
        ("GET", "?limit=%D9%A3", "takes a number from 1"),
        ("GET", "?dryRun=true", "there is no `dryRun` here"),
        ("GET", "/not%20an%20id", "takes an entry's id"),
        ("DELETE", f"/{'a' * 65}", "takes an entry's id"),
    ],
)
async def test_what_cannot_be_meant_is_refused_with_what_is_taken(
    sidecar: Running, log: Log, method: str, path: str, says: str
) -> None:
    status, body, _ = await sidecar.call(method, f"/admin/v1/entries{path}")
    assert status == 400, body
    assert says in body["error"]["message"]
    assert log.appended == 0


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("", "the body takes a JSON object"),
        ("[]", "the body takes a JSON object"),
        ("{}", "`entry` is required; takes entry, verdict"),
        ('{"entry": 7}', "`entry` takes a valid string"),
        ('{"entry": ""}', "`entry` takes"),
        ('{"entry": "a", "verdict": "fine"}', "`verdict` takes 'wrong'"),
        ('{"entry": "a", "score": 1}', "there is no field `score`; takes entry, verdict"),
        ('{"entry": "a", "entry": "b"}', "twice"),
    ],
)
async def test_feedback_says_what_it_takes(sidecar: Running, given: str, says: str) -> None:
    status, body, _ = await sidecar.call("POST", "/admin/v1/feedback", data=given)
    assert status == 400, body
    assert says in body["error"]["message"]


async def test_a_purge_by_tenant_takes_what_the_tenant_route_gives(sidecar: Running) -> None:
    headers = {"Authorization": "Bearer one"}
    await sidecar.chat("a", headers)
    await sidecar.chat("a", {"Authorization": "Bearer two"})
    request = {"headers": headers, "body": chat_body("anything")}
    _, body, _ = await sidecar.call("POST", "/admin/v1/tenant", json=request)
    assert (await delete(sidecar, f"?tenant={body['tenant']}"))["matched"] == 1
    assert (await sidecar.chat("a", {"Authorization": "Bearer two"}))[0] == "answer 2"
