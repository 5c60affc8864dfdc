"""What of an LLMCache is news: its spec and metadata, and a status that is not ours."""

from __future__ import annotations

from typing import Any

from llmcache_operator.app.caches import Caches, Change
from llmcache_operator.cluster.statuses import merge_patch
from llmcache_operator.cluster.store import CacheKey

KEY = CacheKey("ai", "support")


def body(**metadata: Any) -> dict[str, Any]:
    return {
        "metadata": {"namespace": "ai", "name": "support", "uid": "1", "generation": 1} | metadata,
        "spec": {"models": []},
        "status": {},
    }


def heard() -> tuple[Caches, list[Change]]:
    news: list[Change] = []
    return Caches(lambda key, why: news.append(why)), news


def test_the_first_sight_and_each_change_of_the_spec_are_news() -> None:
    caches, news = heard()
    caches.see(body())
    caches.see(body(resourceVersion="2"))
    assert len(news) == 1
    caches.see(body(generation=2))
    caches.see(body(generation=2, annotations={"a": "b"}))
    caches.see(body(generation=2, annotations={"a": "b"}, deletionTimestamp="now"))
    assert len(news) == 4


def test_a_field_that_an_older_schema_hid_is_news_of_the_same_generation() -> None:
    caches, news = heard()
    caches.see(body(generation=2, resourceVersion="5"))
    whole = body(generation=2, resourceVersion="5")
    whole["spec"]["images"] = {"pullPolicy": "Never"}
    caches.see(whole)
    assert news == [Change.SPEC, Change.SPEC]


def test_the_echo_of_our_own_status_is_no_news() -> None:
    caches, news = heard()
    caches.see(body())
    caches.wrote_status({**body(resourceVersion="3"), "status": {"modelsReady": "1/1"}})
    caches.see({**body(resourceVersion="3"), "status": {"modelsReady": "1/1"}})
    caches.see({**body(resourceVersion="2"), "status": {}})  # an event from before, late
    assert len(news) == 1


def test_a_late_answer_to_a_status_write_does_not_take_a_newer_spec_back() -> None:
    caches, news = heard()
    caches.see(body(resourceVersion="1"))
    ours = {"status": {"modelsReady": "1/1"}}
    newer = body(resourceVersion="3", generation=2) | ours
    caches.see(newer)
    caches.wrote_status(body(resourceVersion="2") | ours)
    seen = caches.get(KEY)
    assert seen is not None
    assert (seen.generation, seen.resource_version) == (2, "3")
    caches.see(newer)
    caches.see(body(resourceVersion="4", generation=2) | ours)
    assert news == [Change.SPEC, Change.SPEC]


def test_a_spec_that_changed_meanwhile_is_seen_in_the_answer_to_a_status_write() -> None:
    caches, news = heard()
    caches.see(body(resourceVersion="1"))
    caches.wrote_status({**body(resourceVersion="3", generation=2), "status": {"a": "b"}})
    assert news == [Change.SPEC, Change.SPEC]


def test_a_status_that_somebody_else_wrote_is_news() -> None:
    caches, news = heard()
    caches.see(body())
    caches.wrote_status({**body(resourceVersion="3"), "status": {"modelsReady": "1/1"}})
    caches.see({**body(resourceVersion="4"), "status": {"modelsReady": "mangled"}})
    assert news[-1] is Change.STATUS


def test_the_deletion_of_a_former_one_does_not_touch_its_successor() -> None:
    caches, _ = heard()
    caches.see(body(uid="2"))
    caches.gone(body(uid="1"))
    assert caches.living == {"2"}
    caches.gone(body(uid="2"))
    assert caches.get(KEY) is None


def test_a_patch_says_what_changed_and_what_is_gone() -> None:
    before = {"a": 1, "b": {"c": 1, "d": 2}, "e": [1]}
    after = {"a": 1, "b": {"c": 3}, "e": [1, 2]}
    assert merge_patch(before, after) == {"b": {"d": None, "c": 3}, "e": [1, 2]}
    assert merge_patch(after, after) == {}
    assert merge_patch("mangled", {"a": 1}) == {"a": 1}
