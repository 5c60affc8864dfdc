"""Every feature of every API: a hit is what the miss was, in both forms and from one to the other."""

from __future__ import annotations

import re
import time
from itertools import pairwise
from typing import Any

import pytest

from tests.sdk import cases
from tests.sdk.asking import Ask, Clients, Got, streamed, whole
from tests.sdk.cases import Case, Keeping
from tests.sdk.normal import assert_equal, meant, without_null, without_prefix_cache
from tests.sdk.running import Sidecar
from tests.sdk.wholes import whole_of

pytestmark = pytest.mark.vllm

CASES = [*cases.CHAT, *cases.COMPLETIONS, *cases.RESPONSES, *cases.MESSAGES]
STREAMS = [case for case in CASES if case.streams]
every_case = pytest.mark.parametrize("case", CASES, ids=str)
every_stream = pytest.mark.parametrize("case", STREAMS, ids=str)
one_store = pytest.mark.parametrize("cache", ["valkey"], indirect=True)
"""From one form to the other is the same work whatever the store; the replica's is the longer way."""

_HIT = re.compile(r"llmcache; hit; ttl=(\d+); detail=exact")
_HOUR = 3600


def assert_hit(got: Got) -> None:
    found = _HIT.fullmatch(got.cache_status)
    assert found, got.cache_status
    assert _HOUR - 120 <= int(found[1]) <= _HOUR
    assert 0 <= int(got.headers["age"]) <= 120
    assert re.fullmatch(r"[A-Za-z0-9_-]{8,64}", got.headers["llmcache-entry"])


def assert_new_names(miss: Got, hit: Got) -> None:
    """Every id is a new one of the same kind, and the times are those of the hit."""
    before, after = miss.normal, hit.normal
    assert len(before.ids) == len(after.ids)
    assert not set(before.ids) & set(after.ids)
    for old, new in zip(before.ids, after.ids, strict=True):
        assert re.split("[-_]", old)[0] == re.split("[-_]", new)[0], (old, new)
        assert len(old) == len(new), (old, new)
    now = time.time()
    assert all(now - 60 < moment <= now + 1 for moment in after.times)
    assert all(b >= a for a, b in zip(before.times, after.times, strict=True))


def comparable(form: Any) -> Any:
    """For two inferences of the same, one whole and one streamed."""
    return without_null(meant(without_prefix_cache(form)))


def asked_anew(case: Case, why: str) -> Ask:
    return case.ask.about(why)


@every_case
def test_a_whole_answer(case: Case, cache: Sidecar) -> None:
    ask = asked_anew(case, "whole")
    miss, hit = whole(cache.clients, ask), whole(cache.elsewhere, ask)
    assert miss.cache_status == "llmcache; fwd=miss; stored"
    assert "age" not in miss.headers
    assert_hit(hit)
    assert_equal(miss.normal.form, hit.normal.form)
    assert_new_names(miss, hit)
    assert miss.headers["content-type"] == hit.headers["content-type"]


@every_stream
def test_a_stream(case: Case, cache: Sidecar) -> None:
    ask = asked_anew(case, "stream")
    miss, hit = streamed(cache.clients, ask), streamed(cache.elsewhere, ask)
    assert miss.cache_status == "llmcache; fwd=miss"
    assert_hit(hit)
    assert_equal(miss.normal.form, hit.normal.form)
    assert_new_names(miss, hit)
    assert miss.headers["content-type"] == hit.headers["content-type"]
    assert_equal(whole_of(ask, miss).form, whole_of(ask, hit).form)


@one_store
@every_stream
def test_a_stream_answers_who_asks_for_it_whole(
    case: Case, cache: Sidecar, direct: Clients
) -> None:
    ask = asked_anew(case, "from a stream")
    miss, hit = streamed(cache.clients, ask), whole(cache.elsewhere, ask)
    if case.keeping is Keeping.OWN_FORM:
        assert hit.cache_status == "llmcache; fwd=miss; stored"
    else:
        assert_hit(hit)
    engines_own = whole(direct, ask)
    assert_equal(comparable(engines_own.normal.form), comparable(hit.normal.form))
    assert not set(miss.normal.ids) & set(hit.normal.ids)
    assert engines_own.headers["content-type"] == hit.headers["content-type"]


@pytest.mark.parametrize(
    "ask",
    [cases.chat(), cases.completion(), cases.response(instructions="x"), cases.message()],
    ids=lambda ask: ask.resource,
)
def test_a_stream_answers_whole_with_every_null(ask: Ask, cache: Sidecar, direct: Clients) -> None:
    """An engine that streams leaves members out that it sends as null in a whole answer."""
    ask = ask.about("null")
    streamed(cache.clients, ask)
    hit, engines_own = whole(cache.clients, ask), whole(direct, ask)
    assert_hit(hit)
    assert_equal(
        without_prefix_cache(engines_own.normal.form), without_prefix_cache(hit.normal.form)
    )


@one_store
@every_stream
def test_a_whole_answer_answers_who_asks_for_a_stream(
    case: Case, cache: Sidecar, direct: Clients
) -> None:
    ask = asked_anew(case, "from a whole")
    miss, hit = whole(cache.clients, ask), streamed(cache.elsewhere, ask)
    if case.keeping is Keeping.OWN_FORM:
        assert hit.cache_status == "llmcache; fwd=miss"
        return
    assert_hit(hit)
    engines_own = streamed(direct, ask)
    assert_equal(comparable(whole_of(ask, engines_own).form), comparable(whole_of(ask, hit).form))
    assert not set(miss.normal.ids) & set(hit.normal.ids)
    assert engines_own.headers["content-type"] == hit.headers["content-type"]
    kinds = [event.get("type") for event in engines_own.normal.form]
    assert _runs(kinds) == _runs([event.get("type") for event in hit.normal.form])


@pytest.mark.parametrize("case", [*cases.CHAT[:3], *cases.COMPLETIONS[:2]], ids=str)
@pytest.mark.parametrize("first", [True, False, None])
def test_usage_comes_only_to_who_asks_for_it(
    case: Case, first: bool | None, cache: Sidecar
) -> None:
    """One entry, whatever the first client said of usage."""
    ask = asked_anew(case, f"usage {first}")
    asks = {
        wanted: ask if wanted is None else ask.but(stream_options={"include_usage": wanted})
        for wanted in (None, False, True)
    }
    miss = streamed(cache.clients, asks[first])
    assert miss.cache_status == "llmcache; fwd=miss"
    got = {wanted: streamed(cache.clients, ask) for wanted, ask in asks.items()}
    for hit in got.values():
        assert_hit(hit)
    assert_equal(miss.normal.form, got[first].normal.form)
    assert_equal(got[None].normal.form, got[False].normal.form)
    *chunks, last = got[True].normal.form
    assert last["choices"] == []
    assert last["usage"]["total_tokens"] > last["usage"]["prompt_tokens"] > 0
    # Where there is no usage event, the finish tells what the engine says in the last event.
    finish = next(c for c in reversed(chunks) if c["choices"][0]["finish_reason"])
    finish["system_fingerprint"] = last["system_fingerprint"]
    assert_equal(chunks, got[False].normal.form)


@pytest.mark.parametrize("born", [whole, streamed], ids=lambda read: read.__name__)
@pytest.mark.parametrize("usage", [False, True])
@pytest.mark.parametrize(
    "ask", [cases.chat(max_tokens=3), cases.completion(max_tokens=3)], ids=lambda a: a.resource
)
def test_the_fingerprint_of_a_stream(
    ask: Ask, usage: bool, born: Any, cache: Sidecar, direct: Clients
) -> None:
    """The engine tells `system_fingerprint` in a stream's last chunk, whichever that is."""
    ask = ask.about(f"fingerprint {usage} {born.__name__}")
    wish = ask.but(stream_options={"include_usage": True}) if usage else ask

    def told(got: Got) -> list[bool]:
        return [bool(event.get("system_fingerprint")) for event in got.normal.form]

    expected = told(streamed(direct, wish))
    assert expected[-1]
    first = born(cache.clients, wish if born is streamed else ask)
    hit = streamed(cache.elsewhere, wish)
    assert_hit(hit)
    if born is streamed:
        assert told(first) == expected
        assert told(hit) == expected
    assert [*dict.fromkeys(told(hit))] == [False, True]
    assert told(hit).count(True) == 1


def test_times_are_those_of_the_answer(cache: Sidecar) -> None:
    """The clock of `created` counts in seconds, so this one waits for the next."""
    ask = cases.chat().about("times")
    miss = whole(cache.clients, ask)
    time.sleep(1.1)
    hit = whole(cache.clients, ask)
    assert_hit(hit)
    assert hit.only.created > miss.only.created
    assert hit.headers["age"] in ("1", "2")


def _runs(kinds: list[str | None]) -> list[str | None]:
    """Runs of equal kinds of events as one: a whole answer is cut into other pieces than the
    engine's tokens."""
    return [a for a, b in pairwise([*kinds, "the end"]) if a != b]
