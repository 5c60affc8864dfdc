"""An FAQ bot's day through the cluster, and what the resource's status says of it."""

from __future__ import annotations

import asyncio
import contextlib
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import aiohttp

from tests.demo.figures import drive
from tests.demo.questions import stream
from tests.demo.talk import Line

from .installing import NAMESPACE
from .kubectl import Kubectl
from .processes import ClusterError

REQUESTS: Final = 600
_FORWARDED: Final = re.compile(r"Forwarding from 127\.0\.0\.1:(\d+)")
_STATUS_WAIT_S: Final = 150.0
_LEDGER: Final = "ledger"


def drive_cluster(kubeconfig: Path) -> int:
    """Drive it; the exit code."""
    kubectl = Kubectl(kubeconfig, NAMESPACE)
    with _forwarded(kubectl, "service/faq-llama", 8000) as port:
        failed = asyncio.run(_drive(f"http://127.0.0.1:{port}"))
    print("  waiting until the operator has read the sidecars", flush=True)
    _wait_for_figures(kubectl)
    print(_table(kubectl.json("get", "llmc", "faq")["status"]))
    print(kubectl("get", "llmc", "faq", "-o", "wide"))
    print(f"failed requests: {failed}")
    return 1 if failed else 0


async def _drive(url: str) -> int:
    timeout = aiohttp.ClientTimeout(total=120)
    async with aiohttp.ClientSession(url, timeout=timeout) as session:
        line = Line(session, url, "llama", "")
        print(f"An FAQ bot's day: {REQUESTS} questions, four at a time, every third streamed")
        run = await drive("through the cluster", line, stream(REQUESTS, seed=7), session)
    return sum(heard.status != 200 for heard in run.heard)


@contextlib.contextmanager
def _forwarded(kubectl: Kubectl, target: str, port: int) -> Iterator[int]:
    process = subprocess.Popen(
        kubectl.command("port-forward", target, f":{port}"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=kubectl.environment,
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        match = _FORWARDED.search(said)
        if match is None:
            raise ClusterError(f"kubectl port-forward {target}: {said}")
        yield int(match[1])
    finally:
        process.terminate()
        process.wait(10)


def _wait_for_figures(kubectl: Kubectl) -> None:
    """The status follows within a minute and a little."""
    until = time.monotonic() + _STATUS_WAIT_S
    while time.monotonic() < until:
        cache = kubectl.json("get", "llmc", "faq")["status"].get("cache") or {}
        if cache.get("requests", 0) >= REQUESTS:
            return
        time.sleep(3)


def _shown(value: Any) -> str:
    """A figure; one that was judged by samples with their number, which says what it is worth."""
    if not isinstance(value, dict):
        return str(value)
    return (
        f"{value.get('percent', 'unknown')} % of {value.get('samples', 0)} judged, "
        f"between {value.get('low', '?')} and {value.get('high', '?')} %: {value.get('state')}"
    )


def _table(status: dict[str, Any]) -> str:
    cache = status.get("cache") or {}
    rows = [("figure, from kubectl get llmc faq -o yaml", "")]
    rows += [
        (f"cache.{name}", _shown(value))
        for name, value in cache.items()
        if name != _LEDGER  # the operator's own notes, for nobody to read
    ]
    rows += [
        (f"models.{model['name']}.prefixHitRate", str(model.get("prefixHitRate", "unknown")))
        for model in status.get("models", ())
    ]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"  {name:<{width}}  {value}" for name, value in rows)
