"""Only what means something changes a status."""

from __future__ import annotations

from datetime import timedelta

from llmcache_api.resource.status import ConditionType, LLMCacheStatus
from llmcache_operator.domain.report import StoreState
from llmcache_operator.status import previous_of

from .seen import NOW, Scene, condition, report, sums


def stored(status: LLMCacheStatus) -> LLMCacheStatus | None:
    """The status as the API server gives it back."""
    return previous_of(status.model_dump(mode="json", by_alias=True, exclude_none=True))


def test_the_same_again_is_the_same_status() -> None:
    scene = Scene()
    scene.reports = [report(readings=(sums(1000, 400),))]
    first = scene.summary().status
    again = scene.summary(stored(first), NOW + timedelta(days=3))
    assert again.status == first
    assert again.events == ()


def test_a_condition_keeps_its_time_as_long_as_its_status() -> None:
    scene = Scene()
    first = scene.summary().status
    scene.reports = [report(exact_store=StoreState.DOWN)]
    later = scene.summary(stored(first), NOW + timedelta(hours=1)).status
    cache, ready = ConditionType.CACHE_READY, ConditionType.READY
    assert condition(later, cache).last_transition_time == "2026-03-01T13:00:00Z"
    assert condition(later, ready).last_transition_time == "2026-03-01T12:00:00Z"

    # Another reason for the same status is no transition.
    scene.reports = [report(vector_store=StoreState.DOWN)]
    last = scene.summary(stored(later), NOW + timedelta(hours=2)).status
    assert condition(last, cache).reason == "QdrantDown"
    assert condition(last, cache).last_transition_time == "2026-03-01T13:00:00Z"


def test_a_mangled_status_is_made_anew() -> None:
    scene = Scene()
    scene.reports = [report(readings=(sums(1000, 400),))]
    right = scene.summary().status
    for wrong in (
        "nonsense",
        {"conditions": [{"type": "Ready"}]},
        {"conditions": "none", "models": 7, "cache": {"since": 3}, "more": True},
        {"cache": {"since": "2020-01-01T00:00:00Z", "ledger": "bm9uc2Vuc2U="}},
    ):
        assert scene.summary(previous_of(wrong)).status == right


def test_what_can_be_read_of_a_mangled_status_is_kept() -> None:
    kept = previous_of({"conditions": 7, "modelsReady": "1/2"})
    assert kept is not None
    assert (kept.conditions, kept.models_ready) == ((), "1/2")


def test_an_annotation_that_is_longer_than_the_status_has_room_for_is_cut() -> None:
    scene = Scene()
    for live in scene.objects.values():
        live["metadata"].setdefault("annotations", {})["llmcache.dev/renderer"] = "v" * 40
    (row,) = scene.summary().status.models
    assert row.renderer == f"{'v' * 29}..."
