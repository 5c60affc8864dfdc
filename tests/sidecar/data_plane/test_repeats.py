"""A hit like one before is found without walking the steps of a decision. It must be the hit that
they come to, and they must be asked wherever something has changed."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest

from llmcache_api import SidecarConfig
from llmcache_sidecar.domain.purge import Purge, PurgeScope
from llmcache_sidecar.pipeline.request.decision import Action
from llmcache_sidecar.server.admin.explain import make_call

from .answers import BY_PATH, CHAT, STREAMED, chat_request, dumps
from .engine import ScriptedEngine
from .running import HandClock, Running, Start

_STEPS = 400
KEYS = ("sk-one", "sk-two")


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, str]:
    """An auth section with two keys."""
    listed = tmp_path / "keys"
    listed.write_text("\n".join(KEYS))
    return {"mode": "Keys", "keysFile": str(listed)}


def _reload(running: Running, **cache: Any) -> None:
    config = running.sidecar.config.model_dump(by_alias=True)
    for section, fields in cache.items():
        config["responseCache"][section] |= fields
    running.sidecar.reload(SidecarConfig.parse(config))


def _repeated(running: Running, path: str, headers: dict[str, str], body: bytes) -> bool:
    """Whether this request would be found to be a repeat."""
    return running.sidecar.pipeline.repeat(make_call(path, "", headers, body)) is not None


class _Asking:
    """Asks at random, each request by whoever, in whatever words."""

    def __init__(self, running: Running, draw: random.Random) -> None:
        self.running = running
        self.draw = draw
        self.repeats = 0
        self.hits = 0

    async def one(self) -> None:
        """One request: what is found to be a repeat is a hit of the steps, of the same entry."""
        draw = self.draw
        path = draw.choice(list(BY_PATH))
        speech = BY_PATH[path]
        more: dict[str, Any] = (
            {"stream": True} if draw.random() < 0.3 and speech.api in STREAMED else {}
        )
        body = dumps(speech.request("What is it?", **more))
        headers = {"Content-Type": "application/json"}
        if draw.random() < 0.95:
            headers["Authorization"] = f"Bearer {draw.choice((*KEYS, 'sk-wrong'))}"
        if draw.random() < 0.2:
            wishes = ("no-cache", "no-store", "max-age=0", "only-if-cached", "max-age=99999")
            headers["Cache-Control"] = draw.choice(wishes)
        if draw.random() < 0.1:
            headers["LLMCache-Tags"] = draw.choice(("a,b", "no good tag!"))
        if draw.random() < 0.2:
            headers["X-Request-Id"] = "mine"
        pipeline = self.running.sidecar.pipeline
        decision = await pipeline.explain(make_call(path, "", headers, body))
        repeat = pipeline.repeat(make_call(path, "", headers, body))
        # Explain judges no key.
        welcome = headers.get("Authorization", "") in {f"Bearer {key}" for key in KEYS}
        served = welcome and decision.action is Action.SERVE
        if repeat is not None:
            self.repeats += 1
            assert served
            found = decision.found
            assert found is not None
            assert found.meta.id == repeat.hit.meta.id
            assert (found.age_s, found.ttl_s) == (repeat.hit.age_s, repeat.hit.ttl_s)
            assert decision.outcome is repeat.record.outcome
        reply = await self.running.ask(body, path, "POST", **_underscored(headers))
        self.hits += served
        assert reply.hit == served, (reply.cache, decision.action, headers)


def _underscored(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("-", "_"): value for name, value in headers.items()}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("scope", ["APIKey", "Shared"])
async def test_a_repeat_is_the_hit_that_the_steps_come_to(
    start: Start, clock: HandClock, keys: dict[str, str], scope: str, seed: int
) -> None:
    running = await start(clock=clock, auth=keys, responseCache={"tenancy": {"scope": scope}})
    draw = random.Random(seed)
    asking = _Asking(running, draw)
    for _ in range(_STEPS):
        await asking.one()
        happens = draw.random()
        if happens < 0.02:
            clock.pass_by(draw.choice((1, 100, 2000, 4000)))
        elif happens < 0.03:
            _reload(running, exact={"ttl": draw.choice(("10m", "1h"))})
        elif happens < 0.05:
            mode = draw.choice(("Serve", "Serve", "Serve", "Observe", "Off"))
            _reload(running, exact={"mode": mode})
        elif happens < 0.06:
            await running.sidecar.purges.purge(Purge(PurgeScope.ALL))
        await asyncio.sleep(0)
    assert asking.repeats > 20
    assert asking.hits > asking.repeats


async def test_a_repeat_is_found_from_the_second_hit_on(start: Start) -> None:
    running = await start()
    body = dumps(chat_request())
    for repeated in (False, False, True, True):
        assert _repeated(running, CHAT.path, {}, body) is repeated
        await running.ask(body)
    assert running.totals.hits == 3


async def test_a_key_that_is_no_longer_listed_makes_no_repeat(
    start: Start, keys: dict[str, str]
) -> None:
    running = await start(auth=keys)
    for _ in range(3):
        reply = await running.ask(chat_request(), Authorization="Bearer sk-one")
    assert reply.hit
    Path(keys["keysFile"]).write_text("sk-two")
    running.sidecar.reload(running.sidecar.config)
    reply = await running.ask(chat_request(), Authorization="Bearer sk-one")
    assert reply.status == 401


async def test_another_engine_makes_no_repeat(start: Start, engine: ScriptedEngine) -> None:
    running = await start()
    for _ in range(3):
        await running.ask(chat_request())
    engine.version = "0.33.0"
    running.sidecar.profile.lost()
    await running.engine_known()
    assert (await running.ask(chat_request())).cache == "llmcache; fwd=miss; stored"


async def test_who_is_drawn_into_the_holdout_is_so_as_often_as_before(start: Start) -> None:
    running = await start(quality={"holdoutPercent": 50})
    for _ in range(200):
        await running.ask(chat_request())
    outcomes = running.totals.outcomes
    assert outcomes["holdout"] + outcomes["hit_exact"] + outcomes.get("miss", 0) == 200
    assert 60 <= outcomes["holdout"] <= 140  # 5.6 standard deviations


async def test_each_answer_has_an_id_of_its_own_and_is_counted_once(start: Start) -> None:
    running = await start()
    replies = [await running.ask(chat_request()) for _ in range(10)]
    assert len({reply.json()["id"] for reply in replies}) == 10
    totals = running.totals
    assert (totals.requests, totals.hits, totals.cacheable) == (10, 9, 10)
    assert running.sidecar.account.served.total.count == 10
