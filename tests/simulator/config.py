"""What a simulator can be told, from code or on the command line."""

from __future__ import annotations

import argparse
import enum
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

VLLM_VERSION = "0.32.0"


class Loading(enum.Enum):
    """How the engine behaves until its model is loaded."""

    REFUSE = "refuse"
    """The port is closed, as with vLLM."""

    ANSWER_503 = "503"
    """The port is open, every route answers 503: what a proxy in front of it may make of it."""


@dataclass(frozen=True)
class SimConfig:
    model: str = "sim"
    host: str = "127.0.0.1"
    port: int = 0
    """0: a free one."""

    api_keys: tuple[str, ...] = ()
    """Empty: no authentication."""

    ttft_ms: float = 0.0
    """Time to the first token, without prefill."""

    itl_ms: float = 0.0
    """Time between tokens."""

    jitter: float = 0.0
    """0 to 1: every delay is drawn from delay * (1 - jitter) to delay * (1 + jitter)."""

    prefill_ms_per_token: float = 0.0
    """For prompt tokens that are not in the prefix cache."""

    startup_delay_s: float = 0.0
    loading: Loading = Loading.REFUSE
    shutdown_timeout_s: float = 0.0
    """How long requests in flight may go on after the stop; 0 aborts them, vLLM's default."""

    seed: int | None = None
    """Makes the random answers (temperature above 0, no seed) repeatable from run to run."""

    kv_blocks: int = 4096
    block_size: int = 16
    max_model_len: int = 8192
    max_num_seqs: int = 256
    default_temperature: float = 1.0
    default_top_p: float = 1.0
    prompt_tokens_details: bool = True
    """--enable-prompt-tokens-details, which is off in vLLM unless asked for."""

    embeddings: bool = True
    """Serve /v1/embeddings beside the generating routes (vLLM does either)."""

    embedding_dimensions: int = 64
    lora_updating: bool = True
    """VLLM_ALLOW_RUNTIME_LORA_UPDATING."""

    dev_mode: bool = True
    """VLLM_SERVER_DEV_MODE: /sleep, /wake_up, /is_sleeping, /reset_prefix_cache."""

    request_id_headers: bool = False
    """--enable-request-id-headers."""

    fault: str = ""
    """A fault of faults.py for every request that names none itself."""

    fault_rate: float = 1.0
    """0 to 1: the share of requests that ``fault`` hits."""

    nondeterminism: float = 0.0
    """0 to 1: the share of temperature-0 answers that come out differently, as batching does."""

    revision: str = ""
    """Another revision gives other answers, as new weights do; can be changed while it runs."""

    keep_alive_s: float = 5.0
    answers: Mapping[str, str] = field(default_factory=dict)
    """Fixed answers, by the last user message."""


def from_arguments(arguments: Sequence[str] | None = None) -> SimConfig:
    """Every field of SimConfig is an option; --api-key may be repeated, --answers names a file."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.simulator", description=(__doc__ or "").strip()
    )
    default = SimConfig()
    special = {"api_keys", "answers", "loading", "seed", "port", "model"}
    parser.add_argument("--model", default=default.model)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--api-key", action="append", default=[], dest="api_keys")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--loading", type=Loading, default=default.loading)
    parser.add_argument("--answers", type=Path, help='JSON file: {"question": "answer"}')
    for item in fields(SimConfig):
        if item.name in special:
            continue
        value = getattr(default, item.name)
        option = "--" + item.name.replace("_", "-")
        if isinstance(value, bool):
            parser.add_argument(option, action=argparse.BooleanOptionalAction, default=value)
        else:
            parser.add_argument(option, type=type(value), default=value)
    given = vars(parser.parse_args(arguments))
    given["api_keys"] = tuple(given["api_keys"])
    given["answers"] = json.loads(given["answers"].read_text()) if given["answers"] else {}
    return SimConfig(**given)
