"""vLLM's Prometheus metrics: names, labels, bucket bounds."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

TTFT = (0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5)
TTFT_BOUNDS = (*TTFT, 10.0, 20.0, 40.0, 80.0, 160.0, 640.0, 2560.0)
ITL = (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5)
ITL_BOUNDS = (*ITL, 10.0, 20.0, 40.0, 80.0)
E2E = (0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 2.5, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 50.0, 60.0)
E2E_BOUNDS = (*E2E, 120.0, 240.0, 480.0, 960.0, 1920.0, 7680.0)
FINISHED = ("stop", "length", "abort", "error", "repetition")


class Histogram:
    def __init__(self, name: str, bounds: Sequence[float]) -> None:
        self.name = name
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def observe(self, value: float, times: int = 1) -> None:
        self.counts[bisect_left(self.bounds, value)] += times
        self.sum += value * times

    def lines(self, labels: str) -> list[str]:
        lines = [f"# TYPE {self.name} histogram"]
        total = 0
        for bound, count in zip((*self.bounds, "+Inf"), self.counts, strict=True):
            total += count
            lines.append(f'{self.name}_bucket{{{labels},le="{bound}"}} {float(total)}')
        lines.append(f"{self.name}_count{{{labels}}} {float(total)}")
        lines.append(f"{self.name}_sum{{{labels}}} {self.sum}")
        return lines


class Metrics:
    """What the engine counts while it works; gauges are handed in when the page is asked for."""

    def __init__(self) -> None:
        self.prompt_tokens = 0
        self.cached_tokens = 0
        self.generation_tokens = 0
        self.finished = dict.fromkeys(FINISHED, 0)
        self.ttft = Histogram("vllm:time_to_first_token_seconds", TTFT_BOUNDS)
        self.itl = Histogram("vllm:inter_token_latency_seconds", ITL_BOUNDS)
        self.e2e = Histogram("vllm:e2e_request_latency_seconds", E2E_BOUNDS)

    def page(
        self,
        model: str,
        *,
        gauges: Mapping[str, float],
        prefix: tuple[int, int],
        sleeping: bool,
        cache_config: Mapping[str, object],
    ) -> str:
        """The text of /metrics. ``prefix``: tokens asked for and found in the prefix cache."""
        labels = f'engine="0",model_name="{model}"'
        computed = self.prompt_tokens - self.cached_tokens
        lines: list[str] = []

        def put(kind: str, name: str, *samples: tuple[str, float]) -> None:
            lines.append(f"# TYPE {name} {kind}")
            for more, value in samples:
                lines.append(f"{name}{{{labels}{more}}} {float(value)}")

        for name, value in gauges.items():
            put("gauge", f"vllm:{name}", ("", value))
        put(
            "gauge",
            "vllm:engine_sleep_state",
            (',sleep_state="awake"', 0 if sleeping else 1),
            (',sleep_state="weights_offloaded"', 1 if sleeping else 0),
            (',sleep_state="discard_all"', 0),
        )
        put("counter", "vllm:prefix_cache_queries_total", ("", prefix[0]))
        put("counter", "vllm:prefix_cache_hits_total", ("", prefix[1]))
        put("counter", "vllm:prompt_tokens_total", ("", self.prompt_tokens))
        put(
            "counter",
            "vllm:prompt_tokens_by_source_total",
            (',source="local_compute"', computed),
            (',source="local_cache_hit"', self.cached_tokens),
            (',source="external_kv_transfer"', 0),
        )
        put("counter", "vllm:prompt_tokens_cached_total", ("", self.cached_tokens))
        put("counter", "vllm:generation_tokens_total", ("", self.generation_tokens))
        put("counter", "vllm:num_preemptions_total", ("", 0))
        samples = [(f',finished_reason="{why}"', count) for why, count in self.finished.items()]
        put("counter", "vllm:request_success_total", *samples)
        for histogram in (self.ttft, self.itl, self.e2e):
            lines += histogram.lines(labels)
        config = "".join(f',{name}="{value}"' for name, value in cache_config.items())
        lines.append("# TYPE vllm:cache_config_info gauge")
        lines.append(f'vllm:cache_config_info{{engine="0"{config}}} 1.0')
        return "\n".join(lines) + "\n"
