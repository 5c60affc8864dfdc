"""Mocked GPUs: a node says that it has some, and the scheduler keeps account of them for real."""

from __future__ import annotations

import json
from typing import Final

from .kubectl import Kubectl

GPU: Final = "nvidia.com/gpu"


def saying(node: str, count: int) -> tuple[str, ...]:
    """Arguments of the kubectl that lets a node say how many it has."""
    changes = [
        {"op": "add", "path": f"/status/{part}/{GPU.replace('/', '~1')}", "value": str(count)}
        for part in ("capacity", "allocatable")
    ]
    patch = json.dumps(changes)
    return ("patch", "node", node, "--subresource=status", "--type=json", "--patch", patch)


def mock_gpus(kubectl: Kubectl, count: int) -> None:
    """Let the first node say that it has GPUs, with the labels that NVIDIA's operator gives it."""
    name = kubectl.json("get", "nodes")["items"][0]["metadata"]["name"]
    kubectl(*saying(name, count))
    kubectl(
        "label", "node", name, "--overwrite", f"{GPU}.present=true",
        f"{GPU}.product=NVIDIA-H100-80GB-HBM3", f"{GPU}.count={count}",
    )  # fmt: skip
