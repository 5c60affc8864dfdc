"""Every lane of the test suite, one after the other: `python -m tests.lanes [LANE ...]`.

A lane that this machine can't run is named at the end with the reason. With CI=true that is a
failure: a lane must not pass by not running.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests import foreground
from tests.e2e import __main__ as e2e
from tests.engine import install as engine
from tests.sidecar.embeddings import torch_venv

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
GRACE_S = e2e.GRACE_S + 60.0
"""For a lane to end when told to: the longest has tests that end, and then a cluster."""


@dataclass(frozen=True)
class Lane:
    """One lane.

    Attributes:
        commands: run in order; the first that fails fails the lane.
        missing: why this machine can't run it, or None.
    """

    name: str
    what: str
    commands: tuple[tuple[str, ...], ...]
    missing: Callable[[], str | None] = lambda: None


def engine_missing() -> str | None:
    """Why the real vLLM can't be had here."""
    if engine.up_to_date():
        return None
    try:
        engine.torch_source()
    except engine.InstallError as error:
        return str(error)
    return None


def _bin(name: str) -> str:
    return str(Path(PYTHON).parent / name)


def _pytest(marks: str, *more: str, reruns: int = 1) -> tuple[str, ...]:
    """A failed test is tried again (a busy machine is late now and then), and named at the end. That
    costs each test of several workers some milliseconds, so it is for lanes with processes."""
    again = ("-rR", f"--reruns={reruns}", f"--reruns-delay={reruns}") if reruns else ()
    return (PYTHON, "-m", "pytest", "-q", *again, "-m", marks, *more)


_SCHEMA = (PYTHON, "-m", "llmcache_api.resource.schema")

LANES = (
    Lane(
        "lint",
        "ruff, mypy --strict, import contracts",
        (
            (_bin("ruff"), "check", "--quiet", "."),
            (_bin("ruff"), "format", "--check", "--quiet", "."),
            (_bin("mypy"), "crds", "sidecar", "operator", "tests"),
            (_bin("lint-imports"), "--no-logo"),
        ),
    ),
    Lane(
        "verify",
        "generated files are what their sources say",
        (
            (PYTHON, "-m", "llmcache_api.reference", "--check", "docs/reference.md"),
            (PYTHON, "-m", "llmcache_api.reference", "--resource", "--check", "docs/resource.md"),
            (*_SCHEMA, "--check", "crds/llmcache.dev_llmcaches.yaml"),
            (*_SCHEMA, "--chart", "--check", "charts/llmcache/templates/crd.yaml"),
            (PYTHON, "-m", "tests.operator.rendering.golden", "--check"),
            (PYTHON, "-m", "tests.operator.api_server.toggles", "--check"),
            (PYTHON, "-m", "tests.quality.calibrating", "--check"),
        ),
    ),
    Lane(
        "fast",
        "everything that needs no process of its own",
        (
            _pytest(
                "not process and not stores and not vllm and not torch "
                "and not faults and not charts and not cluster and not e2e and not quality "
                "and not clients",
                # A third of the time a test waits for a clock: three keep two cores busy.
                "--numprocesses=3",
                "--dist=worksteal",
                reruns=0,
            ),
        ),
    ),
    Lane(
        "quality",
        "pairs by hand: near misses are not served, and most paraphrases are",
        (_pytest("quality", "--numprocesses=2", "tests/quality", reruns=0),),
    ),
    Lane(
        "charts",
        "the Helm chart: lint, unit tests, values, metrics, examples",
        (
            (PYTHON, "-m", "tests.charts.helm_unittest"),
            _pytest("charts and not cluster", "tests/charts"),
        ),
    ),
    Lane("process", "the sidecar as a process: start, reload, leave", (_pytest("process"),)),
    Lane(
        "clients",
        "clients of other makes, in Node, Go and Python, through the sidecar",
        (
            (PYTHON, "-m", "tests.clients.install"),
            _pytest("clients", "--numprocesses=2", "tests/clients"),
        ),
    ),
    Lane("stores", "real Valkey: plain, TLS, Sentinel, Cluster", (_pytest("stores and not vllm"),)),
    Lane(
        "cluster",
        "a real Kubernetes API server with its controllers",
        (_pytest("cluster"),),
    ),
    Lane(
        "faults",
        "things break on purpose, and clients do not notice",
        (_pytest("faults"),),
    ),
    Lane(
        "e2e",
        "a cluster that runs pods: Helm, kubectl, requests through Services, bad days",
        ((PYTHON, "-m", "tests.e2e", "--quick", "--reruns=1"),),
        e2e.missing,
    ),
    Lane(
        "torch",
        "embedding models against their reference, and the export of one",
        (
            (
                PYTHON,
                "-m",
                "tests.sidecar.embeddings.torch_venv",
                "-m",
                "pytest",
                "-q",
                "-m",
                "torch",
                "tests/sidecar/embeddings",
            ),
        ),
        torch_venv.missing,
    ),
    Lane(
        "vllm",
        "a real vLLM on this CPU: conformance",
        (
            (PYTHON, "-m", "tests.engine.install"),
            _pytest("vllm", "tests/engine", reruns=2),
        ),
        engine_missing,
    ),
    Lane(
        "e2e-vllm",
        "a real vLLM under the operator, on a cluster that runs pods",
        (
            (PYTHON, "-m", "tests.engine.install"),
            (PYTHON, "-m", "tests.e2e", "--real-vllm", "--reruns=1"),
        ),
        lambda: e2e.missing() or engine_missing(),
    ),
    Lane(
        "sdk",
        "the real SDKs through the sidecar to a real vLLM",
        (
            (PYTHON, "-m", "tests.engine.install"),
            _pytest("vllm", "--numprocesses=2", "tests/sdk", reruns=3),
        ),
        engine_missing,
    ),
)


def run(lane: Lane) -> bool:
    """Run one lane; whether it passed."""
    # What one lane compiled the next one reads: eight seconds of each process that collects tests.
    compiling = {n: v for n, v in os.environ.items() if n != "PYTHONDONTWRITEBYTECODE"}
    for command in lane.commands:
        shown = " ".join(Path(part).name if part.startswith("/") else part for part in command)
        print(f"--> {shown}", flush=True)
        if foreground.run(command, grace_s=GRACE_S, folder=ROOT, environment=compiling):
            return False
    return True


def main(names: Sequence[str]) -> int:
    """Run the named lanes, or all; the exit code."""
    foreground.end_on_sigterm()
    known = {lane.name: lane for lane in LANES}
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"there is no lane {', '.join(unknown)}; there are {', '.join(known)}")
        return 2
    failed, not_run = [], []
    for lane in [known[name] for name in names] or LANES:
        reason = lane.missing()
        if reason is not None:
            not_run.append((lane, reason))
            continue
        print(f"\n==> {lane.name}: {lane.what}", flush=True)
        started = time.monotonic()
        passed = run(lane)
        print(
            f"==> {lane.name} {'passed' if passed else 'FAILED'} "
            f"after {time.monotonic() - started:.0f} s",
            flush=True,
        )
        if not passed:
            failed.append(lane)
    print()
    for lane, reason in not_run:
        print(f"==> {lane.name} ({lane.what}) was not run: {reason}")
    if failed:
        print(f"==> failed: {', '.join(lane.name for lane in failed)}")
    in_ci = os.environ.get("CI", "").lower() == "true"
    if not_run and in_ci:
        print("==> with CI=true a lane that is not run is a failure")
    return 1 if failed or (not_run and in_ci) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
