"""What vLLM is told, and what it is known to refuse."""

from __future__ import annotations

from typing import Any

import pytest

from llmcache_operator.rendering import Facts, render
from llmcache_operator.rendering.engine.checks import owned
from llmcache_operator.rendering.engine.known import command_line
from llmcache_operator.rendering.engine.versions import version_of

from .caches import FACTS, cache, engine, named, one, pod_of, rendered


def arguments(**fields: Any) -> list[str]:
    pod = pod_of(one(rendered(engine(**fields)), "Deployment", "support-llama"))
    found: list[str] = named(pod["containers"], "engine")["args"]
    return found


def behind(given: list[str], flag: str) -> str:
    return given[given.index(flag) + 1]


def reasons(**fields: Any) -> list[str]:
    return [problem.reason for problem in rendered(engine(**fields)).problems]


@pytest.mark.parametrize(
    ("fields", "flag", "value"),
    [
        ({"maxModelLen": 8192}, "--max-model-len", "8192"),
        ({"dtype": "bfloat16"}, "--dtype", "bfloat16"),
        ({"quantization": "fp8"}, "--quantization", "fp8"),
        ({"gpu": {"count": 4}}, "--tensor-parallel-size", "4"),
        ({"gpuMemoryPercent": 85}, "--gpu-memory-utilization", "0.85"),
        ({"revision": "abc"}, "--revision", "abc"),
        ({"servedNames": ["llama", "chat"]}, "--served-model-name", "llama"),
        ({"prefixCaching": {"hashAlgorithm": "xxhash"}}, "--prefix-caching-hash-algo", "xxhash"),
        ({"prefixCaching": {"cpuOffload": {"sizeGi": 8}}}, "--kv-offloading-size", "8"),
        ({"prefixCaching": {"cpuOffload": {"sizeGi": 8}}}, "--kv-offloading-backend", "native"),
        ({"toolCallParser": "hermes"}, "--tool-call-parser", "hermes"),
        ({"reasoningParser": "qwen3"}, "--reasoning-parser", "qwen3"),
        ({"drainSeconds": 7}, "--shutdown-timeout", "7"),
        (
            {"defaultTemperature": 0.3},
            "--override-generation-config",
            '{"temperature":0.3}',
        ),
        (
            {"lora": {"adapters": [{"name": "a", "path": "org/a"}], "maxRank": 32}},
            "--lora-modules",
            "a=org/a",
        ),
        (
            {"chatTemplate": {"name": "templates", "key": "chat.jinja"}},
            "--chat-template",
            "/etc/vllm/chat-template/chat.jinja",
        ),
    ],
)
def test_a_field_becomes_its_flag(fields: dict[str, Any], flag: str, value: str) -> None:
    assert behind(arguments(**fields), flag) == value
    assert flag not in arguments() or behind(arguments(), flag) != value


def test_prefix_caching_is_on_and_can_be_switched_off() -> None:
    assert "--enable-prefix-caching" in arguments()
    off = arguments(prefixCaching={"mode": "Off"})
    assert "--no-enable-prefix-caching" in off
    assert "--enable-prefix-caching" not in off
    assert "--prefix-caching-hash-algo" not in off


def test_events_stay_on_loopback() -> None:
    events = arguments(prefixCaching={"events": {"mode": "On", "port": 5600}})
    assert '"endpoint":"tcp://127.0.0.1:5600"' in behind(events, "--kv-events-config")
    assert "--kv-events-config" not in arguments(prefixCaching={"events": {"mode": "Off"}})


@pytest.mark.parametrize("image", ["vllm/vllm-openai:v0.32.0", "vllm/vllm-openai:v0.33.0"])
def test_every_flag_that_is_rendered_is_known_to_the_versions_that_were_read(image: str) -> None:
    everything = engine(
        image=image,
        revision="abc",
        gpu={"count": 2},
        maxModelLen=4096,
        dtype="auto",
        quantization="awq",
        gpuMemoryPercent=90,
        lora={"adapters": [{"name": "a", "path": "org/a"}], "maxRank": 8},
        toolCallParser="hermes",
        reasoningParser="deepseek_r1",
        chatTemplate={"name": "t", "key": "k"},
        defaultTemperature=0.1,
        prefixCaching={"cpuOffload": {"sizeGi": 1}, "events": {"mode": "On"}},
    )
    assert not rendered(everything).problems
    everything["models"][0]["engine"]["prefixCaching"]["mode"] = "Off"
    assert not rendered(everything).problems


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"image": "vllm/vllm-openai:v0.9.2"}, "EngineVersionUnsupported"),
        ({"extraArgs": ["--max-num-sequences=3"]}, "EngineFlagUnknown"),
        ({"extraArgs": ["--kv-cache-dtype", "fp7"], "image": "v:v0.32.0"}, "EngineValueUnknown"),
        ({"toolCallParser": "nobody"}, "EngineValueUnknown"),
        ({"reasoningParser": "nobody"}, "EngineValueUnknown"),
        ({"quantization": "nobody"}, "EngineValueUnknown"),
        ({"extraArgs": ["--kv-events-config.endpoint=tcp://*:5557"]}, "EngineFlagOwned"),
        ({"env": [{"name": "VLLM_HOST_IP", "value": "0.0.0.0"}]}, "EngineVariableOwned"),
        ({"env": [{"name": "HF_TOKEN", "value": "hf"}]}, "EngineVariableOwned"),
    ],
)
def test_what_would_crash_is_said_instead(fields: dict[str, Any], reason: str) -> None:
    rendering = rendered(engine(**fields))
    assert [problem.reason for problem in rendering.problems] == [reason]
    assert [workload.name for workload in rendering.untouched] == ["llama"]
    assert not any(item["metadata"]["name"] == "support-llama" for item in rendering.objects)


def test_a_version_that_was_not_read_is_believed() -> None:
    assert not reasons(image="mirror/vllm@sha256:0", toolCallParser="mine", extraArgs=["--mine"])
    assert not reasons(image="vllm/vllm-openai:v0.99.1", toolCallParser="mine")


def test_a_plugin_may_bring_a_parser() -> None:
    plugin = ["--tool-parser-plugin=/plugins/mine.py"]
    assert not reasons(toolCallParser="mine", extraArgs=plugin)


@pytest.mark.parametrize(
    "argument",
    ["--host=0.0.0.0", "--hos", "--max_model_len=3", "-tp", "--kv-events-config.endpoint=x",
     "--disable-prefix-caching", "--grpc"],
)  # fmt: skip
def test_flags_that_a_field_sets_are_refused_however_they_are_written(argument: str) -> None:
    assert owned(argument)


@pytest.mark.parametrize(
    "argument", ["--max-num-seqs=64", "--tokenizer", "--chat-template-content-format", "8", "-1"]
)
def test_other_flags_are_left_to_people(argument: str) -> None:
    assert not owned(argument)


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("vllm/vllm-openai:v0.33.0", (33, 0)),
        ("registry:5000/vllm:0.32.1-cu129", (32, 1)),
        ("vllm:v0.33", (33, 0)),
        ("vllm:v0.33.0@sha256:0123", (33, 0)),
        ("vllm:latest", None),
        ("vllm@sha256:0123", None),
        ("registry:5000/vllm", None),
    ],
)
def test_a_tag_tells_the_version(image: str, version: tuple[int, int] | None) -> None:
    assert version_of(image) == version


def test_both_versions_have_been_read() -> None:
    for minor in (32, 33):
        known = command_line(minor)
        assert known is not None
        assert known.version == f"0.{minor}.0"
        assert known.knows("--shutdown-timeout")
    assert command_line(1) is None


def test_image_volumes_need_a_cluster_that_has_them() -> None:
    spec = engine(weights={"image": {"reference": "registry/model:1"}})
    old = render(cache(spec), {}, Facts("llmcache-system", kubernetes_minor=31))
    assert [problem.reason for problem in old.problems] == ["WeightsImageUnsupported"]
    assert not render(cache(spec), {}, FACTS).problems


def test_an_adapter_on_the_volume_is_a_folder_of_it() -> None:
    adapters = [{"name": "a", "path": "/adapters/a"}, {"name": "b", "path": "org/b"}]
    found = arguments(lora={"adapters": adapters})
    place = found.index("--lora-modules")
    assert found[place + 1 : place + 3] == ["a=/weights/adapters/a", "b=org/b"]
    assert behind(found, "--max-loras") == "2"
