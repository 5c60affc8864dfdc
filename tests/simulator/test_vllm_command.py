"""The simulator behind vLLM's command line."""

from __future__ import annotations

import pytest

from tests.simulator.vllm_command import config


def test_what_a_client_can_notice_is_acted_on() -> None:
    made = config(
        [
            "serve", "org/model", "--host", "127.0.0.1", "--port", "8000",
            "--served-model-name", "llama", "--max-model-len", "512", "--shutdown-timeout", "60",
            "--override-generation-config", '{"temperature":0.5}', "--enable-prompt-tokens-details",
            "--prefix-caching-hash-algo", "sha256", "--enable-prefix-caching",
        ],
        {"LLMCACHE_SIMULATOR_TTFT_MS": "30", "HOME": "/"},
    )  # fmt: skip
    assert (made.model, made.host, made.port) == ("llama", "127.0.0.1", 8000)
    assert (made.max_model_len, made.default_temperature) == (512, 0.5)
    assert (made.shutdown_timeout_s, made.ttft_ms) == (60.0, 30.0)
    assert made.prompt_tokens_details


def test_prompt_token_details_are_off_unless_asked_for() -> None:
    assert not config(["serve", "m"], {}).prompt_tokens_details


def test_a_flag_that_vllm_does_not_have_ends_it() -> None:
    with pytest.raises(SystemExit):
        config(["serve", "m", "--no-such-flag"], {})


def test_switching_prefix_caching_off_leaves_no_blocks() -> None:
    assert config(["serve", "m", "--no-enable-prefix-caching"], {}).kv_blocks == 0
