"""`llmcache download-weights`, as the init container runs it: its own process, a hub beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .hub import COMMIT, Hub, running

pytestmark = pytest.mark.process

FILES = {
    "config.json": b'{"architectures": ["Llama"]}',
    "model.safetensors": b"w" * 4096,
    "pytorch_model.bin": b"b" * 4096,
    "original/consolidated.pth": b"c" * 4096,
}


@pytest.fixture
def hub() -> Iterator[Hub]:
    with running() as started:
        started.models["org/llama"] = dict(FILES)
        yield started


def start(hub: Hub, cache: Path, *more: str) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "HF_ENDPOINT": hub.url,
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_XET": "1",
        "HOME": str(cache.parent),
    }
    for name in ("HF_TOKEN", "HF_HUB_OFFLINE"):
        environment.pop(name, None)
    return subprocess.Popen(
        [sys.executable, "-m", "llmcache_sidecar.tools.cli", "download-weights", "org/llama",
         "--cache", str(cache), *more],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def download(hub: Hub, cache: Path, *more: str) -> tuple[int, str]:
    process = start(hub, cache, *more)
    _, errors = process.communicate(timeout=120)
    return process.returncode, errors


def snapshot(cache: Path) -> dict[str, bytes]:
    folder = cache / "models--org--llama" / "snapshots" / COMMIT
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_safetensors_come_and_the_same_weights_in_other_formats_do_not(
    hub: Hub, tmp_path: Path
) -> None:
    progress = tmp_path / "progress.json"
    code, told = download(hub, tmp_path / "hub", "--progress-file", str(progress))
    assert code == 0, told
    assert snapshot(tmp_path / "hub") == {
        name: FILES[name] for name in ("config.json", "model.safetensors")
    }
    assert "org/llama@main: complete" in told
    assert json.loads(progress.read_text()) == {"done": True}


def test_what_is_complete_is_never_asked_for_again(hub: Hub, tmp_path: Path) -> None:
    assert download(hub, tmp_path / "hub")[0] == 0
    hub.asked.clear()
    hub.models.clear()
    code, told = download(hub, tmp_path / "hub")
    assert (code, hub.asked) == (0, [])
    assert "there already" in told


def test_several_pods_on_one_volume_download_once(hub: Hub, tmp_path: Path) -> None:
    processes = [start(hub, tmp_path / "hub") for _ in range(3)]
    for process in processes:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    assert sum(path.endswith("/model.safetensors") for path in hub.asked) <= 2  # HEAD and GET
    assert snapshot(tmp_path / "hub")["model.safetensors"] == FILES["model.safetensors"]


def test_a_model_without_safetensors_comes_as_it_is(hub: Hub, tmp_path: Path) -> None:
    hub.models["org/llama"] = {"config.json": b"{}", "pytorch_model.bin": b"b" * 10}
    assert download(hub, tmp_path / "hub")[0] == 0
    assert set(snapshot(tmp_path / "hub")) == {"config.json", "pytorch_model.bin"}


def test_adapters_come_too(hub: Hub, tmp_path: Path) -> None:
    hub.models["org/tone"] = {"adapter_config.json": b"{}"}
    assert download(hub, tmp_path / "hub", "--also", "org/tone")[0] == 0
    assert (tmp_path / "hub" / "models--org--tone" / "snapshots" / COMMIT).is_dir()


def test_a_token_opens_what_is_closed_and_is_never_shown(hub: Hub, tmp_path: Path) -> None:
    hub.token = "hf_hidden"
    code, told = download(hub, tmp_path / "hub")
    assert code == 1
    assert "the hub said 401: the token was refused" in told
    assert "Traceback" not in told
    token = tmp_path / "token"
    token.write_text("hf_hidden\n")
    code, told = download(hub, tmp_path / "hub", "--token-file", str(token))
    assert code == 0
    assert "hf_hidden" not in told
    code, told = download(hub, tmp_path / "hub", "--token-file", str(tmp_path / "missing"))
    assert (code, "can't read the token" in told) == (1, True)


def test_a_model_that_is_not_there_is_said(hub: Hub, tmp_path: Path) -> None:
    hub.models.clear()
    code, told = download(hub, tmp_path / "hub")
    assert code == 1
    assert "there is no such model, or it needs a token" in told


def test_a_hub_that_can_not_be_reached_is_said(hub: Hub, tmp_path: Path) -> None:
    hub.url = "http://127.0.0.1:9"
    code, told = download(hub, tmp_path / "hub")
    assert code == 1
    assert "HF_ENDPOINT" in told
    assert "Traceback" not in told


@pytest.mark.parametrize("content", [b"", b"hf_hid den", b"hf_hid\nden", b"\xff\xfehf_hid"])
def test_a_token_that_can_not_be_sent_is_said_and_not_shown(
    content: bytes, hub: Hub, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_bytes(content)
    code, told = download(hub, tmp_path / "hub", "--token-file", str(token))
    assert code == 1
    assert "holds no token" in told
    assert "hf_hid" not in told
    assert "Traceback" not in told


def test_a_name_that_can_not_be_one_is_said(hub: Hub, tmp_path: Path) -> None:
    code, told = download(hub, tmp_path / "hub", "--also", "a/b/c")
    assert code == 1
    assert "'a/b/c' is no name of a model" in told
    assert "Traceback" not in told


@pytest.mark.parametrize("every", ["0", "-1", "nan", "often"])
def test_progress_is_told_at_a_pace_that_can_be_read(every: str, hub: Hub, tmp_path: Path) -> None:
    code, told = download(hub, tmp_path / "hub", "--every", every)
    assert code == 2
    assert "takes seconds from 0.1" in told
