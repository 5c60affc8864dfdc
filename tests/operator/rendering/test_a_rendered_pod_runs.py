"""An engine's pod without a cluster: its containers' own commands, as processes on this machine."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.ports import free_ports
from tests.sidecar.stores.servers import wait_until

from .caches import engine, named, one, pod_of, rendered

pytestmark = pytest.mark.process

TOKEN = "admin-token"
SPEC = {
    **engine(
        model="/models/llama",
        servedNames=["llama"],
        defaultTemperature=0.0,
        prefixCaching={"isolation": "Tenant"},
    ),
    "auth": {"mode": "Keys", "keysFrom": [{"name": "callers"}]},
    "responseCache": {"semantic": {"mode": "Off"}},
    "stores": {"memory": {}, "vectors": {"memory": {}}},
}


@dataclass
class Pod:
    """What runs, and how to reach it."""

    spec: dict[str, Any]
    moved: dict[str, str]
    data: int
    admin: int

    def here(self, command: list[str]) -> list[str]:
        """A container's command with its paths, ports and programs as they are on this machine."""
        return [_moved(part, self.moved) for part in command]

    def run(self, command: list[str]) -> int:
        """Run a probe or a hook; its exit code."""
        return subprocess.run(_program(self.here(command)), timeout=60, check=False).returncode

    def chat(self, key: str = "alpha") -> tuple[int, dict[str, str]]:
        """Ask; status and headers."""
        body = json.dumps({"model": "llama", "messages": [{"role": "user", "content": "Hours?"}]})
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
        return self.ask(self.data, "POST", "/v1/chat/completions", body, headers)

    def ask(
        self,
        port: int,
        method: str,
        path: str,
        body: str = "",
        headers: dict[str, str] | None = None,
    ) -> tuple[int, dict[str, str]]:
        """One request on a connection of its own; status and headers (names in lower case)."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            response.read()
            return response.status, {n.lower(): v for n, v in response.getheaders()}
        finally:
            connection.close()


def _moved(text: str, moved: dict[str, str]) -> str:
    for old, new in moved.items():
        text = text.replace(old, new)
    return text


def _program(command: list[str]) -> list[str]:
    programs = {
        "vllm": [sys.executable, "-m", "tests.simulator.vllm_command"],
        "llmcache-sidecar": [sys.executable, "-m", "llmcache_sidecar"],
        "python3": [sys.executable],
    }
    return [*programs.get(command[0], command[:1]), *command[1:]]


@pytest.fixture
def pod(tmp_path: Path) -> Iterator[Pod]:
    rendering = rendered(SPEC)
    spec = pod_of(one(rendering, "Deployment", "support-llama"))
    vllm, data, admin = free_ports(3)
    moved = {
        "/etc/llmcache": str(tmp_path / "etc"),
        "8000": str(vllm),
        "8080": str(data),
        "8081": str(admin),
    }
    for path, text in {
        "config/sidecar.yaml": one(rendering, "ConfigMap", "support-llama")["data"]["sidecar.yaml"],
        "secrets/admin/token": TOKEN,
        "secrets/tenants/tenant.key": "t" * 32,
        "keys/0/list": "alpha\nbeta\n",
    }.items():
        file = tmp_path / "etc" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        # Nothing of a test listens off loopback.
        file.write_text(_moved(text, moved).replace("listen: :", "listen: 127.0.0.1:"))
    found = Pod(spec, moved, data, admin)
    processes = []
    try:
        for place, name in (("initContainers", "sidecar"), ("containers", "engine")):
            container = named(spec[place], name)
            command = found.here([*container["command"], *container["args"]])
            processes.append(
                subprocess.Popen(
                    _program(command), env={**os.environ, "HOME": str(tmp_path)}, cwd=Path.cwd()
                )
            )
        yield found
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=60)


def _probe(pod: Pod, port: int, container: dict[str, Any], name: str) -> bool:
    probe = container[name]
    if "exec" in probe:
        return pod.run(probe["exec"]["command"]) == 0
    try:
        return pod.ask(port, "GET", probe["httpGet"]["path"])[0] == 200
    except OSError:
        return False


def test_its_probes_hold_it_serves_and_it_drains(pod: Pod) -> None:
    sidecar = named(pod.spec["initContainers"], "sidecar")
    vllm = named(pod.spec["containers"], "engine")
    wait_until(lambda: _probe(pod, pod.admin, sidecar, "startupProbe"), "the sidecar is up", 120)
    wait_until(lambda: _probe(pod, 0, vllm, "startupProbe"), "the engine is up", 120)
    assert _probe(pod, 0, vllm, "livenessProbe")
    wait_until(lambda: _probe(pod, pod.admin, sidecar, "readinessProbe"), "the pod is ready", 120)

    # Serves: the second time from the cache; callers by their keys; tenants apart.
    until = time.monotonic() + 60
    status, headers = pod.chat()
    while "hit" not in headers["cache-status"] and time.monotonic() < until:
        status, headers = pod.chat()
    assert (status, headers["cache-status"].split(";")[1].strip()) == (200, "hit")
    assert pod.chat("beta")[1]["cache-status"].startswith("llmcache; fwd=miss")
    assert pod.chat("gamma")[0] == 401
    assert pod.ask(pod.admin, "GET", "/admin/v1/stats")[0] == 401

    # Drains: a lame duck that answers, and says goodbye.
    idle = http.client.HTTPConnection("127.0.0.1", pod.data, timeout=60)
    idle.connect()
    assert pod.run(sidecar["lifecycle"]["preStop"]["exec"]["command"]) == 0
    assert idle.sock.recv(1) == b"", "idle connections are closed"
    idle.close()
    assert not _probe(pod, pod.admin, sidecar, "readinessProbe")
    assert _probe(pod, pod.admin, sidecar, "livenessProbe")
    status, headers = pod.chat()
    assert (status, headers["connection"]) == (200, "close")
