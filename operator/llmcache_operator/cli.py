"""The command line."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from .app.logs import LogFormat, set_up_logs
from .app.operator import LeadershipLost, run
from .app.settings import Settings
from .cluster.errors import ClusterError

log = logging.getLogger(__name__)

_SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


def parser() -> argparse.ArgumentParser:
    """All flags."""
    found = argparse.ArgumentParser(
        prog="llmcache-operator",
        description="Turns LLMCache resources into models, caches and stores on Kubernetes. In a pod "
        "it uses the pod's service account, elsewhere the kubeconfig (KUBECONFIG).",
    )
    found.add_argument(
        "--watch-namespace",
        action="append",
        default=[],
        metavar="NAMESPACE",
        help="look after the LLMCaches of this namespace only; repeat for more. Needs no rights "
        "outside of them (default: all namespaces)",
    )
    found.add_argument(
        "--listen",
        default=":8080",
        type=_address,
        metavar="[HOST]:PORT",
        help="where /healthz, /readyz and /metrics are served (default: :8080)",
    )
    found.add_argument(
        "--lease",
        default="llmcache-operator",
        metavar="NAME",
        help="Lease that decides which replica acts, in the operator's own namespace "
        "(default: llmcache-operator)",
    )
    found.add_argument(
        "--no-lease", action="store_true", help="act without one: for a single operator on a laptop"
    )
    found.add_argument(
        "--namespace",
        default=os.environ.get("POD_NAMESPACE") or _own_namespace(),
        help="the operator's own namespace (default: POD_NAMESPACE, the service account's, default)",
    )
    found.add_argument(
        "--workers", type=int, default=8, help="LLMCaches worked on at once (default: 8)"
    )
    found.add_argument(
        "--resync-seconds",
        type=float,
        default=600.0,
        help="look at every LLMCache at least this often (default: 600)",
    )
    found.add_argument(
        "--poll-seconds",
        type=float,
        default=30.0,
        help="ask the sidecars of every LLMCache for their figures this often (default: 30)",
    )
    found.add_argument(
        "--secrets-seconds",
        type=float,
        default=60.0,
        help="ask this often whether the Secrets that were made are still there (default: 60)",
    )
    found.add_argument(
        "--check-seconds",
        type=float,
        default=60.0,
        help="compare what the watch of LLMCaches delivered with a listing this often (default: 60)",
    )
    for part, what in (
        ("sidecar", "the caching sidecar"),
        ("engine", "vLLM"),
        ("redis", "managed Redis"),
        ("qdrant", "managed Qdrant"),
    ):
        found.add_argument(
            f"--{part}-image",
            metavar="IMAGE",
            help=f"image of {what} where an LLMCache names none (default: the renderer's)",
        )
    found.add_argument("--log-level", default="info", choices=("debug", "info", "warning", "error"))
    found.add_argument(
        "--log-format",
        default=LogFormat.JSON,
        type=LogFormat,
        choices=tuple(LogFormat),
        help="json for machines, text for people (default: json)",
    )
    return found


def settings_of(arguments: argparse.Namespace) -> Settings:
    """The settings that the flags mean."""
    images = {
        part: image
        for part in ("sidecar", "engine", "redis", "qdrant")
        if (image := getattr(arguments, f"{part}_image"))
    }
    return Settings(
        listen=arguments.listen,
        namespaces=tuple(dict.fromkeys(arguments.watch_namespace)),
        lease=None if arguments.no_lease else arguments.lease,
        namespace=arguments.namespace,
        # A restarted pod keeps its name, and must not take its former self for itself.
        identity=f"{os.environ.get('POD_NAME') or socket.gethostname()}_{secrets.token_hex(4)}",
        workers=max(1, arguments.workers),
        resync_s=max(1.0, arguments.resync_seconds),
        poll_s=max(1.0, arguments.poll_seconds),
        secrets_s=max(1.0, arguments.secrets_seconds),
        check_s=max(1.0, arguments.check_seconds),
        images=images,
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the operator until SIGTERM; the exit code."""
    arguments = parser().parse_args(argv)
    set_up_logs(arguments.log_level, arguments.log_format)
    try:
        asyncio.run(_main(settings_of(arguments)))
    except LeadershipLost as error:
        log.error("%s", error)
        return 1
    except (ClusterError, OSError) as error:
        log.error("the operator can't start: %s", error)
        return 1
    except ExceptionGroup as group:
        # One of the tasks that run for ever has ended: a new process starts from what there is.
        for one in group.exceptions:
            log.error("the operator ends: %s", one, exc_info=one)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


async def _main(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    await run(settings, stop)


def _address(text: str) -> tuple[str, int]:
    host, separator, port = text.rpartition(":")
    if not separator or not port.isdigit():
        raise argparse.ArgumentTypeError(f"{text} is not [HOST]:PORT, such as :8080")
    return host.strip("[]"), int(port)


def _own_namespace() -> str:
    try:
        return _SERVICE_ACCOUNT.read_text(encoding="utf-8").strip()
    except OSError:
        return "default"


if __name__ == "__main__":
    sys.exit(main())
