"""What is made of a long answer is made beside the event loop: others are served meanwhile."""

from __future__ import annotations

import orjson
import pytest
from multidict import CIMultiDict

from llmcache_api import SidecarConfig
from llmcache_sidecar.adapters.first_level import FirstLevel
from llmcache_sidecar.apis.reading import read_facts
from llmcache_sidecar.domain.api import Api
from llmcache_sidecar.domain.entry import Form
from llmcache_sidecar.domain.outcome import Record
from llmcache_sidecar.pipeline.from_cache import FromCache
from llmcache_sidecar.pipeline.request.call import Call
from llmcache_sidecar.pipeline.settings.cache import CacheSettings
from llmcache_sidecar.pipeline.stored.look_up import Found
from llmcache_sidecar.ports.clock import SystemClock
from llmcache_sidecar.telemetry.account import Account
from tests.sidecar.stores.making import an_entry
from tests.turns import turns

WORDS = 1_000


def events() -> bytes:
    """A stream of many words."""
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}

    def event(delta: dict[str, str], finish: str | None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return b"data: " + orjson.dumps({**head, "choices": [choice]}) + b"\n\n"

    words = [event({"content": f"word{number} "}, None) for number in range(WORDS)]
    first = event({"role": "assistant", "content": ""}, None)
    used = {"prompt_tokens": 1, "completion_tokens": WORDS, "total_tokens": WORDS + 1}
    usage = b"data: " + orjson.dumps({**head, "choices": [], "usage": used}) + b"\n\n"
    return b"".join([first, *words, event({}, "stop"), usage, b"data: [DONE]\n\n"])


@pytest.mark.parametrize("streamed", [True, False])
async def test_the_first_hit_of_a_long_answer(streamed: bool) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "?"}], "stream": streamed}
    raw = orjson.dumps(body)
    call = Call(
        Api.CHAT,
        "/v1/chat/completions",
        "",
        "",
        raw,
        "",
        "",
        "",
        None,
        CIMultiDict(),
        list,
        Record(Api.CHAT),
    )
    level = FirstLevel(2**24)
    from_cache = FromCache(level, Account(), SystemClock(), lambda length: "0" * length)
    found = Found(level.put(an_entry(events(), form=Form.STREAM), 0.0), 1.0, 60.0)
    settings = CacheSettings.of(SidecarConfig.parse({"upstream": {"url": "http://127.0.0.1:1"}}))
    async with turns() as taken:
        before = taken()
        hit = await from_cache.hit(call, found, read_facts(Api.CHAT, body), settings)
        assert taken() > before
        assert hit is not None
        assert b"word999" in hit.body
        before = taken()
        again = await from_cache.hit(call, found, read_facts(Api.CHAT, body), settings)
        assert taken() == before, "what is prepared needs no thread"
        assert again is not None
