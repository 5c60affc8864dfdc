"""Processes on a node, from outside of their pod: a container can't SIGKILL its own first process."""

from __future__ import annotations

import asyncio
import os
import shlex
from dataclasses import dataclass

from tests.cluster.kubectl import Manifest

_FIND_AND_KILL = """
for folder in /proc/[0-9]*; do
  if grep -qs {container} $folder/cgroup; then echo ${{folder#/proc/}}; fi
done | sort -n | head -n 1 | xargs -r kill -9
"""


@dataclass(frozen=True)
class NodeShell:
    """How a command is run on a node.

    Attributes:
        prefix: such as `docker exec {node}`; `env` where the node is this machine.
    """

    prefix: str

    @classmethod
    def from_environment(cls) -> NodeShell | None:
        """By LLMCACHE_E2E_NODE_SHELL; None where it is not set."""
        prefix = os.environ.get("LLMCACHE_E2E_NODE_SHELL")
        return cls(prefix) if prefix else None

    async def kill(self, pod: Manifest, container: str) -> None:
        """SIGKILL the first process of a container."""
        statuses = (
            pod["status"].get("initContainerStatuses", []) + pod["status"]["containerStatuses"]
        )
        [found] = [status for status in statuses if status["name"] == container]
        identity = found["containerID"].rpartition("/")[2]
        prefix = shlex.split(self.prefix.format(node=pod["spec"]["nodeName"]))
        process = await asyncio.create_subprocess_exec(
            *prefix, "sh", "-c", _FIND_AND_KILL.format(container=identity),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        output, _ = await process.communicate()
        assert process.returncode == 0, output.decode()
