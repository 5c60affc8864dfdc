"""LLMCache on a cluster as a user would have it: the chart by Helm, an example by kubectl."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from tests.charts.helm import CHART, Helm

from . import images
from .kubectl import Kubectl

ROOT: Final = Path(__file__).resolve().parents[2]
SYSTEM: Final = "llmcache-system"
NAMESPACE: Final = "default"
SIMULATED_MODEL: Final = "/models/sim"


@dataclass(frozen=True)
class Images:
    """What the cluster's nodes run."""

    operator: str = images.OPERATOR.name
    sidecar: str = images.SIDECAR.name
    engine: str = images.ENGINE.name
    redis: str = images.REDIS.name
    qdrant: str = images.QDRANT.name

    def environment(self) -> dict[str, str]:
        """For the end-to-end tests (tests/e2e/settings.py)."""
        return {f"LLMCACHE_E2E_{name.upper()}_IMAGE": image for name, image in vars(self).items()}

    def values(self, pull_policy: str = "IfNotPresent") -> dict[str, Any]:
        """Of the chart."""
        repository, _, tag = self.operator.rpartition(":")
        return {
            "image": {"repository": repository, "tag": tag, "pullPolicy": pull_policy},
            "images": {k: v for k, v in vars(self).items() if k != "operator"},
        }


def install_chart(helm: Helm, values: Mapping[str, Any]) -> None:
    """helm upgrade --install, until the operator is ready; `HelmError` when it does not become so."""
    helm.run(
        "upgrade", "--install", "llmcache", str(CHART), "--namespace", helm.namespace,
        "--create-namespace", "--wait", "--timeout", "5m", values=values, seconds=400,
    )  # fmt: skip


def faq_bot() -> dict[str, Any]:
    """examples/faq-bot.yaml for a machine without GPUs and without a hub: a simulated engine, whose
    weights nobody downloads, and the embedding model that is in the image."""
    manifest: dict[str, Any] = yaml.safe_load((ROOT / "examples" / "faq-bot.yaml").read_text())
    spec = manifest["spec"]
    engine = spec["models"][0]["engine"]
    for field in ("weights", "huggingFaceToken"):
        engine.pop(field, None)
    engine["model"] = SIMULATED_MODEL
    engine["servedNames"] = ["llama"]
    engine["resources"] = {"requests": {"cpu": "50m", "memory": "64Mi"}}
    engine["env"] = [
        {"name": "LLMCACHE_SIMULATOR_TTFT_MS", "value": "60"},
        {"name": "LLMCACHE_SIMULATOR_ITL_MS", "value": "8"},
    ]
    spec["responseCache"]["semantic"]["embedding"] = {"source": "Bundled"}
    spec["sidecar"] = {"resources": {"requests": {"cpu": "50m", "memory": "256Mi"}}}
    spec["stores"] = {
        "redis": {"managed": {"memory": "128Mi"}},
        "vectors": {
            "qdrant": {
                "managed": {
                    "storage": "1Gi",
                    "resources": {"requests": {"cpu": "25m", "memory": "128Mi"}},
                }
            }
        },
    }
    spec["auth"] = {"mode": "None"}
    return manifest


def apply_faq_bot(kubeconfig: Path) -> None:
    """Apply it, and wait until it is Ready."""
    kubectl = Kubectl(kubeconfig, NAMESPACE)
    kubectl.apply(faq_bot())
    kubectl("wait", "llmc/faq", "--for=condition=Ready", "--timeout=240s", seconds=260)
