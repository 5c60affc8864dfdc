"""The engine behind the APIs: queue, prefix cache, delays, and the choice of an answer."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import time
from collections.abc import Callable

from tests.simulator import language, tokens
from tests.simulator.config import SimConfig
from tests.simulator.errors import too_long
from tests.simulator.job import Choice, Finish, Generation, Job, ToolCall
from tests.simulator.metrics import Metrics
from tests.simulator.prefix_cache import PrefixCache

Clock = Callable[[], float]


class Engine:
    def __init__(self, config: SimConfig, clock: Clock = time.monotonic) -> None:
        self.config = config
        self.clock = clock
        self.revision = config.revision
        self.metrics = Metrics()
        self.prefix_cache = PrefixCache(config.kv_blocks, config.block_size)
        self.draw = random.Random(config.seed)
        self.running = 0
        self.waiting = 0
        self.blocks_in_use = 0
        self.awake = asyncio.Event()
        self.awake.set()
        self._seats = asyncio.Semaphore(config.max_num_seqs)

    # ---- what is generated: no time passes here

    def generate(self, job: Job) -> Generation:
        """Tokenise the prompt, ask the prefix cache, write the answers."""
        prompt = tokens.split(job.prompt)
        if len(prompt) >= self.config.max_model_len:
            raise too_long(self.config.max_model_len)
        hit = self.prefix_cache.admit(prompt, job.cache_salt)
        choices = tuple(self.choice(job, index) for index in range(job.sampling.n))
        metrics = self.metrics
        metrics.prompt_tokens += len(prompt)
        metrics.cached_tokens += hit.cached
        return Generation(choices, len(prompt), hit.cached, hit.created)

    def draw_for(self, job: Job, index: int) -> random.Random:
        """Greedy and seeded answers are functions of the request, others are drawn anew."""
        sampling = job.sampling
        greedy = sampling.temperature == 0
        if not greedy and sampling.seed is None:
            return random.Random(self.draw.getrandbits(64))
        if greedy and self.config.nondeterminism > self.draw.random():
            return random.Random(self.draw.getrandbits(64))
        parts = [self.revision, job.model, job.prompt, str(job.schema), str(job.choices)]
        parts += [tool.name for tool in job.tools]
        if not greedy:
            parts += [str(sampling.seed), str(sampling.temperature), str(index)]
        digest = hashlib.blake2b("\x00".join(parts).encode(errors="replace"), digest_size=8)
        return random.Random(digest.digest())

    def choice(self, job: Job, index: int) -> Choice:
        draw = self.draw_for(job, index)
        limit = min(job.sampling.max_tokens, self.config.max_model_len)
        reasoning: list[str] = []
        if job.thinking:
            reasoning = tokens.split(language.thought(job.question, draw))
            if len(reasoning) >= limit:
                return Choice(tuple(reasoning[:limit]), (), (), Finish.LENGTH, None, limit)
            limit -= len(reasoning)
        if job.tools:
            return self.tool_choice(job, draw, tuple(reasoning), limit)
        return self.text_choice(job, draw, tuple(reasoning), limit)

    def text_choice(
        self, job: Job, draw: random.Random, reasoning: tuple[str, ...], limit: int
    ) -> Choice:
        text = self.text(job, draw)
        ignore_eos = job.sampling.ignore_eos
        while ignore_eos and tokens.count(text) < limit:
            text += " " + language.answer(job.question, draw)
        stop_string = first_stop(text, job.sampling.stop)
        if stop_string is not None:
            text = text[: text.index(stop_string)]
        pieces = tokens.split(text)
        spent = len(reasoning)
        whole = tuple(pieces)
        if len(pieces) >= limit:
            finish = Finish.LENGTH
            return Choice(reasoning, whole[:limit], (), finish, None, spent + limit)
        return Choice(reasoning, whole, (), Finish.STOP, stop_string, spent + len(pieces) + 1)

    def text(self, job: Job, draw: random.Random) -> str:
        if job.choices:
            return draw.choice(job.choices)
        if job.schema is not None:
            return language.object_text(job.schema, job.question, draw)
        fixed = self.config.answers.get(job.question.strip())
        return fixed if fixed is not None else language.answer(job.question, draw)

    def tool_choice(
        self, job: Job, draw: random.Random, reasoning: tuple[str, ...], limit: int
    ) -> Choice:
        calls = []
        used = 0
        for tool in job.tools:
            arguments = language.object_text(tool.parameters, job.question, draw)
            raw = json.dumps({"name": tool.name}) + arguments
            used += tokens.count(raw) + 2
            calls.append(ToolCall(tool.name, arguments))
        if used <= limit:
            finish = Finish.TOOL_CALLS
            return Choice(reasoning, (), tuple(calls), finish, None, len(reasoning) + used)
        call = calls[0]
        raw = f'<tool_call>\n{{"name": "{call.name}", "arguments": {call.arguments}}}\n</tool_call>'
        cut = tokens.split(raw)[:limit]
        begun = ToolCall(call.name, "".join(tokens.split(call.arguments)[: max(limit - 8, 0)]))
        finish = Finish.LENGTH
        return Choice(reasoning, tuple(cut), (begun,), finish, None, len(reasoning) + limit)

    # ---- when it is generated

    @property
    def instant(self) -> bool:
        config = self.config
        return not (config.ttft_ms or config.itl_ms or config.prefill_ms_per_token)

    def jittered(self, milliseconds: float) -> float:
        """Seconds, drawn around the given delay."""
        spread = self.config.jitter
        return milliseconds / 1000 * (1 + spread * self.draw.uniform(-1, 1) if spread else 1)

    def prefill_s(self, generation: Generation) -> float:
        config = self.config
        computed = generation.prompt_tokens - generation.cached_tokens
        return self.jittered(config.ttft_ms + config.prefill_ms_per_token * computed)

    async def enter(self, generation: Generation) -> int:
        """Wait for a free place in the batch; returns the blocks to give back to ``leave``."""
        if self._seats.locked() or not self.awake.is_set():
            self.waiting += 1
            try:
                await self.awake.wait()
                await self._seats.acquire()
            finally:
                self.waiting -= 1
        else:
            await self._seats.acquire()
        size = generation.prompt_tokens + generation.completion_tokens
        blocks = -(-size // self.config.block_size)
        self.running += 1
        self.blocks_in_use += blocks
        return blocks

    def leave(self, blocks: int) -> None:
        self.running -= 1
        self.blocks_in_use -= blocks
        self._seats.release()

    def finished(self, generation: Generation, started: float, first: float) -> None:
        """Count an answer that was given to its end; times are those of ``clock``."""
        metrics = self.metrics
        now = self.clock()
        count = generation.completion_tokens
        metrics.generation_tokens += count
        for choice in generation.choices:
            reason = "length" if choice.finish is Finish.LENGTH else "stop"
            metrics.finished[reason] += 1
        metrics.ttft.observe(first - started)
        metrics.e2e.observe(now - started)
        if count > 1:
            metrics.itl.observe((now - first) / (count - 1), count - 1)

    def metrics_page(self) -> str:
        config = self.config
        usage = min(self.blocks_in_use / max(config.kv_blocks, 1), 1.0)
        return self.metrics.page(
            config.model,
            gauges={
                "num_requests_running": self.running,
                "num_requests_waiting": self.waiting,
                "kv_cache_usage_perc": usage,
            },
            prefix=(self.prefix_cache.queries, self.prefix_cache.hits),
            sleeping=not self.awake.is_set(),
            cache_config={
                "block_size": config.block_size,
                "cache_dtype": "auto",
                "enable_prefix_caching": config.kv_blocks > 0,
                "num_gpu_blocks": config.kv_blocks,
                "prefix_caching_hash_algo": "sha256",
            },
        )


def first_stop(text: str, stops: tuple[str, ...]) -> str | None:
    """The stop string that comes first in the text."""
    places = [(text.find(stop), stop) for stop in stops if stop]
    found = [(place, stop) for place, stop in places if place >= 0]
    return min(found)[1] if found else None
