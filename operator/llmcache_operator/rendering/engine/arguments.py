"""The arguments of `vllm serve`."""

from __future__ import annotations

import json
from collections.abc import Iterator

from llmcache_api.resource import OnOff
from llmcache_api.resource.engine import OffloadBackend

from ..context import ModelContext
from ..names import ENGINE_PORT
from .places import TEMPLATES, WEIGHTS, model_argument


def arguments(context: ModelContext) -> list[str]:
    """Everything behind `vllm serve`."""
    return [
        model_argument(context),
        *_address(context),
        *_identity(context),
        *_numbers(context),
        *_prefix_caching(context),
        *_lora(context),
        *_formats(context),
        *_operation(context),
        *(context.engine.extra_args or ()),
    ]


def served_names(context: ModelContext) -> tuple[str, ...]:
    """Names that clients write as `model`."""
    return context.engine.served_names or (context.engine.model,)


def _address(_: ModelContext) -> Iterator[str]:
    # Only the sidecar may reach it: some of its routes ask nobody for a key.
    yield from ("--host", "127.0.0.1", "--port", str(ENGINE_PORT))


def _identity(context: ModelContext) -> Iterator[str]:
    engine = context.engine
    yield from ("--served-model-name", *served_names(context))
    if engine.revision is not None and model_argument(context) == engine.model:
        yield from ("--revision", engine.revision)


def _numbers(context: ModelContext) -> Iterator[str]:
    engine = context.engine
    if engine.max_model_len is not None:
        yield from ("--max-model-len", str(engine.max_model_len))
    if engine.dtype is not None:
        yield from ("--dtype", engine.dtype.value)
    if engine.quantization is not None:
        yield from ("--quantization", engine.quantization)
    if context.gpu[1] > 1:
        yield from ("--tensor-parallel-size", str(context.gpu[1]))
    if engine.gpu_memory_percent is not None:
        yield from ("--gpu-memory-utilization", f"{engine.gpu_memory_percent / 100:.2f}")


def _prefix_caching(context: ModelContext) -> Iterator[str]:
    section, defaults = context.prefix_caching, context.defaults
    if (section.mode or defaults.prefix_caching) is OnOff.ON:
        algorithm = section.hash_algorithm or defaults.hash_algorithm
        yield "--enable-prefix-caching"
        yield from ("--prefix-caching-hash-algo", algorithm.value)
    else:
        yield "--no-enable-prefix-caching"
    # Without it an answer's usage does not say how many of its tokens the engine had in its cache.
    yield "--enable-prompt-tokens-details"
    offload = section.cpu_offload
    if offload is not None:
        backend = offload.backend or OffloadBackend.NATIVE
        yield from ("--kv-offloading-size", str(offload.size_gi))
        yield from ("--kv-offloading-backend", backend.value.lower())
    events = section.events
    if events is not None and events.mode is OnOff.ON:
        # vLLM's own default listens on every address, and events carry the prompts' tokens.
        config = {
            "enable_kv_cache_events": True,
            "publisher": "zmq",
            "endpoint": f"tcp://127.0.0.1:{events.port or defaults.kv_events_port}",
        }
        yield from ("--kv-events-config", json.dumps(config, separators=(",", ":")))


def _lora(context: ModelContext) -> Iterator[str]:
    lora = context.engine.lora
    if lora is None:
        return
    yield "--enable-lora"
    yield from ("--max-loras", str(len(lora.adapters)))
    if lora.max_rank is not None:
        yield from ("--max-lora-rank", str(lora.max_rank))
    yield "--lora-modules"
    for adapter in lora.adapters:
        # A folder on the volume begins with /; everything else is a hub id.
        path = f"{WEIGHTS}{adapter.path}" if adapter.path.startswith("/") else adapter.path
        yield f"{adapter.name}={path}"


def _formats(context: ModelContext) -> Iterator[str]:
    engine = context.engine
    if engine.chat_template is not None:
        yield from ("--chat-template", f"{TEMPLATES}/{engine.chat_template.key}")
    if engine.tool_call_parser is not None:
        yield "--enable-auto-tool-choice"
        yield from ("--tool-call-parser", engine.tool_call_parser)
    if engine.reasoning_parser is not None:
        yield from ("--reasoning-parser", engine.reasoning_parser)
    if engine.default_temperature is not None:
        override = {"temperature": engine.default_temperature}
        yield from ("--override-generation-config", json.dumps(override, separators=(",", ":")))


def _operation(context: ModelContext) -> Iterator[str]:
    yield from ("--shutdown-timeout", str(context.drain_s))
    if context.defaults.scheduling_policy is not None:
        # Shadow requests go last; without it an engine takes no priority, or refuses it. It does not
        # depend on the samples being on: they can be switched without a restart.
        yield from ("--scheduling-policy", context.defaults.scheduling_policy)
