"""The simulator behind vLLM's own command line, for pods: `vllm serve MODEL --host ... --port ...`.

It takes the flags that the operator renders, refuses those that vLLM does not have (a misspelt flag
ends vLLM too), and acts on those that a client can notice. What only a simulator has is told by
environment variables: LLMCACHE_SIMULATOR_TTFT_MS=30 is the simulator's --ttft-ms 30.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tests.simulator.__main__ import run
from tests.simulator.config import SimConfig, from_arguments

_PREFIX: Final = "LLMCACHE_SIMULATOR_"

_TAKEN: Final = (
    "--revision", "--dtype", "--quantization", "--gpu-memory-utilization",
    "--prefix-caching-hash-algo", "--kv-offloading-size", "--kv-offloading-backend",
    "--kv-events-config", "--max-lora-rank", "--max-loras", "--chat-template", "--tool-call-parser",
    "--reasoning-parser", "--scheduling-policy", "--download-dir", "--generation-config",
    "--max-num-batched-tokens",
)  # fmt: skip
_SWITCHES: Final = (
    "--enable-prefix-caching", "--no-enable-prefix-caching", "--enable-lora", "--enforce-eager",
    "--enable-auto-tool-choice", "--enable-request-id-headers",
)  # fmt: skip
"""Flags that change nothing that a simulator has."""


def config(arguments: Sequence[str], environment: Mapping[str, str]) -> SimConfig:
    """The simulator that answers as `vllm` with these arguments would; SystemExit 2 as from vLLM."""
    given = vars(_parser().parse_args(arguments))
    names = given["served_model_name"] or [given["model"]]
    options: dict[str, Any] = {
        "model": names[0],
        "host": given["host"],
        "port": given["port"],
        "max_num_seqs": given["max_num_seqs"],
        "shutdown_timeout_s": given["shutdown_timeout"],
    }
    if given["max_model_len"] is not None:
        options["max_model_len"] = given["max_model_len"]
    if given["block_size"] is not None:
        options["block_size"] = given["block_size"]
    if given["no_enable_prefix_caching"]:
        options["kv_blocks"] = 0
    overridden = json.loads(given["override_generation_config"] or "{}")
    if "temperature" in overridden:
        options["default_temperature"] = overridden["temperature"]
    details = given["enable_prompt_tokens_details"]
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    flags.append("--prompt-tokens-details" if details else "--no-prompt-tokens-details")
    for name, value in environment.items():
        if name.startswith(_PREFIX):
            flags.append(f"--{name.removeprefix(_PREFIX).lower().replace('_', '-')}={value}")
    return from_arguments(flags)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vllm", allow_abbrev=False)
    parser.add_argument("command", choices=["serve"])
    parser.add_argument("model")
    parser.add_argument("--host", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--served-model-name", nargs="+")
    parser.add_argument("--max-model-len", type=int)
    parser.add_argument("--block-size", type=int)
    parser.add_argument("--max-num-seqs", type=int, default=256)
    parser.add_argument("--tensor-parallel-size", type=int)
    parser.add_argument("--shutdown-timeout", type=float, default=0.0)
    parser.add_argument("--override-generation-config")
    parser.add_argument("--enable-prompt-tokens-details", action="store_true")
    parser.add_argument("--lora-modules", nargs="+")
    for flag in _TAKEN:
        parser.add_argument(flag)
    for flag in _SWITCHES:
        parser.add_argument(flag, action="store_true")
    return parser


def main() -> None:
    """Serve until SIGTERM."""
    run(config(sys.argv[1:], os.environ))


if __name__ == "__main__":
    main()
