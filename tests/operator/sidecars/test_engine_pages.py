"""What is read of an engine's Prometheus page."""

from __future__ import annotations

from llmcache_operator.domain import Counts, Reading, Role
from llmcache_operator.sidecars.wire import engine_reading

PAGE = """# HELP vllm:prefix_cache_queries_total tokens
# TYPE vllm:prefix_cache_queries_total counter
vllm:prefix_cache_queries_total{engine="0",model_name="a"} 362.0
vllm:prefix_cache_queries_total{engine="1",model_name="a"} 38.0
vllm:prefix_cache_queries_created{engine="0"} 1.7e+09
vllm:prefix_cache_hits_total{engine="0",model_name="a"} 160.0
vllm:prefix_cache_hits_total{engine="1",model_name="a"} 0.0
vllm:request_success_total{finished_reason="stop"} 7.0
"""


def test_engines_of_one_page_are_added_up() -> None:
    counts = Counts(prefix_queries=400, prefix_hits=160)
    assert engine_reading(PAGE, 1000) == Reading(Role.ENGINE, 1000, counts)


def test_the_process_tells_its_own_start() -> None:
    found = engine_reading(PAGE + "process_start_time_seconds 1.79e+09\n", 1000)
    assert found is not None
    assert found.started == 1_790_000_000


def test_an_engine_without_a_prefix_cache_has_nothing_to_say() -> None:
    assert engine_reading("vllm:num_requests_running 0\n", 1000) is None
    assert engine_reading("", 1000) is None
