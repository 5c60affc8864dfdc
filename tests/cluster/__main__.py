"""Clusters for tests and for a look: `python -m tests.cluster COMMAND`.

control-plane   an API server with its controllers, until Ctrl-C
up              a cluster that runs pods, with the operator and an example (make cluster)
down            ends it (make cluster-down)
demo            drives an FAQ bot's traffic through it (make demo-cluster)
environment     what the end-to-end tests want to be told of it, for `eval` in a shell
serve           holds the cluster of `up`
"""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
import threading
import time
from pathlib import Path

from tests.charts.helm import Helm, HelmError
from tests.foreground import end_on_sigterm

from . import kind, standing
from .building import BuildError, build, version
from .control_plane import ControlPlane
from .demo import drive_cluster
from .images import archives
from .installing import NAMESPACE, SYSTEM, Images, apply_faq_bot, install_chart
from .kubectl import Kubectl
from .processes import ClusterError
from .tools import ToolError


def _control_plane() -> int:
    left = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: left.set())
    with ControlPlane() as control_plane:
        print(f"export KUBECONFIG={control_plane.kubeconfig}", flush=True)
        print("ready; Ctrl-C stops it", file=sys.stderr, flush=True)
        left.wait()
    return 0


def _up() -> int:
    started = time.monotonic()

    def step(what: str) -> None:
        print(f"==> {what} ({time.monotonic() - started:.0f} s)", flush=True)

    if kind.available():
        step("Docker answers: a cluster by kind")
        kubeconfig, images = kind.up()
    else:
        step("no Docker engine: a cluster of our own, with a real kubelet and containerd")
        archives()
        step(f"images are built; Kubernetes {version()} next, from its sources")
        build()
        step("starting the cluster")
        kubeconfig, images = standing.up(), Images()
    step("installing the operator with Helm")
    install_chart(Helm(kubeconfig, SYSTEM), images.values())
    step("applying examples/faq-bot.yaml, with a simulated engine on mocked GPUs")
    apply_faq_bot(kubeconfig)
    step("Ready")
    print(Kubectl(kubeconfig, NAMESPACE)("get", "llmc", "-o", "wide"))
    print(f"export KUBECONFIG={kubeconfig}")
    print("kubectl port-forward service/faq-llama 8000 &")
    print("curl -s http://127.0.0.1:8000/v1/models")
    print("make demo-cluster drives an FAQ bot's day through it; make cluster-down ends it")
    return 0


def _down() -> int:
    if kind.available() and kind.down():
        print("the cluster of kind is gone")
    elif standing.down():
        print("the cluster is gone; images and binaries stay in the cache")
    else:
        print("no cluster stands")
    return 0


def _demo() -> int:
    return drive_cluster(_standing_kubeconfig())


def _environment() -> int:
    path = _standing_kubeconfig()
    by_kind = kind.available()
    told = {
        "KUBECONFIG": str(path),
        "LLMCACHE_E2E_NODE_SHELL": "docker exec {node}" if by_kind else "env",
        **({} if by_kind else {"LLMCACHE_E2E_NETWORK_POLICIES": "enforced"}),
        **(kind.PUBLISHED if by_kind else Images()).environment(),
    }
    for name, value in told.items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def _standing_kubeconfig() -> Path:
    path = kind.kubeconfig() if kind.available() else standing.kubeconfig()
    if not path.exists():
        raise ClusterError("no cluster stands; make cluster makes one")
    return path


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.cluster",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "command", choices=["control-plane", "up", "down", "demo", "environment", "serve"]
    )
    known = parser.parse_args()
    end_on_sigterm()  # and with us what is being built
    try:
        match known.command:
            case "control-plane":
                return _control_plane()
            case "up":
                return _up()
            case "down":
                return _down()
            case "demo":
                return _demo()
            case "environment":
                return _environment()
            case _:
                standing.serve()
                return 0
    except (BuildError, ClusterError, HelmError, ToolError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
