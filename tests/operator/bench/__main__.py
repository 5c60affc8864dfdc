"""`python -m tests.operator.bench`: prints the figures as a table."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.cluster import kwok
from tests.cluster.control_plane import ControlPlane

from ..api_server.conftest import install_crd, new_namespace
from ..api_server.kube import Kube
from ..api_server.manifests import llmcache
from ..api_server.operator_process import OperatorProcess
from .audit import AuditLog, policy
from .measuring import Population, quantile

USER = "llmcache-bench-operator"
NAMESPACE = "bench"


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.operator.bench", description=__doc__)
    parser.add_argument("--caches", type=int, default=500, help="LLMCaches at rest")
    parser.add_argument("--singles", type=int, default=50, help="applied one by one after that")
    parser.add_argument("--idle-seconds", type=int, default=120, help="how long it is watched idle")
    parser.add_argument("--foreign-pods", type=int, default=10_000, help="pods of somebody else")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="llmcache-bench-") as place:
        folder = Path(place)
        audit = AuditLog(folder / "audit.log", USER)
        flags = (f"--audit-policy-file={policy(folder, USER)}", f"--audit-log-path={audit.path}")
        with ControlPlane(api_server_flags=flags) as control_plane:
            kube = Kube(control_plane)
            say("nodes", 0)
            kwok.start(control_plane, nodes=20, gpus=100)
            install_crd(kube)
            new_namespace(kube, NAMESPACE)
            who = control_plane.client("bench-operator", USER, ("system:masters",))
            with OperatorProcess(
                who.kubeconfig, ("--poll-seconds", "3600"), folder=folder
            ) as operator:
                _measure(given, kube, audit, operator)
    return 0


def _measure(
    given: argparse.Namespace, kube: Kube, audit: AuditLog, operator: OperatorProcess
) -> None:
    population = Population(kube, NAMESPACE)
    started = time.monotonic()
    population.create(llmcache(NAMESPACE, f"c{n}") for n in range(given.caches))
    population.wait_ready(given.caches)
    row(
        f"{given.caches} LLMCaches at once, until all are Ready",
        f"{time.monotonic() - started:.0f} s",
    )

    half = given.idle_seconds // 2
    for which in ("first", "second"):
        before = audit.mark()
        time.sleep(half)
        row(f"writes in the {which} {half} s after that", told(audit.writes_since(before)))

    times = [population.until_children(llmcache(NAMESPACE, f"s{n}")) for n in range(given.singles)]
    row("one apply to all children, p50", f"{quantile(times, 0.5):.2f} s")
    row("one apply to all children, p99", f"{quantile(times, 0.99):.2f} s")
    population.wait_ready(given.caches + given.singles)

    before = audit.mark()
    more = {"resources": {"requests": {"cpu": "300m"}}}
    kube.patch("llmcaches", NAMESPACE, "c0", {"spec": {"sidecar": more}})
    time.sleep(15)
    touched = audit.names_since(before)
    row("objects written by an edit of one", ", ".join(sorted(touched)))

    row("operator's memory", f"{operator_memory(operator.pid):.0f} MB")
    population.create_foreign_pods(given.foreign_pods)
    time.sleep(20)
    row(
        f"the same beside {given.foreign_pods} foreign pods",
        f"{operator_memory(operator.pid):.0f} MB",
    )


def told(writes: Sequence[Mapping[str, str]]) -> str:
    """How many, and of what."""
    kinds = Counter(
        "/".join(part for part in (write["resource"], write["subresource"]) if part)
        for write in writes
    )
    return ", ".join([str(len(writes)), *(f"{number} {kind}" for kind, number in kinds.items())])


def operator_memory(pid: int) -> float:
    """Resident memory in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"process {pid} has no memory")


def row(name: str, value: str) -> None:
    """One figure."""
    print(f"| {name} | {value} |", flush=True)


def say(what: str, seconds: float) -> None:
    """Progress."""
    print(f"  {what} ({seconds:.0f} s)", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
