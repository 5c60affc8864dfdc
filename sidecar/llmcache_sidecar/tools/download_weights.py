"""`llmcache download-weights MODEL --cache DIR`: a model's weights into a hub cache, once.

The init container of an engine runs it. Pods that share a volume share a lock on it: one downloads,
the others wait. What is complete is never asked for again, so that a restart needs no hub and no
branch moves under a running model.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import ToolError

if TYPE_CHECKING:
    from argparse import _SubParsersAction

PACKAGES = "pip install 'llmcache[sidecar]'"


def add_to(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "download-weights",
        help="download a model's weights into a hub cache",
        description="Download a model's weights into a hub cache, under a lock, and tell how far it is.",
    )
    parser.add_argument("model", metavar="MODEL", help="its name on the hub")
    parser.add_argument("--cache", required=True, type=Path, metavar="DIR", help="the hub cache")
    parser.add_argument("--revision", default="main", help="commit, tag or branch (default main)")
    parser.add_argument(
        "--also",
        action="append",
        default=[],
        metavar="MODEL",
        help="another one, such as an adapter",
    )
    parser.add_argument("--token-file", type=Path, metavar="FILE", help="holds a token for the hub")
    parser.add_argument(
        "--progress-file", type=Path, metavar="FILE", help="where to write how far it is, as JSON"
    )
    parser.add_argument(
        "--every",
        type=_seconds,
        default=5.0,
        metavar="S",
        help="seconds between two words of progress",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Download what is missing."""
    try:
        from . import downloading
    except ImportError as error:
        raise ToolError(
            f"download-weights needs the package {error.name}, which is not installed: {PACKAGES}"
        ) from None
    token = None if arguments.token_file is None else _read_token(arguments.token_file)
    wanted = [(arguments.model, arguments.revision), *((name, "main") for name in arguments.also)]
    teller = downloading.Teller(arguments.progress_file, arguments.every)
    for model, revision in wanted:
        downloading.fetch(model, revision, arguments.cache, token, teller)
    teller.done()
    return 0


def _read_token(path: Path) -> str:
    try:
        token = path.read_bytes().strip()
    except OSError as error:
        raise ToolError(f"can't read the token in {path}: {error.strerror}") from None
    # Checked here, since a client that can't send it shows it in its error.
    if not re.fullmatch(rb"[!-~]+", token):
        raise ToolError(f"{path} holds no token: one line of ASCII without spaces")
    return token.decode()


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.1 <= seconds <= 86_400:
        raise argparse.ArgumentTypeError("takes seconds from 0.1 to 86400")
    return seconds
