"""What a few resources become, as files to read: `python -m tests.operator.rendering.golden [--check]`.

A renderer that has been released never changes its file: that is how an upgrade rolls no pod.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import yaml

from llmcache_operator.domain import LLMCache
from llmcache_operator.rendering import RENDERERS, Facts, RendererId, render

from .caches import FACTS, SHORTEST, cache

FOLDER: Final = Path(__file__).parent / "golden"

_EXPORTER: Final = {
    "name": "exporter",
    "image": "dcgm-exporter:4",
    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
}

FULL: Final[dict[str, Any]] = {
    "models": [
        {
            "name": "llama",
            "engine": {
                "model": "meta-llama/Meta-Llama-3-8B-Instruct",
                "revision": "5f0b02c",
                "servedNames": ["llama"],
                "replicas": 2,
                "gpu": {"count": 2},
                "prefixCaching": {
                    "isolation": "Tenant",
                    "cpuOffload": {"sizeGi": 16},
                    "events": {"mode": "On"},
                },
                "maxModelLen": 8192,
                "defaultTemperature": 0.3,
                "toolCallParser": "llama3_json",
                "chatTemplate": {"name": "templates", "key": "llama.jinja"},
                "lora": {"adapters": [{"name": "tone", "path": "acme/tone"}]},
                "extraArgs": ["--max-num-seqs=64"],
                "env": [{"name": "VLLM_API_KEY", "secretKey": {"name": "engine", "key": "key"}}],
                "resources": {"requests": {"cpu": "8", "memory": "32Gi"}},
                "weights": {"claim": {"storage": "60Gi", "accessMode": "ReadWriteMany"}},
                "huggingFaceToken": {"name": "hugging-face", "key": "token"},
                "scheduling": {"nodeSelector": {"nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3"}},
                "podTemplate": {
                    "metadata": {"annotations": {"team": "support"}},
                    "spec": {"containers": [_EXPORTER]},
                },
            },
        },
        {
            "name": "existing",
            "endpoint": {
                "url": "https://vllm.other-team:8443",
                "revision": "v3",
                "credentials": {"name": "other-team", "key": "key"},
                "ca": {"name": "other-team", "key": "ca.crt"},
                "replicas": 2,
            },
        },
    ],
    "responseCache": {
        "exact": {"ttl": "24h"},
        "semantic": {"threshold": 0.92, "embedding": {"source": "Bundled"}},
        "policy": {"maxTemperature": 0.5},
    },
    "auth": {"mode": "Keys", "keysFrom": [{"name": "team-a"}, {"name": "team-b", "key": "keys"}]},
    "stores": {
        "redis": {"managed": {"memory": "4Gi", "storage": "20Gi"}},
        "encryption": {"keys": [{"name": "at-rest", "key": "2026"}]},
    },
    "images": {"pullSecrets": ["registry"]},
    "network": {"clients": [{"namespace": "web"}]},
    "monitoring": {"from": [{"namespace": "monitoring"}], "podMonitor": True},
}

_MONITORED: Final = Facts(
    operator_namespace="llmcache-system", kubernetes_minor=34, pod_monitor=True
)


def pages() -> dict[str, str]:
    """Every file by its name."""
    found = {}
    for renderer in RENDERERS:
        found[f"shortest.{renderer}.yaml"] = _page(cache(SHORTEST), FACTS, renderer)
        found[f"full.{renderer}.yaml"] = _page(cache(FULL), _MONITORED, renderer)
    return found


def _page(of: LLMCache, facts: Facts, renderer: RendererId) -> str:
    pins = dict.fromkeys([*(model.name for model in of.spec.models), "redis", "qdrant"], renderer)
    rendering = render(of, pins, facts)
    assert not rendering.problems, rendering.problems
    documents = [*(secret.manifest for secret in rendering.secrets), *rendering.objects]
    return yaml.dump_all(documents, Dumper=_Dumper, sort_keys=False, width=100)


class _Dumper(yaml.SafeDumper):
    """Text of several lines as a block, and no references."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def main(arguments: list[str]) -> int:
    """Write or compare; the exit code."""
    wrong = []
    for name, page in pages().items():
        path = FOLDER / name
        if "--check" not in arguments:
            FOLDER.mkdir(exist_ok=True)
            path.write_text(page, "utf-8")
        elif not path.exists() or path.read_text("utf-8") != page:
            wrong.append(name)
    if wrong:
        sys.stderr.write(
            f"{', '.join(wrong)}: not what is rendered. If the renderer is not released yet, run "
            "python -m tests.operator.rendering.golden; otherwise it needs another renderer\n"
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
