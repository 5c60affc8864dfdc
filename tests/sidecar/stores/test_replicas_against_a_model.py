"""Replicas over one store and one purge log, against a plain model, in every order of events.

What is real: first levels, look-ups, keepers, purges, the store and the log. What is scripted: time,
when an inference lands, when a queue is written, who can't reach the store or the log, who starts anew.
The model knows only what was computed, what was purged, and when each replica could have been told.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from llmcache_sidecar.adapters.first_level import FirstLevel
from llmcache_sidecar.adapters.guarded import GuardedStore
from llmcache_sidecar.adapters.memory_purge_log import MemoryPurgeLog
from llmcache_sidecar.apis.reading import read_facts
from llmcache_sidecar.domain.api import Api
from llmcache_sidecar.domain.entry import Entry, Form
from llmcache_sidecar.domain.ids import ExactKey, Fingerprint, TenantId
from llmcache_sidecar.domain.purge import LogPosition, LogSlice, Purge, PurgeRecord, PurgeScope
from llmcache_sidecar.pipeline.engine.flight import Head, Landed
from llmcache_sidecar.pipeline.engine.profile import EngineProfile
from llmcache_sidecar.pipeline.keeper import Keeper, Ticket
from llmcache_sidecar.pipeline.stored.look_up import LookUp
from llmcache_sidecar.pipeline.stored.purges import Purges
from llmcache_sidecar.ports.exact_store import StoreError
from llmcache_sidecar.telemetry.account import Account
from tests.sidecar.stores.faulty import FaultyStore, refused
from tests.sidecar.stores.making import HandClock

TTL = 100.0
QUESTIONS, TENANTS, TAGS = range(3), ("ann", "bob"), ("docs", "news")
QUESTION, TENANT = st.sampled_from(QUESTIONS), st.sampled_from(TENANTS)
REPLICA = st.sampled_from((0, 1))
FIRST_LEVEL_AGES = (0.0, 10.0)
"""Of the replicas, in seconds: one asks the store for each hit, one serves from itself."""
SEEN_S = 1.0


class UnreliableLog(MemoryPurgeLog):
    """A log that some replica may not reach."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__(clock)
        self.reachable = True

    async def append(self, purge: Purge) -> PurgeRecord:
        if not self.reachable:
            raise refused()
        return await super().append(purge)

    async def read(self, after: LogPosition) -> LogSlice:
        if not self.reachable:
            raise refused()
        return await super().read(after)


class LogSeenFrom:
    """One replica's way to the shared log."""

    def __init__(self, log: UnreliableLog) -> None:
        self._log = log
        self.blind = False

    async def append(self, purge: Purge) -> PurgeRecord:
        if self.blind:
            raise refused()
        return await self._log.append(purge)

    async def read(self, after: LogPosition) -> LogSlice:
        if self.blind:
            raise refused()
        return await self._log.read(after)

    async def aclose(self) -> None:
        pass


@dataclass
class Inference:
    """What the model knows of one: `began` and `ended` count events, not seconds."""

    number: int
    question: int
    tenant: str
    tag: str
    began: int
    ticket: Ticket
    replica: int


@dataclass(frozen=True)
class Told:
    """A purge that was promised: event, seconds, and by which replica."""

    event: int
    at: float
    replica: int
    purge: Purge


class Nothing:
    """A writer of points, and a judge of trials, that is not in play."""

    def take(self, *_: Any) -> None:
        pass

    def landed(self, *_: Any) -> None:
        pass


@dataclass
class Replica:
    """The real parts of one sidecar, and its queue."""

    log: LogSeenFrom
    purges: Purges
    look_up: LookUp
    keeper: Keeper
    queue: list[Entry] = field(default_factory=list)

    def offer(self, entry: Entry) -> bool:
        self.queue.append(entry)
        return True


class Cache(RuleBasedStateMachine):
    """The events, and what must hold after each."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.clock = HandClock()
        self.numbers = itertools.count(1)
        self.events = itertools.count(1)
        self.under_way: list[Inference] = []
        self.done: dict[int, Inference] = {}
        self.told: list[Told] = []

    @initialize()
    def begin(self) -> None:
        self.log = UnreliableLog(self.clock)
        self.store = FaultyStore(clock=self.clock)
        self.replicas = [self.a_replica(max_age_s) for max_age_s in FIRST_LEVEL_AGES]
        for replica in self.replicas:
            self.run(replica.purges.read_once())

    def a_replica(self, max_age_s: float) -> Replica:
        hot = FirstLevel(1 << 20, max_age_s)
        log = LogSeenFrom(self.log)
        guarded = GuardedStore(self.store, 60.0, clock=self.clock)
        purges = Purges(
            log,
            guarded,
            hot,
            self.clock,
            shared=True,
            longest_life=lambda: TTL,
            patience=lambda: 0.05,
        )
        nobody: Any = Nothing()
        profile = EngineProfile(
            nobody, self.clock, revision="one", default_temperature=0.0, own_key=None
        )
        made: Any = None

        class Writer:
            def offer(self, entry: Entry) -> bool:
                return bool(made.offer(entry))

        keeper = Keeper(
            hot, Writer(), purges, profile, Account(), self.clock,
            lambda: f"id-{next(self.numbers)}", nobody, nobody,
        )  # fmt: skip
        made = Replica(log, purges, LookUp(hot, guarded, purges, self.clock), keeper)
        return made  # type: ignore[no-any-return]

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    def key(self, question: int, tenant: str) -> ExactKey:
        return ExactKey(f"{tenant}-{question}".encode().ljust(32, b"."))

    # What happens.

    @rule(replica=REPLICA, question=QUESTION, tenant=TENANT, tag=st.sampled_from(TAGS))
    def an_inference_begins(self, replica: int, question: int, tenant: str, tag: str) -> None:
        body = {"model": "m", "messages": [{"role": "user", "content": str(question)}]}
        ticket = Ticket(
            facts=read_facts(Api.CHAT, body),
            key=self.key(question, tenant),
            tenant=TenantId(tenant),
            model="m",
            fingerprint=Fingerprint("one"),
            tags=(tag,),
            position=self.replicas[replica].purges.position,
            keep=TTL,
        )
        number = next(self.numbers)
        self.under_way.append(
            Inference(number, question, tenant, tag, next(self.events), ticket, replica)
        )

    @rule(which=st.integers(0, 5))
    def an_inference_lands(self, which: int) -> None:
        if not self.under_way:
            return
        found = self.under_way.pop(which % len(self.under_way))
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": f"answer {found.number}"},
            "finish_reason": "stop",
        }
        document = {
            "id": "x",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [choice],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1},
        }
        head = Head(200, "OK", [("Content-Type", "application/json")], Form.WHOLE)
        landed = Landed(head, [orjson.dumps(document)], 0.1)
        self.done[found.number] = found
        self.run(self.replicas[found.replica].keeper.keep(found.ticket, landed))

    @rule(replica=REPLICA)
    def a_queue_is_written(self, replica: int) -> None:
        queue = self.replicas[replica].queue
        batch, queue[:] = queue[:], []
        try:
            self.run(self.store.put_many(batch))
        except StoreError:
            return  # lost, and never tried again

    @rule(
        replica=REPLICA,
        purge=st.one_of(
            st.just(Purge(PurgeScope.ALL)),
            st.sampled_from(TAGS).map(lambda tag: Purge(PurgeScope.TAG, tag)),
            TENANT.map(lambda tenant: Purge(PurgeScope.TENANT, tenant)),
        ),
    )
    def a_purge_is_asked_for(self, replica: int, purge: Purge) -> None:
        try:
            self.run(self.replicas[replica].purges.purge(purge))
        except StoreError:
            return  # refused: nothing was promised
        self.told.append(Told(next(self.events), self.clock.monotonic(), replica, purge))

    @rule(replica=REPLICA)
    def a_replica_reads_the_log(self, replica: int) -> None:
        try:
            self.run(self.replicas[replica].purges.read_once())
        except StoreError:
            return

    @rule(seconds=st.sampled_from([0.1, 0.4, 0.9, 1.1, 20.0, 99.0, 101.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.pass_by(seconds)

    @rule(seconds=st.sampled_from([0.5, 30.0]))
    def the_clock_is_set_back(self, seconds: float) -> None:
        self.clock.set_back(seconds)

    @rule(replica=REPLICA, blind=st.booleans())
    def a_replica_loses_or_finds_the_log(self, replica: int, blind: bool) -> None:
        self.replicas[replica].log.blind = blind

    @rule(broken=st.booleans())
    def the_store_breaks_or_is_mended(self, broken: bool) -> None:
        self.store.trouble = refused() if broken else None

    @rule(replica=REPLICA)
    def a_replica_starts_anew(self, replica: int) -> None:
        """What it had under way and in its queue is lost."""
        self.under_way = [each for each in self.under_way if each.replica != replica]
        self.replicas[replica] = self.a_replica(FIRST_LEVEL_AGES[replica])
        self.a_replica_reads_the_log(replica)

    @rule()
    def the_store_loses_everything(self) -> None:
        trouble, self.store.trouble = self.store.trouble, None
        self.run(self._forget_all())
        self.store.trouble = trouble

    async def _forget_all(self) -> None:
        async for meta in self.store.scan():
            await self.store.delete(meta.key)

    # What must hold.

    @invariant()
    def nobody_is_served_what_is_not_theirs_or_not_alive(self) -> None:
        if not hasattr(self, "replicas"):
            return
        now = self.clock.monotonic()
        for number, replica in enumerate(self.replicas):
            for question in QUESTIONS:
                for tenant in TENANTS:
                    key = self.key(question, tenant)
                    found = self.run(replica.look_up.find(key, TTL, TTL))
                    if found is None:
                        continue
                    assert found.hot.entry is not None
                    text = orjson.loads(found.hot.entry.body)["choices"][0]["message"]["content"]
                    inference = self.done[int(text.removeprefix("answer "))]
                    assert (inference.question, inference.tenant) == (question, tenant)
                    assert 0 <= found.age_s <= TTL
                    for told in self.told:
                        if told.replica == number or told.at + SEEN_S < now:
                            dead = told.event > inference.began and _names(told.purge, inference)
                            assert not dead, f"{inference} was purged by {told}"

    def teardown(self) -> None:
        self.runner.close()


def _names(purge: Purge, inference: Inference) -> bool:
    match purge.scope:
        case PurgeScope.TAG:
            return purge.value == inference.tag
        case PurgeScope.TENANT:
            return purge.value == inference.tenant
        case _:
            return True


def test_no_order_of_events_undoes_a_purge_or_serves_what_is_not_alive() -> None:
    run_state_machine_as_test(
        Cache,
        settings=settings(
            max_examples=int(os.environ.get("LLMCACHE_FUZZ_EXAMPLES", "120")),
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_machine_serves_where_nothing_is_wrong() -> None:
    """Were nothing ever found, the machine would prove nothing."""
    machine = Cache()
    machine.begin()
    machine.an_inference_begins(0, 1, "ann", "docs")
    machine.an_inference_lands(0)
    machine.a_queue_is_written(0)
    key = machine.key(1, "ann")
    for replica in machine.replicas:
        assert machine.run(replica.look_up.find(key, TTL, TTL)) is not None
    machine.nobody_is_served_what_is_not_theirs_or_not_alive()
    machine.a_purge_is_asked_for(0, Purge(PurgeScope.TAG, "docs"))
    found = [machine.run(replica.look_up.find(key, TTL, TTL)) for replica in machine.replicas]
    assert found[0] is None
    assert found[1] is not None, "the other one may be told within a second"
    machine.clock.pass_by(SEEN_S + 0.1)
    assert machine.run(machine.replicas[1].look_up.find(key, TTL, TTL)) is None
    machine.teardown()


@pytest.mark.parametrize("store_too", [False, True], ids=["first level", "store"])
def test_an_answer_made_while_the_clock_was_a_day_ahead_does_not_live_a_day_longer(
    store_too: bool,
) -> None:
    machine = Cache()
    machine.begin()
    machine.clock.set_back(-86_400.0)
    machine.an_inference_begins(0, 1, "ann", "docs")
    machine.an_inference_lands(0)
    machine.a_queue_is_written(0)
    machine.clock.set_back(86_400.0)
    if store_too:
        machine.replicas[0] = machine.a_replica(FIRST_LEVEL_AGES[0])
    machine.a_replica_reads_the_log(0)
    key = machine.key(1, "ann")
    assert machine.run(machine.replicas[0].look_up.find(key, TTL, TTL)) is None
    # The next answer to it takes the place, and is served.
    machine.an_inference_begins(0, 1, "ann", "docs")
    machine.an_inference_lands(0)
    machine.a_queue_is_written(0)
    assert machine.run(machine.replicas[0].look_up.find(key, TTL, TTL)) is not None
    machine.teardown()
