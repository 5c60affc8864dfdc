"""An Event is told when a reason appears, and once."""

from __future__ import annotations

from llmcache_operator.domain import EventType, Problem, Severity
from llmcache_operator.domain.report import BudgetState, SemanticState, StoreState

from .seen import DONE, Scene, crashed, pod, report, running, serving

UP = {"sidecar": running(), "weights": DONE}


def told(scene: Scene, before: Scene | None = None) -> list[tuple[EventType, str]]:
    previous = None if before is None else before.summary().status
    return [(one.type, one.reason) for one in scene.summary(previous).events]


def test_a_new_resource_tells_nothing_of_its_first_seconds() -> None:
    scene = Scene()
    scene.objects.clear()
    scene.pods, scene.stores, scene.reports = [], {}, []
    assert told(scene) == []


def test_from_loading_to_ready() -> None:
    loading = Scene().only(pod(UP | {"engine": running(started=False)}), reports=[report()])
    assert (EventType.NORMAL, "EngineLoading") in told(loading)
    assert told(loading, loading) == []
    assert told(Scene(), loading) == [(EventType.NORMAL, "Ready")]
    assert told(Scene(), Scene()) == []


def test_a_crash_is_told_once_however_often_it_happens() -> None:
    first = Scene().only(pod(UP | {"engine": crashed(1, "Error: CUDA", restarts=1)}))
    again = Scene().only(pod(UP | {"engine": crashed(1, "Error: CUDA", restarts=9)}))
    assert (EventType.WARNING, "EngineCrashing") in told(first)
    assert told(again, first) == []


def test_a_single_pod_that_is_replaced_is_warned_of() -> None:
    rolling = Scene()
    rolling.deployment["metadata"]["generation"] = 2
    assert (EventType.WARNING, "RolloutInterrupts") in told(rolling, Scene())

    surging = Scene()
    surging.deployment["metadata"]["generation"] = 2
    surging.deployment["spec"]["strategy"]["rollingUpdate"]["maxSurge"] = 1
    assert "RolloutInterrupts" not in [reason for _, reason in told(surging, Scene())]


def test_scaling_is_no_interruption() -> None:
    scaled = Scene()
    scaled.deployment["metadata"]["generation"] = 2
    scaled.deployment["spec"]["replicas"] = 2
    scaled.pods.append(serving("support-llama-2"))
    assert "RolloutInterrupts" not in [reason for _, reason in told(scaled, Scene())]


def test_a_problem_of_the_whole_cache_is_a_warning() -> None:
    scene = Scene()
    taken = Problem("NameTaken", "Secret ai/support-redis is taken", Severity.STALLED)
    scene.more["refusals"] = (taken,)
    assert told(scene, Scene()) == [(EventType.WARNING, "NameTaken")]
    assert told(scene, scene) == []


def test_the_cache_goes_and_comes_back() -> None:
    down = Scene()
    down.reports = [report(exact_store=StoreState.DOWN)]
    assert told(down, Scene()) == [(EventType.WARNING, "RedisDown")]
    assert told(Scene(), down) == [(EventType.NORMAL, "CacheReady")]

    loading = Scene()
    loading.reports = [report(semantic=SemanticState.LOADING)]
    assert told(loading, Scene()) == []


def test_a_configuration_that_is_refused() -> None:
    refused = Scene()
    refused.reports = [report(config_error="auth.keysFile: can't be read")]
    assert told(refused, Scene()) == [(EventType.WARNING, "ConfigRefused")]
    assert told(Scene(), refused) == [(EventType.NORMAL, "ConfigApplied")]


def test_the_error_budget() -> None:
    above = Scene()
    above.reports = [report(budget=BudgetState.OBSERVING)]
    assert told(above, Scene()) == [(EventType.WARNING, "BudgetExceeded")]
    assert told(above, above) == []


def test_an_update_that_waits() -> None:
    waits = Scene()
    object.__setattr__(waits.rendering, "outdated", ("llama",))
    assert told(waits, Scene()) == [(EventType.NORMAL, "UpdateAvailable")]
