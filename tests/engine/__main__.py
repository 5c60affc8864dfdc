"""Serve the tiny model with the real vLLM until Ctrl-C: ``python -m tests.engine --help``."""

from __future__ import annotations

import argparse
import signal
import sys
import threading

from tests.engine.launch import EngineError, EngineOptions, Kind, RealEngine


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.engine", description=__doc__)
    parser.add_argument("--port", type=int, help="default: a free one")
    parser.add_argument("--model", default="tiny", help="the name to serve the model under")
    parser.add_argument("--api-key")
    parser.add_argument("--embed", action="store_true", help="an engine for /v1/embeddings")
    parser.add_argument("arguments", nargs="*", help="more arguments for vLLM, after --")
    given = parser.parse_args()
    options = EngineOptions(
        kind=Kind.EMBED if given.embed else Kind.GENERATE,
        model=given.model,
        api_key=given.api_key,
        port=given.port,
        arguments=tuple(given.arguments),
    )
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    try:
        with RealEngine(options) as engine:
            print(engine.url, flush=True)
            while not done.wait(1.0):
                if engine.ended():
                    print(f"vLLM ended; see {engine.log_file}", file=sys.stderr)
                    return 1
    except EngineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
