"""The image that every pod needs: one static program, put into an archive by hand."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any, Final

from tests.engine.install import cache_folder

from .building import go_build
from .containers import PAUSE_IMAGE

_MODULE: Final = Path(__file__).resolve().with_name("pause")


def pause_archive() -> Path:
    """The image as an archive that containerd imports."""
    digest = hashlib.sha256((_MODULE / "main.go").read_bytes()).hexdigest()[:16]
    folder = cache_folder() / "pause" / digest
    archive = folder / "pause.tar"
    if not archive.exists():
        program = go_build(_MODULE, folder / "pause", "building pause", ("-ldflags", "-s -w"))
        unfinished = archive.with_suffix(".new")
        unfinished.write_bytes(_docker_archive(program.read_bytes()))
        unfinished.rename(archive)
    return archive


def _docker_archive(program: bytes) -> bytes:
    layer = _tar({"pause": program}, mode=0o755)
    config = _json(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Entrypoint": ["/pause"], "User": "65535:65535"},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{_digest(layer)}"]},
        }
    )
    name = f"{_digest(config)}.json"
    manifest = _json([{"Config": name, "RepoTags": [PAUSE_IMAGE], "Layers": ["layer.tar"]}])
    return _tar({name: config, "layer.tar": layer, "manifest.json": manifest})


def _tar(files: dict[str, bytes], mode: int = 0o644) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), mode
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def _json(document: Any) -> bytes:
    return json.dumps(document).encode()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
