"""Who is asked, when it is news, and what becomes of sidecars that fall silent."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable, Sequence

from llmcache_operator.app.polling import Polling
from llmcache_operator.cluster.store import CacheKey
from llmcache_operator.domain import Manifest, ObjectKey, Observed, SidecarReport
from llmcache_operator.domain.report import StoreState
from llmcache_operator.sidecars import Answers, Target
from tests.operator.rendering.caches import SHORTEST, cache
from tests.operator.status.seen import pod, running, serving, waiting

KEY = CacheKey("ai", "support")
CACHE = cache(SHORTEST)
VERSIONS = {"llama": "v1"}


class Script:
    """Answers as it is told; keeps who was asked with which token."""

    def __init__(self) -> None:
        self.silent: set[str] = set()
        self.versions = "v1"
        self.store = StoreState.ANSWERS
        self.accepts = "first"
        self.asked: list[tuple[tuple[str, ...], str]] = []
        self.tokens = ["first", "second"]
        self.secrets: list[ObjectKey] = []
        self.news: list[CacheKey] = []

    async def read(self, targets: Sequence[Target], token: str) -> Answers:
        self.asked.append((tuple(one.pod for one in targets), token))
        if token != self.accepts:
            return Answers((), refused=True)
        return Answers(
            tuple(
                SidecarReport(
                    one.pod, one.pod_uid, one.model, self.versions, exact_store=self.store
                )
                for one in targets
                if one.pod not in self.silent
            )
        )

    async def get(self, key: ObjectKey) -> Manifest:
        self.secrets.append(key)
        return {"data": {"token": base64.b64encode(self.tokens.pop(0).encode()).decode()}}


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not holds():
            await asyncio.sleep(0.01)


def seen(*names: str) -> Observed:
    return Observed(pods=tuple(serving(name) for name in names))


async def test_silence_is_borne_once_and_news_are_told() -> None:
    script = Script()
    polling = Polling(script.get, script, script.news.append, time.monotonic, 0.05)
    polling.aim(CACHE, seen("a", "b"), VERSIONS)
    task = asyncio.create_task(polling.run())
    try:
        await until(lambda: len(polling.heard(CACHE)) == 2)
        assert script.news == [KEY]
        await until(lambda: len(script.asked) >= 3)
        assert script.news == [KEY], "the same again is no news"

        script.silent = {"b"}
        await until(lambda: len(polling.heard(CACHE)) == 1)
        assert script.news == [KEY] * 2

        script.versions = "v2"
        await until(lambda: [one.config_version for one in polling.heard(CACHE)] == ["v2"])
        assert len(script.secrets) == 1, "the token is read once"
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_sidecar_that_waits_for_its_store_is_asked_again_soon() -> None:
    script, now = Script(), 0.0
    script.store = StoreState.SILENT
    polling = Polling(script.get, script, script.news.append, lambda: now, 1_000.0)
    polling.aim(CACHE, seen("a"), VERSIONS)
    task = asyncio.create_task(polling.run())
    try:
        now = 3.0
        await until(lambda: len(script.asked) == 1 and polling.heard(CACHE))
        script.store = StoreState.DOWN
        now = 6.0
        await until(lambda: [one.exact_store for one in polling.heard(CACHE)] == [script.store])
        assert script.news == [KEY] * 2
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_token_that_is_refused_is_read_again() -> None:
    script = Script()
    script.accepts = "second"
    polling = Polling(script.get, script, script.news.append, time.monotonic, 0.05)
    polling.aim(CACHE, seen("a"), VERSIONS)
    task = asyncio.create_task(polling.run())
    try:
        await until(lambda: polling.heard(CACHE))
        assert [token for _, token in script.asked[:2]] == ["first", "second"]
        assert script.secrets == [ObjectKey("v1", "Secret", "ai", "support-admin")] * 2
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_who_has_ended_is_forgotten_at_once() -> None:
    script = Script()
    polling = Polling(script.get, script, script.news.append, time.monotonic, 0.05)
    polling.aim(CACHE, seen("a", "b"), VERSIONS)
    task = asyncio.create_task(polling.run())
    try:
        await until(lambda: len(polling.heard(CACHE)) == 2)
        polling.aim(CACHE, seen("a"), VERSIONS)
        assert [one.pod for one in polling.heard(CACHE)] == ["a"]
        assert polling.heard(cache(SHORTEST, uid="another of the name")) == ()
        polling.forget(KEY)
        assert polling.heard(CACHE) == ()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_only_sidecars_that_run_are_asked() -> None:
    script = Script()
    polling = Polling(script.get, script, script.news.append, time.monotonic, 0.05)
    starting = pod({"sidecar": waiting("PodInitializing")}, name="starting")
    loading = pod({"sidecar": running()}, name="loading")
    stranger = serving("stranger", model="gone")
    polling.aim(CACHE, Observed(pods=(starting, loading, stranger)), VERSIONS)
    task = asyncio.create_task(polling.run())
    try:
        await until(lambda: script.asked)
        assert script.asked[0][0] == ("loading",)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
