"""kubectl, called the way a person calls it."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from . import tools
from .processes import ClusterError

Manifest = dict[str, Any]


class KubectlError(ClusterError):
    """kubectl refused; the message is the end of what it printed."""

    def __init__(self, arguments: tuple[str, ...], printed: str) -> None:
        super().__init__(f"kubectl {' '.join(arguments)}: {printed.strip()}"[-3000:])


@dataclass(frozen=True)
class Access:
    """One cluster and one namespace, and how kubectl is told of them.

    Attributes:
        namespace: empty = that which each manifest says, else `default`.
    """

    kubeconfig: Path
    namespace: str = ""

    def within(self, namespace: str) -> Self:
        """The same in another namespace."""
        return replace(self, namespace=namespace)

    def command(self, *arguments: str) -> list[str]:
        """A command line; it wants `environment`."""
        namespace = ("--namespace", self.namespace) if self.namespace else ()
        return [str(tools.kubectl()), *namespace, *arguments]

    @property
    def environment(self) -> dict[str, str]:
        """Ours, with the cluster."""
        return {**os.environ, "KUBECONFIG": str(self.kubeconfig)}


class Kubectl(Access):
    """kubectl, waited for (the end-to-end tests have one that is awaited)."""

    def run(
        self, *arguments: str, stdin: str | None = None, seconds: float = 300
    ) -> subprocess.CompletedProcess[str]:
        """What it printed, with its warnings; `KubectlError` when it refused."""
        done = subprocess.run(
            self.command(*arguments),
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
            env=self.environment,
        )
        if done.returncode:
            raise KubectlError(arguments, f"{done.stdout}{done.stderr}")
        return done

    def __call__(self, *arguments: str, stdin: str | None = None, seconds: float = 300) -> str:
        """Its output; `KubectlError` when it refused."""
        return self.run(*arguments, stdin=stdin, seconds=seconds).stdout

    def json(self, *arguments: str) -> Any:
        """Its output with `-o json`, read."""
        return json.loads(self(*arguments, "-o", "json"))

    def apply(self, *manifests: Manifest, flags: tuple[str, ...] = ()) -> str:
        """Server-side apply of manifests; its output, with its warnings."""
        ours = ("--server-side", "--force-conflicts")
        done = self.run("apply", *ours, "-f", "-", *flags, stdin=as_list(*manifests))
        return done.stdout + done.stderr


def as_list(*manifests: Manifest) -> str:
    """One document of several, for `-f -`."""
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(manifests)})
