"""Helm, run on the chart of this checkout."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.cluster.tools import helm as helm_program

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "charts" / "llmcache"

Manifest = dict[str, Any]
Values = Mapping[str, Any]


class HelmError(Exception):
    """Helm refused; the message is what it printed."""


@dataclass(frozen=True)
class Helm:
    """The program, and which cluster it speaks to.

    Attributes:
        kubeconfig: unset = commands that need no cluster.
        namespace: of the release.
    """

    kubeconfig: Path | None = None
    namespace: str = "llmcache-system"
    program: Path = field(default_factory=helm_program)

    def run(self, *arguments: str, values: Values | None = None, seconds: float = 300.0) -> str:
        """What it printed; `HelmError` when it refused."""
        command = [str(self.program), *arguments]
        if values is not None:
            command += ["--values", "-"]
        environment = {**os.environ, "HELM_NO_PLUGINS": "1"}
        if self.kubeconfig is not None:
            environment["KUBECONFIG"] = str(self.kubeconfig)
        done = subprocess.run(
            command,
            input=None if values is None else json.dumps(values),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            env=environment,
        )
        if done.returncode:
            raise HelmError(done.stderr.strip() or done.stdout.strip())
        return done.stdout

    def template(self, values: Values | None = None, *more: str) -> list[Manifest]:
        """What the chart renders with these values."""
        text = self.run(
            "template", "llmcache", str(CHART), "--namespace", self.namespace, *more,
            values=values or {},
        )  # fmt: skip
        return [document for document in yaml.safe_load_all(text) if document]

    def lint(self, values: Values | None = None) -> str:
        """What lint says."""
        return self.run("lint", "--strict", str(CHART), values=values or {})


def of_kind(manifests: list[Manifest], kind: str) -> list[Manifest]:
    """Those of one kind."""
    return [manifest for manifest in manifests if manifest["kind"] == kind]
