"""The console command `llmcache`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Final

from . import download_weights, export_model
from .calibrating import command as calibrating
from .errors import ToolError
from .replay import command as quality

EXIT_INTERRUPTED: Final = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code."""
    parser = argparse.ArgumentParser(prog="llmcache", description="Tools for LLMCache.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    download_weights.add_to(commands)
    export_model.add_to(commands)
    quality.add_to(commands)
    calibrating.add_to(commands)
    parsed = parser.parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except BrokenPipeError:  # who read has gone; the rest of what was printed goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ToolError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return EXIT_INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
