"""What samples showed is shared by replicas, kept over restarts, and counted on without a store."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from llmcache_sidecar.adapters.first_level import FirstLevel
from llmcache_sidecar.adapters.redis_evidence import RedisEvidence
from llmcache_sidecar.adapters.redis_link import RedisLink
from llmcache_sidecar.adapters.redis_settings import RedisSettings
from llmcache_sidecar.domain.ids import ExactKey
from llmcache_sidecar.domain.quality import CacheLevel, RateKind
from llmcache_sidecar.pipeline.quality.standings import Nearness, Standings
from llmcache_sidecar.pipeline.stored.look_up import Found
from llmcache_sidecar.ports.evidence_store import EvidenceStore
from llmcache_sidecar.ports.exact_store import StoreError
from llmcache_sidecar.quality.budget import Budget, Serving
from llmcache_sidecar.quality.verdicts import Verdict
from llmcache_sidecar.telemetry.account import Account
from tests.sidecar.stores.making import HandClock, a_key, an_entry
from tests.sidecar.stores.servers import valkey


@dataclass(frozen=True)
class Both:
    false_hits: Budget = Budget(0.01, 10)
    staleness: Budget = Budget(0.05, 10)


def a_replica(store: EvidenceStore | None, book: str = "book") -> Standings:
    return Standings(Both(), book, store, HandClock(), Account())


def enter(standings: Standings, verdict: Verdict, number: int) -> None:
    for _ in range(number):
        standings.enter("a/model", CacheLevel.SEMANTIC, verdict, Nearness(), free=False)


def samples(standings: Standings) -> int:
    return next(one.rate.samples for one in standings.measured() if one.kind is RateKind.FALSE_HIT)


def found(key: ExactKey, similarity: float) -> Found:
    slot = FirstLevel(1_000_000).put(an_entry(key=key), 0.0)
    return Found(slot, 0.0, 1.0, similarity=similarity, score=0.9)


@pytest.mark.stores
async def test_evidence_adds_up_over_replicas_and_outlives_them() -> None:
    with valkey() as server:
        link = RedisLink(RedisSettings(url=f"redis://127.0.0.1:{server.port}/0"))
        store = RedisEvidence(link)
        one, other = a_replica(store), a_replica(store)
        enter(one, Verdict.ANOTHER_QUESTION, 6)
        enter(other, Verdict.ANOTHER_QUESTION, 6)
        assert one.serving("a/model") is other.serving("a/model") is Serving.SERVING
        for standings in (one, other, one):
            await standings.exchange()
        assert one.serving("a/model") is other.serving("a/model") is Serving.TIGHTENED
        later = a_replica(store)
        await later.exchange()
        assert later.serving("a/model") is Serving.TIGHTENED
        enter(later, Verdict.RIGHT, 3)
        await later.exchange()
        await one.exchange()
        assert samples(one) == samples(later) == 3, "of the present term"
        key = a_key()
        one.learned.enter_entry(key, 0.9, right=False)
        await one.exchange()
        await later.exchange()
        match = found(key, 0.88)
        assert not one.learned.allows(match, 0.01)
        assert not later.learned.allows(match, 0.01)
        assert later.learned.allows(found(key, 0.97), 0.01)
        assert later.learned.allows(found(a_key(), 0.88), 0.01)
        elsewhere = a_replica(store, "another book")
        await elsewhere.exchange()
        assert elsewhere.serving("a/model") is Serving.SERVING
        assert not await store.replace("book", secrets.token_hex(4), "not this", "that")
        await link.aclose()


@pytest.mark.stores
async def test_a_store_that_is_late_counts_what_it_was_handed_once() -> None:
    with valkey() as server:
        url = f"redis://127.0.0.1:{server.port}/0"
        link = RedisLink(RedisSettings(url=url, socket_timeout_s=0.2))
        one, other = (a_replica(RedisEvidence(link)) for _ in range(2))
        for standings in (one, other):
            enter(standings, Verdict.RIGHT, 3)
            await standings.exchange()
        enter(one, Verdict.RIGHT, 4)
        server.pause()
        for _ in range(3):
            await one.exchange()
        server.resume()
        enter(one, Verdict.RIGHT, 5)
        assert samples(one) == 3 + 4 + 5, "what it knows of so far"
        await one.exchange()
        await one.exchange()
        await other.exchange()
        assert samples(one) == samples(other) == 3 + 3 + 4 + 5
        await link.aclose()


class Away:
    """A store that is away until it is back."""

    def __init__(self) -> None:
        self.away = True
        self.fields: dict[str, str] = {}

    async def read(self, book: str) -> dict[str, str]:
        self._check()
        return dict(self.fields)

    async def add(self, book: str, amounts: Mapping[str, int], sender: str, number: int) -> None:
        self._check()
        for name, amount in amounts.items():
            self.fields[name] = str(int(self.fields.get(name, "0")) + amount)

    async def replace(self, book: str, name: str, expected: str, value: str) -> bool:
        self._check()
        if self.fields.get(name, "") != expected:
            return False
        self.fields[name] = value
        return True

    def _check(self) -> None:
        if self.away:
            raise StoreError("away")


async def test_a_dead_store_stops_nobody_from_counting() -> None:
    store = Away()
    standings = a_replica(store)
    enter(standings, Verdict.ANOTHER_QUESTION, 9)
    await standings.exchange()
    assert standings.serving("a/model") is Serving.SERVING
    enter(standings, Verdict.ANOTHER_QUESTION, 1)
    assert standings.serving("a/model") is Serving.TIGHTENED
    await standings.exchange()
    store.away = False
    await standings.exchange()
    await standings.exchange()
    later = a_replica(store)
    await later.exchange()
    assert later.serving("a/model") is Serving.TIGHTENED
    assert samples(later) == samples(standings) == 0


async def test_a_store_that_lost_everything_is_told_the_level_again() -> None:
    store = Away()
    store.away = False
    standings = a_replica(store)
    enter(standings, Verdict.ANOTHER_QUESTION, 10)
    await standings.exchange()
    store.fields.clear()
    for _ in range(2):
        await standings.exchange()
    later = a_replica(store)
    await later.exchange()
    assert standings.serving("a/model") is later.serving("a/model") is Serving.TIGHTENED


async def test_what_is_in_the_store_may_be_anything() -> None:
    store = Away()
    store.away = False
    store.fields = {"x": "y", "a\x1fsemantic\x1fstale\x1fterm": "what", "": "7", "a\x1fb": "-1"}
    standings = a_replica(store)
    await standings.exchange()
    assert standings.serving("a") is Serving.SERVING
    assert list(standings.measured()) == []
