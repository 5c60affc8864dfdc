"""The console command `llmcache`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from . import download_weights, export_model
from .errors import ToolError
from .replay import command as quality


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code."""
    parser = argparse.ArgumentParser(prog="llmcache", description="Tools for LLMCache.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    download_weights.add_to(commands)
    export_model.add_to(commands)
    quality.add_to(commands)
    parsed = parser.parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except ToolError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
