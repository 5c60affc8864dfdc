"""What examples/ holds, and the workloads that each of them stands for."""

from __future__ import annotations

from typing import Final

import yaml

from tests.charts.helm import ROOT, Manifest

FILES = sorted((ROOT / "examples").glob("*.yaml"))

WORKLOADS: Final = {
    "air-gapped": {
        "deployments/internal-llama",
        "statefulsets/internal-redis",
        "statefulsets/internal-qdrant",
    },
    "classification": {"deployments/labels-small", "statefulsets/labels-redis"},
    "existing-vllm": {
        "deployments/front-vllm",
        "statefulsets/front-redis",
        "statefulsets/front-qdrant",
    },
    "external-redis-qdrant": {"deployments/support-llama"},
    "faq-bot": {
        "deployments/faq-llama",
        "statefulsets/faq-redis",
        "statefulsets/faq-qdrant",
        "persistentvolumeclaims/faq-llama-weights",
    },
    "multi-tenant": {
        "deployments/shared-llama",
        "statefulsets/shared-redis",
        "statefulsets/shared-qdrant",
    },
    "pgvector": {"deployments/search-mistral", "statefulsets/search-redis"},
    "rag-fixed-documents": {
        "deployments/handbook-qwen",
        "statefulsets/handbook-redis",
        "statefulsets/handbook-qdrant",
    },
}
"""By the file's name: deployments, statefulsets, and claims beside those of statefulsets."""


def manifest(stem: str) -> Manifest:
    """The one resource of a file."""
    [found] = yaml.safe_load_all((ROOT / "examples" / f"{stem}.yaml").read_text())
    document: Manifest = found
    return document
