"""`python -m tests.cluster control-plane`: a control plane until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
import threading

from .building import BuildError
from .control_plane import ControlPlane
from .processes import ClusterError


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.cluster", description=__doc__)
    parser.add_argument("mode", choices=["control-plane"])
    parser.parse_args()
    left = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: left.set())
    try:
        with ControlPlane() as control_plane:
            print(f"export KUBECONFIG={control_plane.kubeconfig}", flush=True)
            print("ready; Ctrl-C stops it", file=sys.stderr, flush=True)
            left.wait()
    except (BuildError, ClusterError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
