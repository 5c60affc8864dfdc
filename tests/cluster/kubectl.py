"""kubectl, called the way a person calls it."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import tools
from .processes import ClusterError


@dataclass(frozen=True)
class Kubectl:
    """kubectl for one cluster and one namespace."""

    kubeconfig: Path
    namespace: str = "default"

    def __call__(self, *arguments: str, stdin: str | None = None, timeout: float = 300) -> str:
        """Its output; a ClusterError holds what it complained about."""
        run = subprocess.run(
            [str(tools.kubectl()), "--namespace", self.namespace, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
            env={**os.environ, "KUBECONFIG": str(self.kubeconfig)},
        )
        if run.returncode:
            raise ClusterError(f"kubectl {' '.join(arguments)}: {run.stdout}{run.stderr}"[-3000:])
        return run.stdout

    def json(self, *arguments: str) -> Any:
        """Its output with `-o json`, read."""
        return json.loads(self(*arguments, "-o", "json"))

    def apply(self, *manifests: dict[str, Any]) -> None:
        """Server-side apply of manifests."""
        items = {"apiVersion": "v1", "kind": "List", "items": list(manifests)}
        self("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=json.dumps(items))
