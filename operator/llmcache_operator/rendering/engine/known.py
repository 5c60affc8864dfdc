"""What `vllm serve` takes, version by version, as vLLM's own parser says it.

The files in `command_lines` are written by `tests/engine/command_line.py`, run by each version.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class CommandLine:
    """The command line of one minor version.

    Attributes:
        flags: all that it takes, hidden ones among them.
        choices: values of the flags that take one of a list.
    """

    version: str
    flags: frozenset[str]
    choices: Mapping[str, frozenset[str]]
    quantization: frozenset[str]
    tool_call_parsers: frozenset[str]
    reasoning_parsers: frozenset[str]

    def knows(self, flag: str) -> bool:
        """Whether it takes the flag; like vLLM's parser it understands abbreviations."""
        return flag in self.flags or any(known.startswith(flag) for known in self.flags)


@cache
def command_line(minor: int) -> CommandLine | None:
    """That of vLLM 0.`minor`; None where it has not been read."""
    try:
        text = files(__package__).joinpath(f"command_lines/0.{minor}.json").read_text("utf-8")
    except FileNotFoundError:
        return None
    known = json.loads(text)
    return CommandLine(
        version=known["version"],
        flags=frozenset(known["flags"]),
        choices={flag: frozenset(values) for flag, values in known["choices"].items()},
        quantization=frozenset(known["quantization"]),
        tool_call_parsers=frozenset(known["toolCallParsers"]),
        reasoning_parsers=frozenset(known["reasoningParsers"]),
    )
