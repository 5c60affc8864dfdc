"""What the operator renders for vLLM, read by vLLM's own parser."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from llmcache_operator.rendering.engine import known
from tests.engine import install
from tests.operator.rendering.caches import engine, named, one, pod_of, rendered

pytestmark = pytest.mark.vllm

SCRIPT = Path(__file__).with_name("command_line.py")


def vllm(*arguments: str, given: list[str] | None = None) -> dict[str, Any]:
    """Run the script with the interpreter that has vLLM."""
    process = subprocess.run(
        [str(install.venv_python()), str(SCRIPT), *arguments],
        input=json.dumps(given),
        env={**os.environ, "VLLM_NO_USAGE_STATS": "1"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert process.returncode == 0, process.stderr[-2000:]
    found: dict[str, Any] = json.loads(process.stdout)
    return found


def test_vllm_understands_every_flag_as_it_is_meant() -> None:
    spec = engine(
        image=f"vllm/vllm-openai:v{install.VLLM_VERSION}",
        revision="abc",
        servedNames=["llama", "chat"],
        gpu={"count": 2},
        maxModelLen=4096,
        quantization="awq",
        gpuMemoryPercent=90,
        lora={"adapters": [{"name": "a", "path": "org/a"}, {"name": "b", "path": "/b"}]},
        toolCallParser="hermes",
        reasoningParser="deepseek_r1",
        chatTemplate={"name": "templates", "key": "chat.jinja"},
        defaultTemperature=0.1,
        prefixCaching={"cpuOffload": {"sizeGi": 1}, "events": {"mode": "On"}},
        extraArgs=["--max-num-seqs=64"],
    )
    pod = pod_of(one(rendered(spec), "Deployment", "support-llama"))
    told = vllm("--parse", given=named(pod["containers"], "engine")["args"])
    expected = {
        "host": "127.0.0.1",
        "port": "8000",
        "served_model_name": "['llama', 'chat']",
        "revision": "abc",
        "tensor_parallel_size": "2",
        "max_model_len": "4096",
        "gpu_memory_utilization": "0.9",
        "enable_prefix_caching": "True",
        "prefix_caching_hash_algo": "sha256",
        "enable_prompt_tokens_details": "True",
        "kv_offloading_size": "1.0",
        "override_generation_config": "{'temperature': 0.1}",
        "shutdown_timeout": "60",
        "scheduling_policy": "priority",
        "tool_call_parser": "hermes",
        "max_num_seqs": "64",
    }
    assert {name: told[name] for name in expected} == expected
    assert "tcp://127.0.0.1:5557" in told["kv_events_config"]
    assert "path='/weights/b'" in told["lora_modules"]


def test_the_list_of_flags_is_what_vllm_says() -> None:
    committed = Path(known.__file__).parent / "command_lines" / "0.32.json"
    assert vllm() == json.loads(committed.read_text("utf-8"))
